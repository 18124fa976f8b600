// SPDX-License-Identifier: Apache-2.0

// Package program runs the programs of the build folder as they are shipped, beside a test.
package program

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// shownLines is how much of a controller's log a failed test shows.
const shownLines = 40

// endLimit is how long a controller that was asked to end may take.
const endLimit = 15 * time.Second

// Controller is $LIVEROOM_CONTROLLER, or the controller of the build folder.
func Controller(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LIVEROOM_CONTROLLER"); path != "" {
		return path
	}
	return Built(t, "liveroom-controller")
}

// Built is a program of the project in the build folder, beside the tests.
func Built(t testing.TB, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(filepath.Dir(self), "..", "bin", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("build %s: %v", name, err)
	}
	return path
}

// Process is a controller that runs.
type Process struct {
	Port  int
	Ended chan struct{} // closed when it has ended

	elects  bool // leads only while it holds a Lease
	command *exec.Cmd
	lock    sync.Mutex
	log     bytes.Buffer
}

// Write keeps what the process says.
func (p *Process) Write(text []byte) (int, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.log.Write(text)
}

// Text is what it has said so far.
func (p *Process) Text() string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.log.String()
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// Start runs a controller whose recorders have an image; it ends with the test, which shows its log when it failed.
func Start(t testing.TB, image string, arguments ...string) *Process {
	t.Helper()
	p := &Process{Port: freePort(t), Ended: make(chan struct{}), elects: !slices.Contains(arguments, "--leader-elect=false")}
	all := append([]string{"run", "--recorder-image", image, "--log-format", "text",
		"--listen", fmt.Sprintf("127.0.0.1:%d", p.Port)}, arguments...)
	p.command = exec.Command(Controller(t), all...)
	p.command.Stderr = p
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.Ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			lines := strings.Split(p.Text(), "\n")
			if len(lines) > shownLines {
				lines = lines[len(lines)-shownLines:]
			}
			t.Logf("controller %v:\n%s", arguments, strings.Join(lines, "\n"))
		}
	})
	return p
}

// PID is its process number.
func (p *Process) PID() int { return p.command.Process.Pid }

// ExitCode is what it ended with; -1 by a signal, or while it runs.
func (p *Process) ExitCode() int { return p.command.ProcessState.ExitCode() }

// Kill ends it at once, by SIGKILL.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	<-p.Ended
}

// Pause stops it where it is (SIGSTOP), until Continue.
func (p *Process) Pause() { _ = p.command.Process.Signal(syscall.SIGSTOP) }

// Continue lets a paused one go on.
func (p *Process) Continue() { _ = p.command.Process.Signal(syscall.SIGCONT) }

// Runs says whether it has not ended.
func (p *Process) Runs() bool {
	select {
	case <-p.Ended:
		return false
	default:
		return true
	}
}

// Terminate asks the controller to stop, and fails when it doesn't end well.
func (p *Process) Terminate(t testing.TB) {
	t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.Ended:
	case <-time.After(endLimit):
		t.Fatal("the controller does not end")
	}
	if code := p.ExitCode(); code != 0 {
		t.Fatalf("the controller ended with %d", code)
	}
}

// FaultProxy puts a proxy before the API server of a kubeconfig that does to its clients what can happen, by a plan of
// kube-fault-proxy, and gives a kubeconfig of it.
func FaultProxy(t testing.TB, kubeconfig string, plan ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	command := exec.Command(Built(t, "kube-fault-proxy"), append([]string{kubeconfig, file}, plan...)...)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		t.Logf("faults of each kind, %v: %s", plan, output.String())
	})
	kit.Await(t, 10*time.Second, "the proxy", func() (bool, string) {
		text, _ := os.ReadFile(file)
		return strings.HasSuffix(string(text), "}]}\n"), "no kubeconfig"
	})
	return file
}
