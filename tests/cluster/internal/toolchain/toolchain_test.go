// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestProgressReadsTheBuild(t *testing.T) {
	progress := newProgress("x", io.Discard)
	for _, line := range []string{
		"go: downloading k8s.io/api v0.34.4", "k8s.io/api/core/v1", "unicode/utf8", "fmt",
		"# k8s.io/broken", "broken.go:3:1: syntax error", "",
	} {
		progress.line(line)
	}
	progress.stop()
	if got := progress.summary(); !strings.HasPrefix(got, "x: 1 modules downloaded, ") {
		t.Error(got)
	}
	progress.expect(5)
	if got := progress.summary(); !strings.HasPrefix(got, "x: 3 packages compiled of at most 5, ") {
		t.Error(got)
	}
	if got := strings.Join(progress.complaints(), "|"); got != "# k8s.io/broken|broken.go:3:1: syntax error|" {
		t.Errorf("got %q", got)
	}
}

func TestProgressKeepsTheEndOfComplaints(t *testing.T) {
	progress := newProgress("x", io.Discard)
	defer progress.stop()
	for range maxComplaints {
		progress.line("early: x")
	}
	progress.line("the last: x")
	all := progress.complaints()
	if len(all) != maxComplaints || all[len(all)-1] != "the last: x" {
		t.Errorf("%d lines, last %q", len(all), all[len(all)-1])
	}
}

func TestKeyFollowsSources(t *testing.T) {
	source := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(source, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := key(source); err == nil {
		t.Error("a folder without sources has a key")
	}
	for _, name := range []string{"go.mod", "go.sum", "kube/main.go", "pause/main.go"} {
		write(name, "x")
	}
	first, err := key(source)
	if err != nil {
		t.Fatal(err)
	}
	write("internal/other.go", "x")
	if same, _ := key(source); same != first {
		t.Error("a file that is not built in changes the key")
	}
	write("kube/more.go", "x")
	if other, _ := key(source); other == first {
		t.Error("a new source does not change the key")
	}
}

func TestLockIsForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(context.Background(), path, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := lock(soon, path, io.Discard); err != context.DeadlineExceeded {
		t.Errorf("a second one got it: %v", err)
	}
	unlock()
	again, err := lock(context.Background(), path, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
