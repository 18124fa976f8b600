// SPDX-License-Identifier: Apache-2.0

// Package chaos kills controllers, lets two lead at a time and lets their caches lag, while LiveRooms come, change and go, and holds what happened
// against what must never happen.
package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/audit"
	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const (
	image         = "liveroom.example/recorder:1"
	actInterval   = 100 * time.Millisecond
	convergeLimit = 90 * time.Second
	// What one change of an object by others may cost in writes of controllers: of one that leads, and of two that correct each other for a minute.
	mostWrites         = 1.0
	mostWritesOfRivals = 3.0
)

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

// scene is a namespace in which something goes on.
type scene struct {
	namespace string
	node      *node
	hands     *hands
}

func newScene(t *testing.T, clients *kit.Clients, rooms int, random *rand.Rand) *scene {
	t.Helper()
	s := &scene{namespace: clients.Namespace(t, "chaos", nil)}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "liveroom-recorder"}}
	if _, err := clients.Kube.CoreV1().ServiceAccounts(s.namespace).Create(context.Background(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.hands = newHands(t, clients, s.namespace, rooms, random)
	s.node = newNode(t, clients, s.namespace, s.hands)
	return s
}

func (s *scene) arguments(kubeconfig string, more ...string) []string {
	return append([]string{"--kubeconfig", kubeconfig, "--namespaces", s.namespace, "--lease-namespace", s.namespace}, more...)
}

// Two controllers lead at the same time, one meets every fault and the other's cache is 5 s behind; elsewhere a leader is stopped until another has
// taken over, and goes on; every few seconds one is killed. At no moment two recorders of a LiveRoom, no recording cut, nothing left behind.
//
//	LIVEROOM_CHAOS_SECONDS  how long (100)            LIVEROOM_CHAOS_ROOMS  LiveRooms in each of two namespaces (24)
//	LIVEROOM_CHAOS_KILL     seconds between kills (10) LIVEROOM_CHAOS_SEED  of what is done (1)
func TestChaosMakesNoSecondRecorderAndCutsNoRecording(t *testing.T) {
	length := time.Duration(setting(t, "LIVEROOM_CHAOS_SECONDS", 100)) * time.Second
	rooms := setting(t, "LIVEROOM_CHAOS_ROOMS", 24)
	kill := time.Duration(setting(t, "LIVEROOM_CHAOS_KILL", 10)) * time.Second
	random := rand.New(rand.NewPCG(uint64(setting(t, "LIVEROOM_CHAOS_SEED", 1)), 0))

	own := kit.OwnCluster(t, "--api-only", "--with-controllers", "--audit")
	t.Setenv("KUBECONFIG", own.Kubeconfig)
	clients := kit.Connect(t)
	clients.InstallDefinition(t)
	every, behind := program.FaultProxy(t, own.Kubeconfig, "every"), program.FaultProxy(t, own.Kubeconfig, "behind")
	first, second := newScene(t, clients, rooms, random), newScene(t, clients, rooms, random)
	scenes := []*scene{first, second}

	rivals := newRivals(t, image, kill, first.arguments(every), first.arguments(behind))
	duel := newDuel(t, image, second.arguments(behind), func() {
		for range rooms / 2 {
			second.hands.act(t)
		}
	})
	began := time.Now()
	for turn := 0; time.Since(began) < length; turn++ {
		scenes[turn%2].hands.act(t)
		rivals.act(t)
		duel.act(t)
		time.Sleep(actInterval) // how quickly users act
	}
	rivals.end(t)
	duel.end(t)
	lasted := time.Since(began)

	// Peace: one controller a namespace, nothing between it and the server.
	began = time.Now()
	for _, one := range scenes {
		one.hands.rest(t)
		controller := program.Start(t, image, one.arguments(own.Kubeconfig, "--leader-elect=false")...)
		one.awaitOrder(t, clients)
		controller.AwaitIdle(t)
	}
	converged := time.Since(began)
	requests := audit.Read(t, own.AuditLog)
	for i, one := range scenes {
		for _, wrong := range one.node.wrongs() {
			t.Error(wrong)
		}
		checkWrites(t, one.namespace, requests, []float64{mostWritesOfRivals, mostWrites}[i])
		t.Logf("%s: %s; %d recorder processes, %d of them ended in a recording by those who may", one.namespace, one.hands.summary(), one.node.begun, one.node.cut)
	}
	t.Logf("%v: %d kills of two leaders at a time, which wrote %v times; %d leaders stopped and continued, %d killed, %d ended by themselves; another led after at most %v, "+
		"the one before ended at most %v after it went on; order after %v", lasted.Round(time.Second), rivals.kills, rivals.writes, duel.stops, duel.kills, duel.lost,
		duel.takeOver.Round(time.Millisecond), duel.both.Round(time.Millisecond), converged.Round(time.Millisecond))
}

// awaitOrder waits until everything is as it should be, and nothing is there that should not.
func (s *scene) awaitOrder(t *testing.T, clients *kit.Clients) {
	t.Helper()
	kit.Await(t, convergeLimit, "order in "+s.namespace, func() (bool, string) {
		wrong := s.disorder(t, clients)
		return len(wrong) == 0, strings.Join(wrong, "; ")
	})
}

func (s *scene) disorder(t *testing.T, clients *kit.Clients) []string {
	t.Helper()
	ctx := context.Background()
	list, err := clients.LiveRooms(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return []string{err.Error()}
	}
	pods, err := clients.Kube.CoreV1().Pods(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return []string{err.Error()}
	}
	claims, err := clients.Kube.CoreV1().PersistentVolumeClaims(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return []string{err.Error()}
	}
	pod, claim := map[string]*corev1.Pod{}, map[string]*corev1.PersistentVolumeClaim{}
	for i := range pods.Items {
		pod[pods.Items[i].Name] = &pods.Items[i]
	}
	for i := range claims.Items {
		claim[claims.Items[i].Name] = &claims.Items[i]
	}
	var wrong []string
	wanted := 0
	for i := range list.Items {
		room := view(t, &list.Items[i])
		if !room.spec.Suspend {
			wanted++
		}
		if complaint := s.complaint(room, pod[room.name+"-recorder"], claim[room.name+"-recordings"]); complaint != "" {
			wrong = append(wrong, room.name+": "+complaint)
		}
	}
	if len(pods.Items) != wanted {
		wrong = append(wrong, fmt.Sprintf("%d pods for %d LiveRooms", len(pods.Items), wanted))
	}
	// What is left of a LiveRoom that is gone is its claim, and that only if it is to stay.
	for name, one := range claim {
		room := s.hands.subjects[strings.TrimSuffix(name, "-recordings")]
		if room == nil || one.DeletionTimestamp != nil || (!room.exists && len(one.OwnerReferences) > 0) {
			wrong = append(wrong, "claim "+name+" is there")
		}
	}
	return wrong
}

func (s *scene) complaint(room liveRoom, pod *corev1.Pod, claim *corev1.PersistentVolumeClaim) string {
	known := s.hands.subjects[room.name]
	switch {
	case known == nil || !known.exists || room.deleted:
		return "is there"
	case room.status.ObservedGeneration != room.generation:
		return fmt.Sprintf("generation %d is not yet %d", room.status.ObservedGeneration, room.generation)
	case room.spec.Suspend && pod == nil && room.status.PodName == "":
		return ""
	case room.spec.Suspend:
		return "suspended, with a pod"
	case claim == nil || claim.Status.Phase != corev1.ClaimBound:
		return "no bound claim"
	case (len(claim.OwnerReferences) > 0) != (room.spec.Storage.WhenDeleted == "Delete"):
		return "its claim has the wrong owner"
	case pod == nil || pod.DeletionTimestamp != nil || room.status.PodName != pod.Name:
		return "no pod"
	}
	return s.podComplaint(room, pod, known)
}

func (s *scene) podComplaint(room liveRoom, pod *corev1.Pod, known *subject) string {
	config := configOf(pod)
	reference := metav1.GetControllerOf(pod)
	turn := room.spec.PodTemplate.NodeSelector["turn"]
	recorded := s.hands.live(room.name)
	switch {
	case reference == nil || string(reference.UID) != room.uid:
		return "a pod of another life"
	case s.node.runs(room.name) != pod.UID:
		return "its process does not run"
	case config.Generation != room.generation:
		return fmt.Sprintf("configuration of generation %d, not %d", config.Generation, room.generation)
	case pod.Spec.NodeSelector["turn"] != turn && !recorded:
		return "an outdated pod"
	case (pod.Labels["liveroom.dev/recording"] == "true") != recorded:
		return "protected as it should not be"
	case room.ready() != "True Ready":
		return "Ready is " + room.ready()
	case known.steady && !recorded:
		return "a steady room that is not live"
	}
	return ""
}
