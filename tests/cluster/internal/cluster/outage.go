// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"liveroom.dev/tests/cluster/internal/api"
	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/pki"
)

// StopAPI ends the API server alone. Asked by SIGTERM it takes no connection
// any more but serves open watches for up to a minute; SIGKILL is at once.
// With wait it returns when the process is gone.
func StopAPI(ctx context.Context, dir layout.Dir, signal syscall.Signal, wait bool) error {
	const deadline = 90 * time.Second
	if _, err := loadRunning(dir); err != nil {
		return err
	}
	client := holder.Connect(string(dir))
	if err := client.Signal(ctx, component.APIServer, signal); err != nil {
		return err
	}
	if !wait {
		return nil
	}
	return waiter{dir, client}.until(ctx, component.APIServer, deadline, func(ctx context.Context) error {
		status, err := client.Component(ctx, component.APIServer)
		if err == nil && status.Running {
			err = fmt.Errorf("still running")
		}
		return err
	})
}

// StartAPI starts the API server again and returns when it is ready.
func StartAPI(ctx context.Context, dir layout.Dir) error {
	state, err := loadRunning(dir)
	if err != nil {
		return err
	}
	user, authority, err := adminOf(dir)
	if err != nil {
		return err
	}
	server, err := api.New(state.Server, authority, user)
	if err != nil {
		return err
	}
	client := holder.Connect(string(dir))
	if err := client.Restart(ctx, component.APIServer); err != nil {
		return err
	}
	return waiter{dir, client}.until(ctx, component.APIServer, apiDeadline, server.Ready)
}

// adminOf reads back the credentials that Up has written.
func adminOf(dir layout.Dir) (user pki.Pair, authority []byte, err error) {
	text, err := os.ReadFile(dir.Kubeconfig())
	if err != nil {
		return pki.Pair{}, nil, err
	}
	return pki.ReadKubeconfig(text)
}
