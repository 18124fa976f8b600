// SPDX-License-Identifier: Apache-2.0

package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Make creates the group `name` at the top of every hierarchy, ready for the
// kubelet, which wants to find its root.
func Make(name string) error {
	all, err := mounted()
	if err != nil {
		return err
	}
	pure := true // version 2 alone, so its controllers are the ones used
	for _, h := range all {
		pure = pure && h.version == 2
	}
	for _, h := range all {
		if h.version == 2 && pure {
			if err := delegate(h.path); err != nil {
				return err
			}
		}
		group := filepath.Join(h.path, name)
		if err := os.Mkdir(group, 0o755); err != nil && !os.IsExist(err) {
			return fmt.Errorf("control group: %w", err)
		}
		if h.has("cpuset") {
			if err := inheritCpuset(h.path, group); err != nil {
				return err
			}
		}
	}
	return nil
}

// inheritCpuset fills what is empty in a new group of version 1 and would keep
// every process out.
func inheritCpuset(parent, group string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(parent, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, file), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// delegate lets groups below the top have the controllers that the kubelet needs.
func delegate(top string) error {
	text, err := os.ReadFile(filepath.Join(top, "cgroup.controllers"))
	if err != nil {
		return err
	}
	available := strings.Fields(string(text))
	for _, name := range available {
		err := os.WriteFile(filepath.Join(top, "cgroup.subtree_control"), []byte("+"+name), 0o644)
		if err != nil && (name == "cpu" || name == "memory" || name == "pids") {
			return fmt.Errorf("control group controller %s can't be used: %w", name, err)
		}
	}
	return nil
}
