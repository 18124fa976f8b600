// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// reaction is how long it may take until what was wanted is done: a leader is stopped and the one that took over 22 s later is killed at once, so that
// another must, with a cache that is 5 s behind.
const reaction = 75 * time.Second

// subject is a LiveRoom that users have to do with.
type subject struct {
	name      string
	number    int
	steady    bool // is live all the time, and never suspended or deleted: its recorder must live through everything
	exists    bool
	suspended bool
	isLive    bool
	excused   time.Time // until then its recorder may be ended although it records
}

// hands are users: they create, change, suspend and delete LiveRooms, and delete pods. Rooms go live and off by themselves.
type hands struct {
	*kit.Clients
	namespace string
	random    *rand.Rand
	turn      int

	lock     sync.Mutex
	subjects map[string]*subject
	names    []string
	done     map[string]int // how often each thing was done
}

// Of three rooms one is steady.
func newHands(t *testing.T, clients *kit.Clients, namespace string, rooms int, random *rand.Rand) *hands {
	t.Helper()
	h := &hands{Clients: clients, namespace: namespace, random: random, subjects: map[string]*subject{}, done: map[string]int{}}
	for i := range rooms {
		one := &subject{name: fmt.Sprintf("room-%03d", i), number: i + 1, steady: i%3 == 0, isLive: i%3 == 0}
		h.subjects[one.name] = one
		h.names = append(h.names, one.name)
		h.create(t, one)
	}
	return h
}

func (h *hands) live(room string) bool {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.subjects[room] != nil && h.subjects[room].isLive
}

func (h *hands) excused(room string) bool {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.subjects[room] != nil && time.Now().Before(h.subjects[room].excused)
}

func (h *hands) excuse(one *subject) {
	h.lock.Lock()
	defer h.lock.Unlock()
	one.excused = time.Now().Add(reaction)
}

func (h *hands) setLive(one *subject, live bool) {
	h.lock.Lock()
	defer h.lock.Unlock()
	one.isLive = live
}

func (h *hands) create(t *testing.T, one *subject) {
	t.Helper()
	object := kit.LiveRoom(t, one.name, fmt.Sprintf("{roomId: %d}", one.number))
	_, err := h.LiveRooms(h.namespace).Create(context.Background(), object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) { // a foreground deletion takes its time
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	one.exists, one.suspended = true, false
	h.done["created"]++
}

func (h *hands) patch(t *testing.T, one *subject, what, patch string) {
	t.Helper()
	if _, err := h.LiveRooms(h.namespace).Patch(context.Background(), one.name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatalf("%s %s: %v", what, one.name, err)
	}
	h.done[what]++
}

// act does one thing to one LiveRoom.
func (h *hands) act(t *testing.T) {
	t.Helper()
	h.turn++
	one := h.subjects[h.names[h.random.IntN(len(h.names))]]
	switch {
	case !one.exists:
		h.create(t, one)
	case one.suspended:
		one.suspended = false
		h.excuse(one)
		h.patch(t, one, "resumed", `{"spec": {"suspend": false}}`)
	case one.steady:
		h.change(t, one, h.random.IntN(2))
	default:
		h.change(t, one, h.random.IntN(8))
	}
}

func (h *hands) change(t *testing.T, one *subject, kind int) {
	t.Helper()
	switch kind {
	case 0:
		h.patch(t, one, "configured", fmt.Sprintf(`{"spec": {"transport": {"pollIntervalSeconds": %d}}}`, 60+h.turn%1000))
	case 1:
		h.patch(t, one, "given another template", fmt.Sprintf(`{"spec": {"podTemplate": {"nodeSelector": {"turn": "%d"}}}}`, h.turn))
	case 2:
		h.patch(t, one, "given another fate of its claim", fmt.Sprintf(`{"spec": {"storage": {"whenDeleted": %q}}}`, []string{"Retain", "Delete"}[h.turn%2]))
	case 3, 4:
		h.setLive(one, !one.isLive)
		h.done["gone live or off"]++
	case 5:
		one.suspended = true
		h.excuse(one)
		h.patch(t, one, "suspended", `{"spec": {"suspend": true}}`)
	case 6:
		h.delete(t, one)
	case 7:
		h.excuse(one)
		err := h.Kube.CoreV1().Pods(h.namespace).Delete(context.Background(), one.name+"-recorder", metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			t.Fatal(err)
		}
		h.done["robbed of its pod"]++
	}
}

func (h *hands) delete(t *testing.T, one *subject) {
	t.Helper()
	h.excuse(one)
	ways := []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan}
	way := ways[h.random.IntN(len(ways))]
	err := h.LiveRooms(h.namespace).Delete(context.Background(), one.name, metav1.DeleteOptions{PropagationPolicy: &way})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	one.exists = false
	h.done["deleted ("+string(way)+")"]++
}

// rest lets every LiveRoom that is wanted be there.
func (h *hands) rest(t *testing.T) {
	t.Helper()
	for _, name := range h.names {
		one := h.subjects[name]
		if one.exists && one.suspended && one.number%2 == 0 {
			one.suspended = false
			h.patch(t, one, "resumed", `{"spec": {"suspend": false}}`)
		}
	}
}

func (h *hands) summary() string {
	var lines []string
	for what, count := range h.done {
		lines = append(lines, fmt.Sprintf("%s %d", what, count))
	}
	sort.Strings(lines)
	return strings.Join(lines, ", ")
}
