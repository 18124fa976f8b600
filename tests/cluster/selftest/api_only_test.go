// SPDX-License-Identifier: Apache-2.0

package selftest

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Three to four seconds on two quiet cores; ten were measured with 16
// processes waiting for them.
const apiReadyWithin = 30 * time.Second

func TestTwoAPIOnlyClustersSideBySide(t *testing.T) {
	first, second := newCluster(t), newCluster(t)
	for _, c := range []*cluster{first, second} {
		start := time.Now()
		stdout := c.run("up", "--api-only")
		if took := time.Since(start); took > apiReadyWithin {
			t.Errorf("up took %s", took)
		}
		if want := "export KUBECONFIG='" + c.dir + "/kubeconfig'\n"; stdout != want {
			t.Errorf("printed %q, not %q", stdout, want)
		}
	}
	first.kubectl("create", "configmap", "only-here")
	if got := second.kubectl("get", "configmaps", "-o", "name"); strings.Contains(got, "only-here") {
		t.Error("both are the same cluster: ", got)
	}
	before := first.status()
	first.run("up", "--api-only") // leaves it as it is
	if after := first.status(); after.HolderPID != before.HolderPID {
		t.Error("a second up made another cluster")
	}
	if _, _, err := first.try("up", "--api-only", "--with-controllers"); err == nil {
		t.Error("a cluster with other options was taken for the one wanted")
	}
	for _, c := range []*cluster{first, second} {
		processes := members(t, c.status())
		if len(processes) != 3 {
			t.Errorf("%d processes, not holder, etcd and API server", len(processes))
		}
		c.run("down")
		checkGone(t, c.dir, processes)
	}
}

func TestControllersMakeAccounts(t *testing.T) {
	c := newCluster(t)
	c.run("up", "--api-only", "--with-controllers")
	c.kubectl("create", "namespace", "rooms")
	eventually(t, "an account in a new namespace", func() bool {
		_, _, err := c.try("kubectl", "--", "get", "serviceaccount", "default", "-n", "rooms")
		return err == nil
	})
}

func TestOutageOfTheAPI(t *testing.T) {
	c := newCluster(t)
	c.run("up", "--api-only", "--audit")
	c.kubectl("create", "configmap", "kept")
	for _, how := range []string{"kill", "stop"} {
		c.run("api", how)
		if _, _, err := c.try("kubectl", "--", "get", "namespaces", "--request-timeout=5s"); err == nil {
			t.Errorf("%s: the API server answers", how)
		}
		for _, component := range c.status().Components {
			if component.Running != (component.Name == "etcd") {
				t.Errorf("%s: %+v", how, component)
			}
		}
		c.run("api", "start")
		c.kubectl("get", "configmap", "kept")
	}
	log, err := os.ReadFile(filepath.Join(c.dir, "audit.log"))
	if err != nil || !strings.Contains(string(log), `"name":"kept"`) {
		t.Errorf("audit log of %d bytes, %v", len(log), err)
	}
	if log := c.run("logs", "kube-apiserver", "--tail", "3"); strings.Count(log, "\n") != 3 {
		t.Errorf("logs: %q", log)
	}
}

func TestComponentsDieWithTheirHolder(t *testing.T) {
	c := newCluster(t)
	c.run("up", "--api-only")
	processes := members(t, c.status())
	if err := syscall.Kill(c.status().HolderPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all processes end", func() bool {
		for _, id := range processes {
			if id.Alive() {
				return false
			}
		}
		return true
	})
	if c.status().Up {
		t.Error("status says it is up")
	}
	c.run("up", "--api-only") // clears the old one away
	processes = append(processes, members(t, c.status())...)
	c.run("down")
	checkGone(t, c.dir, processes)
}

// assetsWith is a folder with a true etcd and a shell script as API server.
func assetsWith(t *testing.T, c *cluster, script string) string {
	t.Helper()
	tools := strings.TrimSpace(c.run("tools"))
	assets := t.TempDir()
	if err := os.Symlink(filepath.Join(tools, "etcd"), filepath.Join(assets, "etcd")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(assets, "kube-apiserver"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return "KUBEBUILDER_ASSETS=" + assets
}

// A component that doesn't start: the error names it and shows its last words.
func TestFailedUpSaysWhyAndCleansUp(t *testing.T) {
	c := newCluster(t)
	c.env = []string{assetsWith(t, c, "echo I can not go on >&2\nexit 7\n")}
	stdout, stderr, err := c.try("up", "--api-only")
	if err == nil || stdout != "" {
		t.Errorf("up printed %q", stdout)
	}
	for _, part := range []string{"kube-apiserver: ended with exit status 7", "I can not go on"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("%q is not in:\n%s", part, stderr)
		}
	}
	checkGone(t, c.dir, nil)
}

func TestInterruptedUpCleansUp(t *testing.T) {
	c := newCluster(t)
	c.env = []string{assetsWith(t, c, "exec sleep 600\n")}
	command := c.command(t.Context(), "up", "--api-only")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both components start", func() bool { return c.hasStarted(2) })
	processes := members(t, c.status())
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Error("up ended well")
	}
	checkGone(t, c.dir, processes)
}

func TestGivenKubeconfigIsUsed(t *testing.T) {
	c := newCluster(t)
	c.env = []string{"KUBECONFIG=/somewhere/it's"}
	if stdout := c.run("up"); stdout != "export KUBECONFIG='/somewhere/it'\\''s'\n" {
		t.Errorf("printed %q", stdout)
	}
	if c.status().Up {
		t.Error("a cluster was made")
	}
	c.run("down")
	c.run("up", "--fresh", "--api-only")
	if !c.status().Up {
		t.Error("--fresh made none")
	}
}

func TestGivenAssetsAreUsed(t *testing.T) {
	c := newCluster(t)
	tools := strings.TrimSpace(c.run("tools"))
	assets := t.TempDir()
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if err := os.Symlink(filepath.Join(tools, name), filepath.Join(assets, name)); err != nil {
			t.Fatal(err)
		}
	}
	c.env = []string{"KUBEBUILDER_ASSETS=" + assets}
	c.run("up", "--api-only")
	for _, component := range c.status().Components {
		line, err := os.ReadFile(filepath.Join("/proc", itoa(component.PID), "cmdline"))
		if err != nil || !strings.HasPrefix(string(line), assets) {
			t.Errorf("%s runs as %.80q, %v", component.Name, line, err)
		}
	}
}
