// SPDX-License-Identifier: Apache-2.0

package program

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// Get asks the process itself, on its port; code 0 when it doesn't answer.
func (p *Process) Get(path string) (int, string) {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.Port, path))
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

// Sum adds up the series of a metric whose labels contain all the texts.
func (p *Process) Sum(metric string, labels ...string) float64 {
	_, text := p.Get("/metrics")
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

// Leads says whether it does the work: it holds the Lease.
func (p *Process) Leads() bool { return p.Sum("leader_election_master_status") == 1 }

// Writes counts the requests that change something, those for the Lease left out.
func (p *Process) Writes() float64 {
	return p.Sum("rest_client_requests_total", `method="POST"`) + p.Sum("rest_client_requests_total", `method="PATCH"`) +
		p.Sum("rest_client_requests_total", `method="DELETE"`)
}

// AwaitIdle waits until the controller leads and its queue has been empty, with no request made, for a second.
func (p *Process) AwaitIdle(t testing.TB) {
	t.Helper()
	var before float64
	var since time.Time
	kit.Await(t, 60*time.Second, "the controller idle", func() (bool, string) {
		requests := p.Writes()
		busy := p.Sum("workqueue_depth") + p.Sum("controller_runtime_active_workers")
		if (p.elects && !p.Leads()) || busy > 0 || requests != before {
			before, since = requests, time.Now()
			return false, fmt.Sprintf("%v requests, %v busy", requests, busy)
		}
		return time.Since(since) > time.Second, "not yet for a second"
	})
}

// Memory is a line of the process' status, VmRSS or RssAnon, in MiB; 0 when it has ended.
func (p *Process) Memory(line string) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	for _, candidate := range strings.Split(string(text), "\n") {
		if name, value, _ := strings.Cut(candidate, ":"); name == line {
			kib, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib / 1024
		}
	}
	return 0
}
