// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// covered are the folders in which the components have fixed places of their
// own (the kubelet's, CNI's and containerd's). They are empty inside.
var covered = []string{"/run", "/var/lib", "/var/log"}

// tunables are kernel settings of the whole machine that the kubelet insists
// on. Inside, a file with the wanted value lies over each, so that the machine
// keeps its own.
var tunables = map[string]string{
	"/proc/sys/kernel/keys/root_maxbytes": "25000000",
	"/proc/sys/kernel/keys/root_maxkeys":  "1000000",
	"/proc/sys/kernel/panic":              "10",
	"/proc/sys/kernel/panic_on_oops":      "1",
	"/proc/sys/vm/overcommit_memory":      "1",
	"/proc/sys/vm/panic_on_oom":           "0",
}

func enterMounts(options Options) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	for _, folder := range covered {
		if err := cover(folder, options.Keep); err != nil {
			return err
		}
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if err := hideTunables(filepath.Join(options.Dir, "run", "sysctl")); err != nil {
		return err
	}
	return noteSnapshotter(options.Dir)
}

// SnapshotterPath is where the holder notes what containerd can use.
func SnapshotterPath(dir string) string { return filepath.Join(dir, "run", "snapshotter") }

// noteSnapshotter tries an overlay in the cluster's folder: it can't lie on
// every file system.
func noteSnapshotter(dir string) error {
	base := filepath.Join(dir, "run", "overlay")
	for _, folder := range []string{"lower", "upper", "work", "merged"} {
		if err := os.MkdirAll(filepath.Join(base, folder), 0o755); err != nil {
			return err
		}
	}
	name := "overlayfs"
	options := fmt.Sprintf("lowerdir=%[1]s/lower,upperdir=%[1]s/upper,workdir=%[1]s/work", base)
	merged := filepath.Join(base, "merged")
	if err := unix.Mount("overlay", merged, "overlay", 0, options); err != nil {
		name = "native"
	} else if err := unix.Unmount(merged, 0); err != nil {
		return fmt.Errorf("unmount %s: %w", merged, err)
	}
	return os.WriteFile(SnapshotterPath(dir), []byte(name), 0o644)
}

// cover lays an empty file system over a folder and puts back what must stay.
func cover(folder string, keep []string) error {
	if _, err := os.Stat(folder); err != nil {
		return nil
	}
	kept := map[string]int{}
	for _, path := range below(folder, keep) {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		defer unix.Close(fd)
		kept[path] = fd
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("cover %s: %w", folder, err)
	}
	for path, fd := range kept {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", fd), path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("keep %s: %w", path, err)
		}
	}
	return nil
}

// below returns the paths that lie in folder.
func below(folder string, paths []string) []string {
	var inside []string
	for _, path := range paths {
		if strings.HasPrefix(path, folder+"/") {
			inside = append(inside, path)
		}
	}
	return inside
}

func hideTunables(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for path, value := range tunables {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		file := filepath.Join(folder, filepath.Base(path))
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := unix.Mount(file, path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("cover %s: %w", path, err)
		}
	}
	return nil
}
