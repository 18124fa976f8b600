// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/holder"
)

// startNodeCluster starts a cluster that runs pods. What can start at the same
// time does.
func (u *bringUp) startNodeCluster(ctx context.Context) error {
	snapshotter, err := os.ReadFile(holder.SnapshotterPath(string(u.dir)))
	if err != nil {
		return err
	}
	if err := writeNodeFiles(u.dir, u.state.CgroupRoot, string(snapshotter), u.plugins); err != nil {
		return err
	}
	if err := u.startContainerd(ctx); err != nil {
		return err
	}
	if err := u.startAPI(ctx); err != nil {
		return err
	}
	if err := u.loadPause(ctx); err != nil {
		return err
	}
	if err := u.awaitAPI(ctx); err != nil {
		return err
	}
	if err := u.startClients(ctx); err != nil {
		return err
	}
	if err := u.createObjects(ctx); err != nil {
		return err
	}
	err = u.waiter.until(ctx, component.Kubelet, nodeDeadline, func(ctx context.Context) error {
		return u.api.NodeReady(ctx, component.NodeName)
	})
	if err != nil {
		return err
	}
	return u.awaitDefaultAccount(ctx)
}

func (u *bringUp) startContainerd(ctx context.Context) error {
	path, err := exec.LookPath(component.Containerd)
	if err != nil {
		return err
	}
	return u.beginPath(ctx, component.Containerd, path, component.ContainerdArgs(u.dir))
}

func (u *bringUp) loadPause(ctx context.Context) error {
	socket := containerdSocket(u.state)
	if err := u.waiter.until(ctx, component.Containerd, quickDeadline, accepts(socket)); err != nil {
		return err
	}
	archive, err := os.Open(u.tools.Pause)
	if err != nil {
		return err
	}
	defer archive.Close()
	output, err := importImage(ctx, u.dir, u.state, archive)
	if err != nil {
		return newFailure(component.Containerd, u.dir.Log(component.Containerd),
			"the pause image can't be loaded: %v: %s", err, strings.TrimSpace(output))
	}
	return nil
}

// startClients starts everything that needs the API server.
func (u *bringUp) startClients(ctx context.Context) error {
	clients := []struct {
		name string
		args []string
	}{
		{component.Kubelet, component.KubeletArgs(u.dir)},
		{component.ControllerManager, component.ControllerManagerArgs(u.dir)},
		{component.Scheduler, component.SchedulerArgs(u.dir)},
		{component.Proxy, component.ProxyArgs(u.dir)},
	}
	for _, client := range clients {
		if err := u.begin(ctx, client.name, client.args); err != nil {
			return err
		}
	}
	return nil
}

func (u *bringUp) createObjects(ctx context.Context) error {
	objects := []component.Object{component.StorageClassObject()}
	for number := 1; number <= component.VolumeCount; number++ {
		objects = append(objects, component.VolumeObject(u.dir, number))
	}
	for _, object := range objects {
		err := u.waiter.until(ctx, component.APIServer, quickDeadline, func(ctx context.Context) error {
			return u.api.Create(ctx, object.Path, object.Body)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
