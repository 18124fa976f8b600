// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"os"

	"liveroom.dev/tests/cluster/internal/component"
)

// startControlPlane starts a cluster without a node.
func (u *bringUp) startControlPlane(ctx context.Context) error {
	if err := u.startAPI(ctx); err != nil {
		return err
	}
	if err := u.awaitAPI(ctx); err != nil {
		return err
	}
	if !u.state.Controllers {
		return nil
	}
	if err := u.begin(ctx, component.ControllerManager, component.ControllerManagerArgs(u.dir)); err != nil {
		return err
	}
	return u.awaitDefaultAccount(ctx)
}

// startAPI starts etcd and the API server and does not wait for the latter.
func (u *bringUp) startAPI(ctx context.Context) error {
	if err := u.begin(ctx, component.Etcd, component.EtcdArgs(u.dir)); err != nil {
		return err
	}
	if u.options.Audit {
		if err := os.WriteFile(u.dir.Config("audit-policy.yaml"), []byte(component.AuditPolicy), 0o644); err != nil {
			return err
		}
	}
	if err := u.waiter.until(ctx, component.Etcd, quickDeadline, accepts(u.dir.EtcdSocket())); err != nil {
		return err
	}
	return u.begin(ctx, component.APIServer, component.APIServerArgs(u.dir, component.API{
		Port:        u.port,
		Node:        u.state.node(),
		Controllers: u.state.Controllers,
		Audit:       u.options.Audit,
	}))
}

func (u *bringUp) awaitAPI(ctx context.Context) error {
	err := u.waiter.until(ctx, component.APIServer, apiDeadline, u.api.Ready)
	if err == nil {
		u.say("API server ready at " + u.state.Server)
	}
	return err
}

// awaitDefaultAccount waits for what a pod in the namespace default needs.
func (u *bringUp) awaitDefaultAccount(ctx context.Context) error {
	return u.waiter.until(ctx, component.ControllerManager, quickDeadline, func(ctx context.Context) error {
		return u.api.Get(ctx, "/api/v1/namespaces/default/serviceaccounts/default", nil)
	})
}
