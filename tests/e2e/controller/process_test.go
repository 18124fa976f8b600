// SPDX-License-Identifier: Apache-2.0

// Package controller runs liveroom-controller as it is shipped against a real API server. Nothing runs the pods: the tests say what a kubelet, a volume
// binder and a recorder would.
package controller

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// shownLines is how much of a controller's log a failed test shows.
const shownLines = 40

const image = "liveroom.example/recorder:1"

// program is the controller beside this test in the build folder, or $LIVEROOM_CONTROLLER.
func program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LIVEROOM_CONTROLLER"); path != "" {
		return path
	}
	return built(t, "liveroom-controller")
}

// built is a program of the project in the build folder.
func built(t testing.TB, name string) string {
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

type process struct {
	command *exec.Cmd
	log     *bytes.Buffer
	lock    *sync.Mutex
	port    int
	ended   chan struct{}
}

// logWriter keeps what a process says; it is written and read by different goroutines.
type logWriter struct {
	buffer *bytes.Buffer
	lock   *sync.Mutex
}

func (w logWriter) Write(text []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.buffer.Write(text)
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

// start runs a controller; it ends with the test, which shows its log when it failed.
func start(t testing.TB, arguments ...string) *process {
	t.Helper()
	return startImage(t, image, arguments...)
}

// startImage does so with another image for the recorders.
func startImage(t testing.TB, image string, arguments ...string) *process {
	t.Helper()
	p := &process{log: &bytes.Buffer{}, lock: &sync.Mutex{}, port: freePort(t), ended: make(chan struct{})}
	all := append([]string{"run", "--recorder-image", image, "--log-format", "text",
		"--listen", fmt.Sprintf("127.0.0.1:%d", p.port)}, arguments...)
	p.command = exec.Command(program(t), all...)
	p.command.Stderr = logWriter{p.log, p.lock}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			lines := strings.Split(p.text(), "\n")
			if len(lines) > shownLines {
				lines = lines[len(lines)-shownLines:]
			}
			t.Logf("controller %v:\n%s", arguments, strings.Join(lines, "\n"))
		}
	})
	return p
}

func (p *process) text() string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.log.String()
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// terminate asks the controller to stop, and fails when it doesn't end well.
func (p *process) terminate(t testing.TB) {
	t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(15 * time.Second):
		t.Fatal("the controller does not end")
	}
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("the controller ended with %d", code)
	}
}

func (p *process) get(path string) (int, string) {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.port, path))
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

// sum adds up the series of a metric whose labels contain all the texts.
func (p *process) sum(metric string, labels ...string) float64 {
	_, text := p.get("/metrics")
	total := 0.0
	for _, line := range strings.Split(text, "\n") {
		name, value, found := strings.Cut(line, " ")
		if !found || (name != metric && !strings.HasPrefix(name, metric+"{")) {
			continue
		}
		matches := true
		for _, label := range labels {
			matches = matches && strings.Contains(name, label)
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil && matches {
			total += number
		}
	}
	return total
}

// awaitIdle waits until the controller leads and its queue has been empty, with no request made, for a second.
func (p *process) awaitIdle(t testing.TB) {
	t.Helper()
	var before float64
	var since time.Time
	kit.Await(t, 60*time.Second, "the controller idle", func() (bool, string) {
		requests := p.sum("rest_client_requests_total", `method="POST"`) + p.sum("rest_client_requests_total", `method="PATCH"`) +
			p.sum("rest_client_requests_total", `method="DELETE"`)
		busy := p.sum("workqueue_depth") + p.sum("controller_runtime_active_workers")
		if p.sum("leader_election_master_status") != 1 || busy > 0 || requests != before {
			before, since = requests, time.Now()
			return false, fmt.Sprintf("%v requests, %v busy", requests, busy)
		}
		return time.Since(since) > time.Second, "not yet for a second"
	})
}
