// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"liveroom.dev/tests/cluster/internal/proc"
)

// Launch starts a holder as a process of its own (this executable, command
// "hold") and returns when it serves. The listener, if any, is handed over.
// onStart is told the process as soon as it exists.
func Launch(ctx context.Context, options Options, listener *net.TCPListener, onStart func(proc.ID) error) error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(options.Dir, "logs", "holder.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	ready, readyWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	command := exec.Command(executable, arguments(options)...)
	command.Dir = "/"
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{readyWrite}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if options.Namespaces {
		command.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID
	}
	if listener != nil {
		file, err := listener.File()
		if err != nil {
			readyWrite.Close()
			return err
		}
		defer file.Close()
		command.ExtraFiles = append(command.ExtraFiles, file)
	}
	err = command.Start()
	readyWrite.Close()
	if errors.Is(err, syscall.EPERM) {
		return errors.New("a full cluster needs root: namespaces can't be made")
	}
	if err != nil {
		return err
	}
	id, err := proc.Identify(command.Process.Pid)
	if err != nil {
		return fmt.Errorf("holder: %w", err)
	}
	go command.Wait() // takes its end, should this process still be there
	err = onStart(id)
	if err == nil {
		err = awaitReady(ctx, id, ready)
	}
	if err != nil {
		id.Signal(syscall.SIGKILL)
		return fmt.Errorf("holder: %w", err)
	}
	return nil
}

func arguments(options Options) []string {
	all := []string{"hold", "--dir", options.Dir}
	if options.Namespaces {
		all = append(all, "--namespaces")
	}
	if options.Target != "" {
		all = append(all, "--target", options.Target)
	}
	for _, path := range options.Keep {
		all = append(all, "--keep", path)
	}
	return all
}

func awaitReady(ctx context.Context, id proc.ID, ready *os.File) error {
	abort := context.AfterFunc(ctx, func() { ready.Close() })
	defer abort()
	text, err := io.ReadAll(ready)
	if err != nil {
		return err
	}
	if len(text) > 0 {
		return errors.New(strings.TrimSpace(string(text)))
	}
	if !id.Alive() {
		return errors.New("it ended at once")
	}
	return nil
}
