// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// Helm runs helm on the cluster of $KUBECONFIG and returns what it printed; an error has helm's own words.
func Helm(t testing.TB, arguments ...string) ([]byte, error) {
	t.Helper()
	command := exec.Command(Tool(t, "helm"), arguments...)
	var output, complaint bytes.Buffer
	command.Stdout, command.Stderr = &output, &complaint
	if err := command.Run(); err != nil {
		return output.Bytes(), fmt.Errorf("helm %v: %w: %s", arguments, err, complaint.String())
	}
	return output.Bytes(), nil
}

// Chart is the folder of the chart.
func Chart(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), "charts", "liveroom")
}

// InstallChart installs the chart as the release liveroom, and uninstalls it after the test. The definition of LiveRoom may be there already. Without
// hooks: on an API server alone no pod runs.
func (c *Clients) InstallChart(t testing.TB, namespace string, arguments ...string) {
	t.Helper()
	install := append([]string{"install", "liveroom", Chart(t), "--namespace", namespace, "--take-ownership", "--no-hooks"}, arguments...)
	if _, err := Helm(t, install...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := Helm(t, "uninstall", "liveroom", "--namespace", namespace, "--no-hooks"); err != nil {
			t.Error(err)
		}
	})
	c.AwaitLiveRooms(t)
}
