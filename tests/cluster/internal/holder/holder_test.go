// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventually fails the test when the condition doesn't come.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
	}
}

func TestChildren(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	started := map[string]int{}
	children := newChildren(func(name string, pid int) { started[name] = pid })
	script := func(name, text string) Spec {
		return Spec{Name: name, Path: "/bin/sh", Args: []string{"-c", text}, Env: []string{"GREETING=hello"}, Log: log}
	}
	status := func(index int) Status { return children.list()[index] }

	if err := children.start(script("short", "echo $GREETING; exit 3")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of a child is seen", func() bool { return !status(0).Running })
	if got := status(0); got.Exit != "exit status 3" || got.Asked || started["short"] == 0 {
		t.Errorf("got %+v", got)
	}
	if text, _ := os.ReadFile(log); string(text) != "hello\n" {
		t.Errorf("log is %q", text)
	}

	if err := children.start(script("long", "exec sleep 60")); err != nil {
		t.Fatal(err)
	}
	if err := children.start(script("long", "exec sleep 60")); err == nil {
		t.Error("started twice")
	}
	for range 2 { // once as started, once started again
		if err := children.signal("long", syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a killed child ends", func() bool { return !status(1).Running })
		if got := status(1); got.Exit != "killed by killed" || !got.Asked {
			t.Errorf("got %+v", got)
		}
		if err := children.signal("long", syscall.SIGKILL); err != nil {
			t.Errorf("a signal for one that has ended: %v", err)
		}
		if err := children.restart("long"); err != nil {
			t.Fatal(err)
		}
	}
	_ = children.signal("long", syscall.SIGKILL)
	eventually(t, "the last one ends", func() bool { return !status(1).Running })

	if children.restart("other") == nil || children.signal("other", syscall.SIGTERM) == nil {
		t.Error("an unknown child was found")
	}
	if err := children.start(Spec{Name: "absent", Path: "/nowhere", Log: log}); err == nil {
		t.Error("a program that isn't there was started")
	}
}

func TestForward(t *testing.T) {
	target := listen(t)
	go func() { // answers when the question has ended
		for {
			connection, err := target.Accept()
			if err != nil {
				return
			}
			go func() {
				question, _ := io.ReadAll(connection)
				_, _ = connection.Write([]byte(strings.ToUpper(string(question))))
				connection.Close()
			}()
		}
	}()
	outside := listen(t)
	go forward(outside, target.Addr().String())
	if answer, err := ask(t, outside, "hello"); err != nil || answer != "HELLO" {
		t.Errorf("got %q, %v", answer, err)
	}
	target.Close()
	if answer, err := ask(t, outside, "hello"); err == nil {
		t.Errorf("without a server the answer is %q, not an error", answer)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

func ask(t *testing.T, server net.Listener, question string) (string, error) {
	t.Helper()
	connection, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte(question)); err != nil {
		return "", err
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(connection)
	return string(answer), err
}

func TestBelow(t *testing.T) {
	paths := []string{"/var/lib/a", "/var/library", "/run", "/var/lib", "/home"}
	if got := below("/var/lib", paths); !reflect.DeepEqual(got, []string{"/var/lib/a"}) {
		t.Error(got)
	}
}
