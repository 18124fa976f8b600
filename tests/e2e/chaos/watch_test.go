// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

const sampleInterval = 50 * time.Millisecond

// guard looks at the recorder processes of a namespace, and at the locks of their directories, many times a second, and at every status that they write.
type guard struct {
	namespace, volume string
	stop              context.CancelFunc
	done              sync.WaitGroup

	lock    sync.Mutex
	wrongs  map[string]bool
	seen    map[string]map[string]bool // processes of a room
	samples int
	held    int // locks that were seen to be held
}

func newGuard(t *testing.T, cluster *stage.Cluster, namespace, volume string) *guard {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	g := &guard{namespace: namespace, volume: volume, stop: cancel, wrongs: map[string]bool{}, seen: map[string]map[string]bool{}}
	watch, err := cluster.LiveRooms(namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	g.done.Add(2)
	go func() {
		defer g.done.Done()
		for event := range watch.ResultChan() {
			if object, ok := event.Object.(*unstructured.Unstructured); ok {
				if _, reason, message := stage.Condition(object, "StorageWritable"); reason == "DirectoryInUse" {
					g.wrong("%s: %s", object.GetName(), message)
				}
			}
		}
		if ctx.Err() == nil {
			g.wrong("the watch of statuses has ended")
		}
	}()
	go func() {
		defer g.done.Done()
		for ctx.Err() == nil {
			g.sample()
			time.Sleep(sampleInterval)
		}
	}()
	t.Cleanup(g.end)
	return g
}

func (g *guard) end() {
	g.stop()
	g.done.Wait()
}

func (g *guard) wrong(format string, arguments ...any) {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.wrongs[fmt.Sprintf(format, arguments...)] = true
}

// processes are the recorders of the namespace, by the name of their LiveRoom.
func (g *guard) processes() map[string][]string {
	found := map[string][]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		command, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(command, []byte("/usr/bin/liveroom-recorder\x00")) {
			continue
		}
		environment, err := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
		if err != nil {
			continue
		}
		variables := map[string]string{}
		for _, variable := range strings.Split(string(environment), "\x00") {
			name, value, _ := strings.Cut(variable, "=")
			variables[name] = value
		}
		if variables["LIVEROOM_NAMESPACE"] == g.namespace {
			found[variables["LIVEROOM_NAME"]] = append(found[variables["LIVEROOM_NAME"]], filepath.Base(filepath.Dir(file)))
		}
	}
	return found
}

func (g *guard) sample() {
	processes := g.processes()
	locks, _ := os.ReadFile("/proc/locks")
	g.lock.Lock()
	defer g.lock.Unlock()
	g.samples++
	for room, pids := range processes {
		if len(pids) > 1 {
			g.wrongs[fmt.Sprintf("%s: %d recorder processes at a time", room, len(pids))] = true
		}
		if g.seen[room] == nil {
			g.seen[room] = map[string]bool{}
		}
		for _, pid := range pids {
			g.seen[room][pid] = true
		}
		if g.isLocked(room, string(locks)) {
			g.held++
		}
	}
}

// isLocked says whether somebody holds the lock of a room's directory.
func (g *guard) isLocked(room, locks string) bool {
	info, err := os.Stat(filepath.Join(g.volume, room, ".liveroom", "lock"))
	if err != nil {
		return false
	}
	inode := fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)
	for line := range strings.Lines(locks) {
		if strings.Contains(line, "OFDLCK") && strings.Contains(line, "WRITE") && strings.Contains(line, inode) {
			return true
		}
	}
	return false
}

// check ends the watch and reports what was wrong.
func (g *guard) check(t *testing.T, rooms []string) {
	t.Helper()
	g.end()
	for wrong := range g.wrongs {
		t.Error(wrong)
	}
	var counts []string
	for _, room := range rooms {
		counts = append(counts, fmt.Sprintf("%s %d", room, len(g.seen[room])))
	}
	t.Logf("looked %d times, saw locks held %d times, and recorder processes: %s", g.samples, g.held, strings.Join(counts, ", "))
	if g.held == 0 {
		t.Error("no lock was seen to be held")
	}
}
