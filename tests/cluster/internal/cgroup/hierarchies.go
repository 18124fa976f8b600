// SPDX-License-Identifier: Apache-2.0

// Package cgroup makes and removes the control groups that the containers of
// a cluster live in, in every hierarchy that is mounted (version 1, 2, both).
package cgroup

import (
	"os"
	"strings"
)

type hierarchy struct {
	path        string   // where it is mounted
	version     int      // 1 or 2
	controllers []string // version 1: in the mount's options
}

func mounted() ([]hierarchy, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	return parse(string(text)), nil
}

// parse reads the lines of mountinfo: "36 35 98:0 ROOT PATH OPTIONS TAGS - TYPE SOURCE SUPER".
func parse(mountinfo string) []hierarchy {
	var all []hierarchy
	seen := map[string]bool{}
	for _, line := range strings.Split(mountinfo, "\n") {
		left, right, found := strings.Cut(line, " - ")
		fields, tail := strings.Fields(left), strings.Fields(right)
		if !found || len(fields) < 5 || len(tail) < 3 || seen[fields[4]] {
			continue
		}
		switch tail[0] {
		case "cgroup":
			all = append(all, hierarchy{fields[4], 1, strings.Split(tail[2], ",")})
		case "cgroup2":
			all = append(all, hierarchy{fields[4], 2, nil})
		default:
			continue
		}
		seen[fields[4]] = true
	}
	return all
}

func (h hierarchy) has(controller string) bool {
	for _, name := range h.controllers {
		if name == controller {
			return true
		}
	}
	return false
}
