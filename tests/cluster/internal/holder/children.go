// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// children runs specs and reaps whatever ends: as the first process of a PID
// namespace the holder also inherits processes that it did not start.
type children struct {
	mutex  sync.Mutex
	specs  map[string]Spec
	status map[string]*Status
	order  []string
	starts chan func()
	onPID  func(name string, pid int)
}

func newChildren(onPID func(name string, pid int)) *children {
	c := &children{
		specs:  map[string]Spec{},
		status: map[string]*Status{},
		starts: make(chan func()),
		onPID:  onPID,
	}
	go c.starter()
	go c.reap()
	return c
}

// starter owns a thread for ever: the kernel sends a child's parent-death
// signal when the thread that started it ends.
func (c *children) starter() {
	runtime.LockOSThread()
	for start := range c.starts {
		start()
	}
}

func (c *children) start(spec Spec) error {
	done := make(chan error)
	c.starts <- func() { done <- c.startHere(spec) }
	return <-done
}

func (c *children) startHere(spec Spec) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if old := c.status[spec.Name]; old != nil && old.Running {
		return fmt.Errorf("%s runs already", spec.Name)
	}
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	process, err := os.StartProcess(spec.Path, append([]string{spec.Path}, spec.Args...), &os.ProcAttr{
		Dir:   "/",
		Env:   append(os.Environ(), spec.Env...),
		Files: []*os.File{null, log, log},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", spec.Name, err)
	}
	if c.status[spec.Name] == nil {
		c.order = append(c.order, spec.Name)
	}
	c.specs[spec.Name] = spec
	c.status[spec.Name] = &Status{
		Name: spec.Name, PID: process.Pid, Running: true, Started: time.Now(), Log: spec.Log,
	}
	c.onPID(spec.Name, process.Pid)
	return process.Release()
}

// restart starts a component again the way it was started before.
func (c *children) restart(name string) error {
	c.mutex.Lock()
	spec, known := c.specs[name]
	c.mutex.Unlock()
	if !known {
		return fmt.Errorf("%s was never started", name)
	}
	return c.start(spec)
}

func (c *children) signal(name string, signal syscall.Signal) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	status := c.status[name]
	if status == nil {
		return fmt.Errorf("%s was never started", name)
	}
	if !status.Running {
		return nil
	}
	status.Asked = true
	return syscall.Kill(status.PID, signal)
}

func (c *children) list() []Status {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	all := make([]Status, 0, len(c.order))
	for _, name := range c.order {
		all = append(all, *c.status[name])
	}
	return all
}

// reap takes the end of every child, ours or inherited.
func (c *children) reap() {
	const noChildYet = 50 * time.Millisecond
	for {
		var ended syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ended, 0, nil)
		switch err {
		case nil:
			c.ended(pid, ended)
		case syscall.EINTR:
		default:
			time.Sleep(noChildYet)
		}
	}
}

// ended takes the lock that startHere holds, so a child that ends at once is
// known by then.
func (c *children) ended(pid int, how syscall.WaitStatus) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, status := range c.status {
		if status.Running && status.PID == pid {
			status.Running = false
			status.PID = 0
			status.Exit = describe(how)
		}
	}
}

func describe(how syscall.WaitStatus) string {
	if how.Signaled() {
		return "killed by " + how.Signal().String()
	}
	return fmt.Sprintf("exit status %d", how.ExitStatus())
}
