// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const (
	takeOverLimit = 3 * time.Minute // on a busy machine, by proxies that lose answers
	endLimit      = 10 * time.Second
	together      = 3 * time.Second // how long a leader goes on without the one that it took over from
)

// rivals are two controllers that both lead, all the time: neither asks for a Lease. One after the other is killed and started again.
type rivals struct {
	image     string
	arguments [2][]string
	every     time.Duration

	running [2]*program.Process
	next    int
	due     time.Time
	kills   int
	writes  [2]float64
}

func newRivals(t *testing.T, image string, every time.Duration, first, second []string) *rivals {
	t.Helper()
	r := &rivals{image: image, arguments: [2][]string{first, second}, every: every, due: time.Now().Add(every)}
	for i := range r.running {
		r.running[i] = r.start(t, i)
	}
	return r
}

func (r *rivals) start(t *testing.T, i int) *program.Process {
	t.Helper()
	return program.Start(t, r.image, append([]string{"--leader-elect=false"}, r.arguments[i]...)...)
}

func (r *rivals) act(t *testing.T) {
	t.Helper()
	for _, one := range r.running {
		if !one.Runs() {
			t.Fatalf("a controller ended by itself, with %d", one.ExitCode())
		}
	}
	if time.Now().Before(r.due) {
		return
	}
	r.due = r.due.Add(r.every)
	r.writes[r.next] += r.running[r.next].Writes()
	r.running[r.next].Kill()
	r.kills++
	r.running[r.next] = r.start(t, r.next)
	r.next = 1 - r.next
}

func (r *rivals) end(t *testing.T) {
	t.Helper()
	for i, one := range r.running {
		r.writes[i] += one.Writes()
		one.Terminate(t)
	}
}

// duel is a leader and a standby, as they should be. The leader is stopped (SIGSTOP), for so long that the other takes over, and then goes on where it
// was, with what it knew then; the next time it is killed.
type duel struct {
	image     string
	arguments []string
	urge      func() // makes work for the leader, just before it is stopped

	leader, standby *program.Process
	step            func(t *testing.T)
	since           time.Time
	kills, stops    int
	lost            int           // leases, by themselves
	both            time.Duration // the longest time that a leader which was one no longer went on
	takeOver        time.Duration // the longest
}

func newDuel(t *testing.T, image string, arguments []string, urge func()) *duel {
	t.Helper()
	d := &duel{image: image, arguments: arguments, urge: urge}
	d.leader, d.standby = program.Start(t, image, arguments...), program.Start(t, image, arguments...)
	d.enter(d.settle)
	return d
}

func (d *duel) enter(step func(t *testing.T)) { d.step, d.since = step, time.Now() }

func (d *duel) within(t *testing.T, limit time.Duration, what string) {
	t.Helper()
	if time.Since(d.since) > limit {
		t.Fatalf("%s: not within %v", what, limit)
	}
}

// settle waits until one leads, and then stops or kills it.
func (d *duel) settle(t *testing.T) {
	first, second := d.leader.Leads(), d.standby.Leads()
	if first && second {
		t.Fatal("two lead")
	}
	if second || !d.leader.Runs() {
		d.leader, d.standby = d.standby, d.leader
	}
	if !first && !second {
		d.within(t, takeOverLimit, "a leader")
		return
	}
	d.urge()
	if d.stops <= d.kills {
		d.leader.Pause()
		d.stops++
		d.enter(d.paused)
		return
	}
	d.leader.Kill()
	d.kills++
	d.leader = program.Start(t, d.image, d.arguments...)
	d.enter(d.taken)
}

func (d *duel) taken(t *testing.T) {
	d.within(t, takeOverLimit, "another leader after a kill")
	// The one that was started in its place may be first.
	if d.standby.Leads() || d.leader.Leads() {
		d.takeOver = max(d.takeOver, time.Since(d.since))
		d.enter(d.settle)
	}
}

func (d *duel) paused(t *testing.T) {
	d.within(t, takeOverLimit, "another leader")
	if d.standby.Leads() {
		d.takeOver = max(d.takeOver, time.Since(d.since))
		d.enter(d.led)
	}
}

func (d *duel) led(*testing.T) {
	if time.Since(d.since) > together {
		d.leader.Continue()
		d.enter(d.continued)
	}
}

// continued waits for the end of the one that has lost its lease without knowing it.
func (d *duel) continued(t *testing.T) {
	d.within(t, endLimit, "the end of a controller that has lost its lease")
	if d.leader.Runs() {
		return
	}
	d.both = max(d.both, time.Since(d.since))
	if code := d.leader.ExitCode(); code != 1 {
		t.Errorf("it ended with %d", code)
	}
	d.leader = program.Start(t, d.image, d.arguments...)
	d.enter(d.settle)
}

func (d *duel) act(t *testing.T) {
	t.Helper()
	// On a machine that is too busy a lease can be lost without our doing.
	if !d.standby.Runs() {
		d.standby = program.Start(t, d.image, d.arguments...)
		d.lost++
	}
	d.step(t)
}

func (d *duel) end(t *testing.T) {
	t.Helper()
	for _, one := range []*program.Process{d.leader, d.standby} {
		one.Continue()
		one.Kill() // whether it ends well is another test's subject
	}
}
