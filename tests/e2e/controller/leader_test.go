// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

func leads(p *program.Process) bool { return p.Sum("leader_election_master_status") == 1 }

// awaitLeader waits until exactly one of two leads, and returns it first.
func awaitLeader(t *testing.T, a, b *program.Process) (leader, standby *program.Process) {
	t.Helper()
	kit.Await(t, 40*time.Second, "one leader", func() (bool, string) {
		first, second := leads(a), leads(b)
		if first && second {
			t.Fatal("two lead")
		}
		if first {
			leader, standby = a, b
		} else {
			leader, standby = b, a
		}
		return first || second, fmt.Sprintf("%v, %v", first, second)
	})
	return leader, standby
}

func (p *place) holder(t *testing.T) string {
	t.Helper()
	lease, err := p.Kube.CoordinationV1().Leases(p.namespace).Get(context.Background(), "liveroom-controller", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return *lease.Spec.HolderIdentity
}

func TestTwoControllersOneLeader(t *testing.T) {
	place := newPlace(t).account(t)
	first := start(t, place.arguments()...)
	kit.Await(t, 20*time.Second, "a leader", func() (bool, string) { return leads(first), first.Text() })
	second := start(t, place.arguments()...)
	kit.Await(t, 20*time.Second, "a warm standby", func() (bool, string) {
		code, body := second.Get("/readyz")
		return code == 200, body
	})

	place.create(t, "a", "")
	place.awaitPod(t, 10*time.Second, "a", "")
	leader, standby := awaitLeader(t, first, second)
	writes := func(p *program.Process) float64 {
		return p.Sum("rest_client_requests_total", `method="POST"`) + p.Sum("rest_client_requests_total", `method="PATCH"`)
	}
	if writes(leader) == 0 || writes(standby) != 0 {
		t.Errorf("the leader wrote %v times, the standby %v times", writes(leader), writes(standby))
	}
	if leader != first {
		t.Error("the second took the lease from the first")
	}

	t.Run("killed", func(t *testing.T) {
		began := time.Now()
		leader.Kill()
		place.create(t, "b", "")
		place.awaitPod(t, 20*time.Second, "b", "")
		t.Logf("the standby has made a pod %v after the leader was killed", time.Since(began).Round(time.Millisecond))
		if !leads(standby) {
			t.Error("nobody leads")
		}
	})

	t.Run("stopped", func(t *testing.T) {
		next := start(t, place.arguments()...)
		kit.Await(t, 20*time.Second, "a warm standby", func() (bool, string) {
			code, body := next.Get("/readyz")
			return code == 200, body
		})
		before := place.holder(t)
		began := time.Now()
		standby.Terminate(t)
		place.create(t, "c", "")
		place.awaitPod(t, 5*time.Second-time.Since(began), "c", "")
		t.Logf("the standby has made a pod %v after the leader was asked to stop", time.Since(began).Round(time.Millisecond))
		if after := place.holder(t); after == before {
			t.Errorf("the lease is still held by %s", after)
		}
	})
}

func TestALostLeaseEndsTheProcess(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	kit.Await(t, 20*time.Second, "a leader", func() (bool, string) { return leads(controller), controller.Text() })
	kit.Await(t, 20*time.Second, "the lease taken by somebody else", func() (bool, string) {
		leases := place.Kube.CoordinationV1().Leases(place.namespace)
		lease, err := leases.Get(context.Background(), "liveroom-controller", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		holder := "somebody else"
		lease.Spec.HolderIdentity = &holder
		_, err = leases.Update(context.Background(), lease, metav1.UpdateOptions{})
		return err == nil, fmt.Sprint(err)
	})
	select {
	case <-controller.Ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the controller goes on without its lease")
	}
	if code := controller.ExitCode(); code != 1 {
		t.Errorf("exit code %d", code)
	}
}
