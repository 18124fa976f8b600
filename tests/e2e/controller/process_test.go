// SPDX-License-Identifier: Apache-2.0

// Package controller runs liveroom-controller as it is shipped against a real API server. Nothing runs the pods: the tests say what a kubelet, a volume
// binder and a recorder would.
package controller

import (
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const image = "liveroom.example/recorder:1"

// start runs a controller; it ends with the test.
func start(t testing.TB, arguments ...string) *program.Process {
	t.Helper()
	return program.Start(t, image, arguments...)
}
