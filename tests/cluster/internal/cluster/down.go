// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"liveroom.dev/tests/cluster/internal/cgroup"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
)

const downDeadline = 60 * time.Second

// Down ends the cluster in dir and returns when nothing of it is left, but for
// the entries of the folder named in keep ("logs", "volumes"). It tells
// whether there was one.
func Down(ctx context.Context, dir layout.Dir, keep []string) (found bool, err error) {
	if _, err := os.Stat(string(dir)); os.IsNotExist(err) {
		return false, nil
	}
	unlock, err := lock(dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	state, found, err := Load(dir)
	if err != nil || !found {
		return false, err
	}
	if err := unmake(ctx, dir, state, keep); err != nil {
		return true, err
	}
	_ = os.Remove(string(dir)) // only when nothing else is in it
	return true, nil
}

// unmake removes all that a cluster may have made, however far it came.
func unmake(ctx context.Context, dir layout.Dir, state State, keep []string) error {
	ctx, cancel := context.WithTimeout(ctx, downDeadline)
	defer cancel()
	// With the first process of its PID namespace everything in it ends, and
	// with the last one the namespaces, links, rules and mounts.
	state.Holder.Signal(syscall.SIGKILL)
	if err := state.Holder.WaitGone(ctx); err != nil {
		return fmt.Errorf("holder: %w", err)
	}
	if err := endRecorded(ctx, dir); err != nil {
		return err
	}
	if err := unmountBelow(dir); err != nil {
		return err
	}
	if state.CgroupRoot != "" {
		if err := cgroup.Remove(ctx, state.CgroupRoot); err != nil {
			return err
		}
	}
	return removeOwned(dir, keep)
}

// endRecorded ends components without a namespace. They die with the holder;
// this waits for it, and is for a kernel that did not do so.
func endRecorded(ctx context.Context, dir layout.Dir) error {
	files, err := filepath.Glob(holder.PIDPath(string(dir), "*"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var id proc.ID
		if json.Unmarshal(text, &id) != nil {
			continue // cut off while it was written: the process did not outlive the holder either
		}
		id.Signal(syscall.SIGKILL)
		if err := id.WaitGone(ctx); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

// unmountBelow is for mounts that came into the namespace of this command; the
// cluster's own went with it.
func unmountBelow(dir layout.Dir) error {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	slices.Reverse(lines) // the newest first
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) < 5 || !strings.HasPrefix(fields[4], string(dir)+"/") {
			continue
		}
		if err := unix.Unmount(fields[4], unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", fields[4], err)
		}
	}
	return nil
}

// removeOwned removes our entries, the state last: as long as it is there,
// another Down can finish what this one did not.
func removeOwned(dir layout.Dir, keep []string) error {
	var failed error
	for _, name := range layout.Owned {
		path := filepath.Join(string(dir), name)
		if slices.Contains(keep, name) || path == dir.State() {
			continue
		}
		failed = errors.Join(failed, os.RemoveAll(path))
	}
	if failed != nil {
		return failed
	}
	if err := os.Remove(dir.State()); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
