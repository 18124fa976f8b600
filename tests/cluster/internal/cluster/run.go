// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"liveroom.dev/tests/cluster/internal/layout"
)

// Exec replaces this process by a command in the cluster's network namespace.
// The file system is that of the machine. It returns only on failure.
func Exec(dir layout.Dir, command []string) error {
	state, err := loadRunning(dir)
	if err != nil {
		return err
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	if state.node() {
		// A namespace belongs to a thread; the one that calls exec decides.
		runtime.LockOSThread()
		space, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", state.Holder.PID))
		if err != nil {
			return err
		}
		if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network namespace: %w", err)
		}
	}
	return syscall.Exec(path, command, withVariable("KUBECONFIG", dir.InsideKubeconfig()))
}

// Run replaces this process by kubectl or helm for the cluster in dir, or for
// that of KUBECONFIG when there is none in dir. It returns only on failure.
func Run(dir layout.Dir, program string, args []string) error {
	state, found, err := Load(dir)
	if err != nil {
		return err
	}
	if !found && os.Getenv("KUBECONFIG") == "" {
		return fmt.Errorf("no cluster is up in %s, and KUBECONFIG is not set", dir)
	}
	if found && state.Holder.Alive() {
		os.Setenv("KUBECONFIG", dir.Kubeconfig())
		// What they keep for the next time goes with the cluster.
		keep := filepath.Join(string(dir), "run", "cache")
		for _, name := range []string{"KUBECACHEDIR", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"} {
			os.Setenv(name, filepath.Join(keep, name))
		}
	}
	return syscall.Exec(program, append([]string{program}, args...), os.Environ())
}

func withVariable(name, value string) []string {
	os.Setenv(name, value)
	return os.Environ()
}
