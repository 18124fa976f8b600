// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const sampleInterval = 20 * time.Millisecond

// ProcessWatch counts the recorder processes of a LiveRoom on this machine for as long as it runs.
type ProcessWatch struct {
	stop    chan struct{}
	done    sync.WaitGroup
	most    int
	samples int
}

// WatchProcesses begins to look, many times a second, at all processes of this machine.
func (r *LiveRoom) WatchProcesses(t testing.TB) *ProcessWatch {
	t.Helper()
	watch := &ProcessWatch{stop: make(chan struct{})}
	watch.done.Add(1)
	go func() {
		defer watch.done.Done()
		ticker := time.NewTicker(sampleInterval)
		defer ticker.Stop()
		for {
			select {
			case <-watch.stop:
				return
			case <-ticker.C:
				watch.most = max(watch.most, r.processes())
				watch.samples++
			}
		}
	}()
	return watch
}

func (r *LiveRoom) processes() int {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	count := 0
	for _, file := range files {
		command, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(command, []byte("/usr/bin/liveroom-recorder\x00")) {
			continue
		}
		environment, err := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
		if err == nil && bytes.Contains(environment, []byte("LIVEROOM_NAMESPACE="+r.Namespace+"\x00")) {
			count++
		}
	}
	return count
}

// Most ends the watch and gives the largest number of processes seen at a time.
func (w *ProcessWatch) Most(t testing.TB) int {
	t.Helper()
	close(w.stop)
	w.done.Wait()
	t.Logf("looked %d times", w.samples)
	return w.most
}
