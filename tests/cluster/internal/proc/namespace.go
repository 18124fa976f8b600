// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// InNamespaceOf maps the numbers that processes have inside the PID namespace
// of pid to the numbers they have here.
func InNamespaceOf(pid int) (map[int]int, error) {
	wanted, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	if err != nil {
		return nil, err
	}
	found := map[int]int{}
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if space, err := os.Readlink(filepath.Join(folder, "ns/pid")); err != nil || space != wanted {
			continue
		}
		status, err := os.ReadFile(filepath.Join(folder, "status"))
		if err != nil {
			continue
		}
		outer, _ := strconv.Atoi(filepath.Base(folder))
		if inner := innermost(string(status)); inner > 0 {
			found[inner] = outer
		}
	}
	return found, nil
}

// ResidentKiB is the memory a process has in RAM; 0 when it is gone.
func ResidentKiB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(field(string(status), "VmRSS:"))
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.Atoi(fields[0])
	return kib
}

// innermost returns the last number of the line NSpid.
func innermost(status string) int {
	fields := strings.Fields(field(status, "NSpid:"))
	if len(fields) == 0 {
		return 0
	}
	pid, _ := strconv.Atoi(fields[len(fields)-1])
	return pid
}

func field(status, name string) string {
	for _, line := range strings.Split(status, "\n") {
		if value, found := strings.CutPrefix(line, name); found {
			return value
		}
	}
	return ""
}
