// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
)

func TestStateRoundTrip(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	if _, found, err := Load(dir); found || err != nil {
		t.Errorf("an empty folder: %v, %v", found, err)
	}
	want := State{Mode: ModeFull, Audit: true, Server: "s", Holder: proc.ID{PID: 1, Start: 2, Boot: "b"}, CgroupRoot: "c"}
	if err := want.save(dir); err != nil {
		t.Fatal(err)
	}
	if got, found, err := Load(dir); got != want || !found || err != nil {
		t.Errorf("got %+v, %v, %v", got, found, err)
	}
	if _, err := loadRunning(dir); err == nil {
		t.Error("a holder that doesn't run counts as running")
	}
	if err := os.WriteFile(dir.State(), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(dir); err == nil {
		t.Error("half a state was taken")
	}
}

func TestDownLeavesWhatIsNotOurs(t *testing.T) {
	dir := layout.Dir(filepath.Join(t.TempDir(), "cluster"))
	make := func() {
		if err := dir.Make(); err != nil {
			t.Fatal(err)
		}
		if err := dir.MakeNode(); err != nil {
			t.Fatal(err)
		}
		if err := (State{Mode: ModeFull}).save(dir); err != nil {
			t.Fatal(err)
		}
	}
	make()
	other := filepath.Join(string(dir), "notes.txt")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if found, err := Down(context.Background(), dir, []string{"logs"}); !found || err != nil {
		t.Fatal(found, err)
	}
	entries, err := os.ReadDir(string(dir))
	if err != nil || len(entries) != 2 || entries[0].Name() != "logs" || entries[1].Name() != "notes.txt" {
		t.Errorf("left: %v, %v", entries, err)
	}
	if found, err := Down(context.Background(), dir, nil); found || err != nil {
		t.Errorf("without a cluster: %v, %v", found, err)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	make()
	if _, err := Down(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(dir)); !os.IsNotExist(err) {
		t.Error("the empty folder is still there")
	}
}

func TestOneCommandAtATime(t *testing.T) {
	dir := layout.Dir(t.TempDir())
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(dir); err == nil {
		t.Error("two got the lock")
	}
	unlock()
	if unlock, err = lock(dir); err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if got := Tail(path, 2); got != "" {
		t.Errorf("no file: %q", got)
	}
	for content, want := range map[string]string{
		"":              "",
		"one\n":         "  one",
		"one\ntwo\n3\n": "  two\n  3",
		strings.Repeat("x", 2*tailBytes) + "\nlast": "  " + strings.Repeat("x", tailBytes-5) + "\n  last",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := Tail(path, 2); got != want {
			t.Errorf("%.20q: got %.20q", content, got)
		}
	}
}

func TestAssets(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(AssetsVariable, folder)
	if _, usable := (Options{APIOnly: true}).Assets(); usable {
		t.Error("an empty folder is usable")
	}
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for options, want := range map[Options]bool{
		{APIOnly: true}:                    true,
		{APIOnly: true, Controllers: true}: false,
		{}:                                 false,
	} {
		if got, usable := options.Assets(); usable != want || (usable && got != folder) {
			t.Errorf("%+v: %q, %v", options, got, usable)
		}
	}
}

func TestListenLoopback(t *testing.T) {
	listener, err := listenLoopback()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if port := portOf(listener); port < firstPort || port > lastPort || !strings.HasPrefix(listener.Addr().String(), "127.0.0.1:") {
		t.Error(listener.Addr())
	}
}
