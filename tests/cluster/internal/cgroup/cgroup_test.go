// SPDX-License-Identifier: Apache-2.0

package cgroup

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	mixed := `25 30 0:22 / /proc rw,nosuid - proc proc rw
31 24 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:28 / /sys/fs/cgroup/cpuset rw,relatime shared:9 - cgroup cgroup rw,cpuset
33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
34 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
35 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
broken line
`
	want := []hierarchy{
		{"/sys/fs/cgroup/cpuset", 1, []string{"rw", "cpuset"}},
		{"/sys/fs/cgroup/cpu,cpuacct", 1, []string{"rw", "cpu", "cpuacct"}},
		{"/sys/fs/cgroup/unified", 2, nil},
	}
	if got := parse(mixed); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := parse(""); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestInheritCpuset(t *testing.T) {
	parent := t.TempDir()
	group := filepath.Join(parent, "group")
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"cpuset.cpus": "0-1\n", "cpuset.mems": "0\n"} {
		if err := os.WriteFile(filepath.Join(parent, name), []byte(value), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := inheritCpuset(parent, group); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(group, "cpuset.cpus")); string(got) != "0-1\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRemoveTree(t *testing.T) {
	top := filepath.Join(t.TempDir(), "top")
	if err := os.MkdirAll(filepath.Join(top, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(top, "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is gone already is no error
		if err := removeTree(top); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(top); !os.IsNotExist(err) {
		t.Error("still there")
	}
}
