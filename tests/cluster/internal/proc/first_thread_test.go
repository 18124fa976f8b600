// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

const endsFirstThread = "PROC_TEST_ENDS_FIRST_THREAD"

// init, because only it runs on the first thread for certain.
func init() {
	if os.Getenv(endsFirstThread) == "" {
		return
	}
	runtime.LockOSThread()
	go func() {
		time.Sleep(time.Minute)
		os.Exit(0)
	}()
	_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0) // of this thread alone
}

func TestAProcessLivesOnWithoutItsFirstThread(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), endsFirstThread+"=1")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	id, err := Identify(command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !isZombie(t, id.PID); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("its first thread does not end")
		}
	}
	if !id.Alive() {
		t.Error("not alive while a thread of it runs")
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if id.Alive() {
		t.Error("alive after its end")
	}
}

func isZombie(t *testing.T, pid int) bool {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	found, err := parseStat(text)
	if err != nil {
		t.Fatal(err)
	}
	return found.state == 'Z'
}
