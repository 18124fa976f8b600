// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

type process struct {
	command *exec.Cmd
	port    int
}

func start(arguments []string, port int) *process {
	command := exec.Command(arguments[0], arguments[1:]...)
	logs, err := os.CreateTemp("", "bench-operator-log-")
	if err != nil {
		log.Fatal(err)
	}
	command.Stdout, command.Stderr = logs, logs
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // however we end
	if err := command.Start(); err != nil {
		log.Fatal(err)
	}
	return &process{command, port}
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
}

func (p *process) file(name string) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, name))
	if err != nil {
		log.Fatalf("the operator has ended: %v", err)
	}
	return string(text)
}

// cpu is user and system time so far, in seconds.
func (p *process) cpu() float64 {
	var spent unix.Timespec
	// The clock of another process, as clock_getcpuclockid makes it.
	if err := unix.ClockGettime(int32(^p.command.Process.Pid<<3|2), &spent); err != nil {
		log.Fatalf("the operator has ended: %v", err)
	}
	return float64(spent.Nano()) / 1e9
}

// memory is a line of the process' status in MiB.
func (p *process) memory(line string) float64 {
	for _, candidate := range strings.Split(p.file("status"), "\n") {
		if name, value, _ := strings.Cut(candidate, ":"); name == line {
			kib, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// metrics is what the program shows to Prometheus, line by line.
func (p *process) metrics() []string {
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", p.port))
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return strings.Split(string(body), "\n")
}

// counted adds up rest_client_requests_total of some methods; none means all.
func (p *process) counted(methods ...string) float64 {
	total := 0.0
	for _, line := range p.metrics() {
		if !strings.HasPrefix(line, "rest_client_requests_total{") {
			continue
		}
		matches := len(methods) == 0
		for _, method := range methods {
			matches = matches || strings.Contains(line, `method="`+method+`"`)
		}
		if value, err := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64); err == nil && matches {
			total += value
		}
	}
	return total
}

// writes leaves out PUT, which only the Lease is written with.
func (p *process) writes() float64   { return p.counted("POST", "PATCH", "DELETE") }
func (p *process) requests() float64 { return p.counted() }
