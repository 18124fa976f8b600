// SPDX-License-Identifier: Apache-2.0

package toolchain

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	tellEvery     = 10 * time.Second
	maxComplaints = 30 // lines of the compiler's output kept for an error
)

// progress counts what `go list` and `go build -v` say and tells it every few seconds.
type progress struct {
	title  string
	screen io.Writer
	start  time.Time
	done   chan struct{}
	ended  sync.WaitGroup

	mutex      sync.Mutex
	expected   int // packages, of which some may have been compiled before
	downloaded int
	compiled   int
	other      []string
}

func newProgress(title string, screen io.Writer) *progress {
	p := &progress{title: title, screen: screen, start: time.Now(), done: make(chan struct{})}
	p.ended.Add(1)
	go p.tell()
	return p
}

// line takes one line of the build's output.
func (p *progress) line(text string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case strings.HasPrefix(text, "go: downloading "):
		p.downloaded++
	case isPackage(text):
		p.compiled++
	default:
		p.other = append(p.other, text)
		if len(p.other) > maxComplaints {
			p.other = p.other[1:]
		}
	}
}

// isPackage tells an import path from everything else the compiler says.
func isPackage(text string) bool {
	return text != "" && !strings.ContainsAny(text, " \t:#")
}

func (p *progress) complaints() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.other
}

func (p *progress) summary() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.expected == 0 {
		return fmt.Sprintf("%s: %d modules downloaded, %s", p.title, p.downloaded, elapsed(p.start))
	}
	return fmt.Sprintf("%s: %d packages compiled of at most %d, %s",
		p.title, p.compiled, p.expected, elapsed(p.start))
}

// expect is told how many packages there are once the modules are there.
func (p *progress) expect(packages int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.expected = packages
}

func (p *progress) tell() {
	defer p.ended.Done()
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			fmt.Fprintln(p.screen, p.summary())
			return
		case <-ticker.C:
			fmt.Fprintln(p.screen, p.summary())
		}
	}
}

func (p *progress) stop() {
	close(p.done)
	p.ended.Wait()
}
