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
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ID{}, err
	}
	parsed, err := parseStat(text)
	if err != nil {
		return ID{}, fmt.Errorf("process %d: %w", pid, err)
	}
	boot, err := bootID()
	return ID{PID: pid, Start: parsed.start, Boot: boot}, err
}

// Alive tells whether exactly this process still runs. A zombie doesn't, once
// its last thread has ended: the first process of a PID namespace may be a
// zombie by its first thread while another thread still ends the rest.
func (id ID) Alive() bool {
	if id.PID <= 0 {
		return false
	}
	if boot, err := bootID(); err != nil || boot != id.Boot {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id.PID))
	if err != nil {
		return false
	}
	found, err := parseStat(text)
	if err != nil || found.start != id.Start || found.state == 'X' {
		return false
	}
	return found.state != 'Z' || found.threads > 1
}

func bootID() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err
}

type stat struct {
	state   byte
	threads int
	start   uint64
}

// parseStat reads what proc(5) says of /proc/PID/stat. The second field, the
// name in parentheses, may itself hold blanks and parentheses.
func parseStat(text []byte) (stat, error) {
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return stat{}, errors.New("stat has no name")
	}
	fields := strings.Fields(string(text[end+1:])) // fields[0] is field 3
	if len(fields) < 20 || len(fields[0]) != 1 {
		return stat{}, errors.New("stat is too short")
	}
	threads, err := strconv.Atoi(fields[17])
	if err != nil {
		return stat{}, err
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	return stat{state: fields[0][0], threads: threads, start: start}, err
}
