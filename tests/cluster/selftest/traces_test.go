// SPDX-License-Identifier: Apache-2.0

package selftest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
)

// machine is what a cluster must leave as it was.
type machine struct {
	links    []string
	rules    string
	settings map[string]string
	folders  map[string][]string
}

// Places of their own that the components would use if nothing lay over them,
// and settings of the kernel that the kubelet would change.
var (
	watchedFolders = []string{
		"/run/containerd", "/run/netns", "/run/cni-addresses", "/var/lib/cni", "/var/lib/kubelet",
		"/var/lib/containerd", "/var/log/pods", "/var/log/containers", "/opt/containerd", "/opt/cni",
		"/etc/cni/net.d", "/usr/libexec/kubernetes",
	}
	watchedSettings = []string{
		"kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
		"vm/overcommit_memory", "vm/panic_on_oom", "net/ipv4/ip_forward", "net/netfilter/nf_conntrack_max",
	}
)

func lookAtMachine(t *testing.T) machine {
	t.Helper()
	found := machine{settings: map[string]string{}, folders: map[string][]string{}}
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		found.links = append(found.links, link.Name)
	}
	if rules, err := exec.Command("iptables-save").Output(); err == nil {
		found.rules = withoutComments(string(rules))
	}
	for _, name := range watchedSettings {
		value, _ := os.ReadFile(filepath.Join("/proc/sys", name))
		found.settings[name] = string(value)
	}
	for _, folder := range watchedFolders {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			found.folders[folder] = append(found.folders[folder], entry.Name())
		}
	}
	return found
}

// withoutComments drops the lines with dates, and counters of packets.
func withoutComments(rules string) string {
	var kept []string
	for _, line := range strings.Split(rules, "\n") {
		if !strings.HasPrefix(line, "#") {
			kept = append(kept, strings.Split(line, " [")[0])
		}
	}
	return strings.Join(kept, "\n")
}

func (before machine) compare(t *testing.T) {
	t.Helper()
	after := lookAtMachine(t)
	for what, pair := range map[string][2]any{
		"links": {before.links, after.links}, "iptables": {before.rules, after.rules},
		"settings": {before.settings, after.settings}, "folders": {before.folders, after.folders},
	} {
		if was, is := fmt.Sprint(pair[0]), fmt.Sprint(pair[1]); was != is {
			t.Errorf("%s: before:\n%s\nafter:\n%s", what, was, is)
		}
	}
}

// members are the processes of a cluster: those named by status, and all in
// its PID namespace.
func members(t *testing.T, found report) []proc.ID {
	t.Helper()
	pids := found.pids()
	if found.Mode == "full" {
		inside, err := proc.InNamespaceOf(found.HolderPID)
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range inside {
			pids = append(pids, pid)
		}
	}
	var all []proc.ID
	for _, pid := range pids {
		if id, err := proc.Identify(pid); err == nil {
			all = append(all, id)
		}
	}
	return all
}

// checkGone looks for anything that belongs to the folder of a cluster.
func checkGone(t *testing.T, dir string, members []proc.ID) {
	t.Helper()
	for _, id := range members {
		if id.Alive() {
			t.Errorf("process %d is still there", id.PID)
		}
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), dir) {
			t.Errorf("%s: %q", file, line)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), dir) {
		t.Error("a mount is left")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is left (%v)", err)
	}
	if groups := groupsOf(t, dir); len(groups) > 0 {
		t.Errorf("control groups are left: %v", groups)
	}
}

// groupsOf lists the control groups of the cluster in dir, and of no other
// one on this machine.
func groupsOf(t *testing.T, dir string) []string {
	t.Helper()
	folder, err := layout.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, parent := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		found, err := filepath.Glob(filepath.Join(parent, folder.CgroupPrefix()+"*"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}
