// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
)

var errNoNode = errors.New("this cluster has no node (it was made with --api-only)")

// containerdSocket is the path, seen from outside, of a socket that lies in
// the holder's mount namespace.
func containerdSocket(state State) string {
	return fmt.Sprintf("/proc/%d/root%s", state.Holder.PID, component.ContainerSock)
}

// LoadImage gives an image archive (OCI or docker) to the node's containerd.
func LoadImage(ctx context.Context, dir layout.Dir, path string, screen io.Writer) error {
	state, err := loadRunning(dir)
	if err != nil {
		return err
	}
	if !state.node() {
		return errNoNode
	}
	archive, err := os.Open(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	output, err := importImage(ctx, dir, state, archive)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", path, err, strings.TrimSpace(output))
	}
	if strings.TrimSpace(output) == "" {
		return fmt.Errorf("%s: no image in it has a name: write it as oci-archive:FILE:NAME:TAG", path)
	}
	fmt.Fprint(screen, output)
	return nil
}

func importImage(ctx context.Context, dir layout.Dir, state State, archive io.Reader) (output string, err error) {
	snapshotter, err := os.ReadFile(holder.SnapshotterPath(string(dir)))
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "ctr", "--address", containerdSocket(state), "--namespace", "k8s.io",
		"images", "import", "--snapshotter", string(snapshotter), "-")
	command.Stdin = archive
	text, err := command.CombinedOutput()
	return string(text), err
}
