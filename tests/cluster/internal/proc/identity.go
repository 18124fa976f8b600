// SPDX-License-Identifier: Apache-2.0

// Package proc knows processes by what can't be taken for another one: the
// number alone is used again, number, start time and boot together are not.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ID is one process for all time.
type ID struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot, field 22 of /proc/PID/stat
	Boot  string `json:"boot"`  // /proc/sys/kernel/random/boot_id
}

// Identify returns the identity of a running process.
func Identify(pid int) (ID, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ID{}, err
	}
	_, start, err := parseStat(stat)
	if err != nil {
		return ID{}, fmt.Errorf("process %d: %w", pid, err)
	}
	boot, err := bootID()
	return ID{PID: pid, Start: start, Boot: boot}, err
}

// Alive tells whether exactly this process still runs. A zombie doesn't.
func (id ID) Alive() bool {
	if id.PID <= 0 {
		return false
	}
	if boot, err := bootID(); err != nil || boot != id.Boot {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id.PID))
	if err != nil {
		return false
	}
	state, start, err := parseStat(stat)
	return err == nil && start == id.Start && state != 'Z' && state != 'X'
}

func bootID() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err
}

// parseStat reads state and start time. The second field, the name in
// parentheses, may itself hold blanks and parentheses.
func parseStat(stat []byte) (state byte, start uint64, err error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, 0, errors.New("stat has no name")
	}
	fields := strings.Fields(string(stat[end+1:])) // fields[0] is field 3
	if len(fields) < 20 || len(fields[0]) != 1 {
		return 0, 0, errors.New("stat is too short")
	}
	start, err = strconv.ParseUint(fields[19], 10, 64)
	return fields[0][0], start, err
}
