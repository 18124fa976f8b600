// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	tail := " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20 21"
	tests := []struct {
		name, stat string
		state      byte
		start      uint64
		bad        bool
	}{
		{"plain", "12 (sleep) S" + tail, 'S', 4242, false},
		{"blanks and parentheses in the name", "12 (a) R (b c)) Z" + tail, 'Z', 4242, false},
		{"no name", "12 sleep S", 0, 0, true},
		{"cut off", "12 (sleep) S 1 2 3", 0, 0, true},
		{"empty", "", 0, 0, true},
		{"not a number", "12 (sleep) S" + strings.Replace(tail, "4242", "x", 1), 0, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := parseStat([]byte(test.stat))
			if test.bad {
				if err == nil {
					t.Fatal("taken for good")
				}
				return
			}
			if err != nil || found.state != test.state || found.start != test.start || found.threads != 17 {
				t.Fatalf("got %+v %v", found, err)
			}
		})
	}
}

func TestIdentityTellsProcessesApart(t *testing.T) {
	self, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !self.Alive() {
		t.Error("this process is not alive")
	}
	for name, other := range map[string]ID{
		"none":                  {},
		"same number, later":    {self.PID, self.Start + 1, self.Boot},
		"same number, rebooted": {self.PID, self.Start, "other"},
	} {
		if other.Alive() {
			t.Errorf("%s: taken for this process", name)
		}
	}
}

func TestStopEndsAndKills(t *testing.T) {
	for name, script := range map[string]string{
		"ends when asked":  "echo up; exec sleep 60",
		"ignores the wish": "trap '' TERM; echo up; while :; do sleep 0.05; done",
	} {
		t.Run(name, func(t *testing.T) {
			command := exec.Command("sh", "-c", script)
			output, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := output.Read(make([]byte, 3)); err != nil {
				t.Fatal(err)
			}
			id, err := Identify(command.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := id.Stop(ctx, 300*time.Millisecond); err != nil {
				t.Error(err)
			}
			if id.Alive() {
				t.Error("still alive") // a zombie is not
			}
			_ = command.Wait()
		})
	}
}

func TestInnermostNumber(t *testing.T) {
	for status, want := range map[string]int{
		"Name:\tx\nNSpid:\t900\t7\nVmRSS:\t 12 kB\n": 7,
		"NSpid:\t900\n": 900,
		"Name:\tx\n":    0,
		"NSpid:\n":      0,
	} {
		if got := innermost(status); got != want {
			t.Errorf("%q: got %d, want %d", status, got, want)
		}
	}
}

func TestOwnNamespaceHoldsThisProcess(t *testing.T) {
	found, err := InNamespaceOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, outside := range found {
		if outside == os.Getpid() {
			return
		}
	}
	t.Error("this process is not in its own namespace")
}
