// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/audit"
	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

const (
	realImage = "localhost/liveroom:dev"
	claimName = "archive"
	turnEvery = 4 * time.Second
	podLimit  = 90 * time.Second
)

// household is LiveRooms with real recorders on one volume, all of them live all the time.
type household struct {
	cluster   *stage.Cluster
	namespace string
	rooms     map[string]*stage.Room
	live      map[string]*stage.LiveRoom
	deleted   bool
	turn      int
	done      int
}

// What becomes of them.
const (
	steady = "steady" // nothing but another setting now and then: recorded in one piece
	moody  = "moody"  // suspended and resumed
	mortal = "mortal" // deleted and made again
	robbed = "robbed" // its pod is deleted by hand
)

var everybody = []string{steady, moody, mortal, robbed}

func newHousehold(t *testing.T, cluster *stage.Cluster, simulator *stage.Simulator) *household {
	t.Helper()
	h := &household{cluster: cluster, namespace: cluster.RoomsNamespace(t, simulator), rooms: map[string]*stage.Room{}, live: map[string]*stage.LiveRoom{}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: claimName}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	if _, err := cluster.Kube.CoreV1().PersistentVolumeClaims(h.namespace).Create(context.Background(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range everybody {
		h.rooms[name] = simulator.NewRoom(t, name)
		h.make(t, name)
	}
	return h
}

func (h *household) make(t *testing.T, name string) {
	t.Helper()
	h.live[name] = h.cluster.NewLiveRoomOn(t, h.namespace, claimName, name, h.rooms[name].ID)
}

// act does one thing to one of them.
func (h *household) act(t *testing.T) {
	t.Helper()
	h.turn++
	h.done++
	switch h.turn % 4 {
	case 0:
		h.live[steady].Patch(t, []string{`{"spec":{"transport":{"pollIntervalSeconds":60}}}`, `{"spec":{"transport":{"pollIntervalSeconds":90}}}`}[h.turn/4%2])
	case 1:
		h.live[moody].Patch(t, []string{`{"spec":{"suspend":true}}`, `{"spec":{"suspend":false}}`}[h.turn/4%2])
	case 2:
		if h.deleted {
			h.make(t, mortal)
		} else if err := h.cluster.LiveRooms(h.namespace).Delete(context.Background(), mortal, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		h.deleted = !h.deleted
	case 3:
		err := h.cluster.Kube.CoreV1().Pods(h.namespace).Delete(context.Background(), robbed+"-recorder", metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			t.Fatal(err)
		}
	}
}

// rest lets everybody be recorded.
func (h *household) rest(t *testing.T) {
	t.Helper()
	h.live[moody].Patch(t, `{"spec":{"suspend":false}}`)
	if h.deleted {
		h.make(t, mortal)
	}
	for _, name := range everybody {
		h.live[name].AwaitCondition(t, podLimit, "Recording", "True", "")
		h.live[name].AwaitCondition(t, podLimit, "Ready", "True", "")
	}
}

// neverTwoConnections fails when two recorders spoke to the simulator for one room at a time.
func (h *household) neverTwoConnections(t *testing.T) {
	t.Helper()
	for _, name := range everybody {
		all := h.rooms[name].State(t).Connections
		sort.Slice(all, func(i, j int) bool { return all[i].OpenedMs < all[j].OpenedMs })
		ended := map[string]int64{}
		for _, one := range all {
			if one.OpenedMs < ended[one.Kind] {
				t.Errorf("%s: two %s connections at a time: %+v", name, one.Kind, one)
			}
			if one.ClosedMs != nil {
				ended[one.Kind] = max(ended[one.Kind], *one.ClosedMs)
			}
		}
	}
}

// wholeFile holds the steady room's only file against what the simulator sent.
func (h *household) wholeFile(t *testing.T) {
	t.Helper()
	file := h.live[steady].AwaitFiles(t, 30*time.Second, ".flv", 1)[0]
	media := h.rooms[steady].State(t).MediaConnections()
	if len(media) != 1 {
		t.Fatalf("the steady room's stream was opened %d times", len(media))
	}
	want, got := stage.ReadSource(t).Pictures(t, h.rooms[steady].Tags(t, media[0].ID)), stage.DecodedFrames(t, file)
	if len(want) == 0 || strings.Join(want, " ") != strings.Join(got, " ") {
		t.Errorf("%d pictures were sent and %d are in the file", len(want), len(got))
	}
	t.Logf("%d pictures in one file of one connection", len(got))
}

// withoutController gives the cluster the chart, whose controller doesn't run until the end of the test.
func withoutController(t *testing.T, cluster *stage.Cluster, simulator *stage.Simulator) {
	t.Helper()
	cluster.RemoveReleases(t)
	cluster.InstallChart(t, simulator)
	cluster.ScaleController(t, 0)
	t.Cleanup(func() { cluster.ScaleController(t, 1) })
}

// The same on a real node: two controllers lead at a time, one meets every fault, the other's cache is 5 s behind, and one after the other is killed.
// Recorder processes, the locks on their volume and their connections are looked at. LIVEROOM_CHAOS_REAL_SECONDS is how long (40).
func TestChaosOnARealNode(t *testing.T) {
	length := time.Duration(setting(t, "LIVEROOM_CHAOS_REAL_SECONDS", 40)) * time.Second
	kill := time.Duration(setting(t, "LIVEROOM_CHAOS_KILL", 10)) * time.Second
	cluster := stage.Open(t)
	simulator := cluster.StartSimulator(t)
	withoutController(t, cluster, simulator)
	kubeconfig := os.Getenv("LIVEROOM_E2E_KUBECONFIG")
	arguments := func(kubeconfig string) []string {
		return []string{"--kubeconfig", kubeconfig, "--lease-namespace", stage.SystemNamespace,
			"--recorder-env", "LIVEROOM_LIVE_API=" + simulator.BaseURL(), "--recorder-env", "LIVEROOM_API=" + simulator.BaseURL()}
	}
	home := newHousehold(t, cluster, simulator)
	rivals := newRivals(t, realImage, kill, arguments(program.FaultProxy(t, kubeconfig, "every")), arguments(program.FaultProxy(t, kubeconfig, "behind")))
	for _, name := range everybody {
		home.rooms[name].AwaitDanmaku(t, podLimit)
		home.rooms[name].Do(t, "live", nil)
		home.live[name].AwaitCondition(t, podLimit, "Recording", "True", "")
	}
	first := home.live[steady].AwaitPod(t, podLimit, "")
	guard := newGuard(t, cluster, home.namespace, home.live[steady].Volume(t))

	began := time.Now()
	for due := began; time.Since(began) < length; time.Sleep(actInterval) {
		if rivals.act(t); time.Now().After(due) {
			due = due.Add(turnEvery)
			home.act(t)
		}
	}
	rivals.end(t)

	began = time.Now()
	controller := program.Start(t, realImage, append(arguments(kubeconfig), "--leader-elect=false")...)
	home.rest(t)
	controller.AwaitIdle(t)
	t.Logf("%d things done, %d controllers killed, which wrote %v times; order after %v", home.done, rivals.kills, rivals.writes, time.Since(began).Round(time.Millisecond))
	if last := home.live[steady].AwaitPod(t, podLimit, ""); last.UID != first.UID || last.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Error("the steady room's recorder was replaced or restarted")
	}
	for _, name := range everybody {
		home.rooms[name].Do(t, "stop", map[string]any{"drainSeconds": 0})
	}
	home.wholeFile(t)
	guard.check(t, everybody)
	home.neverTwoConnections(t)
	checkWrites(t, home.namespace, audit.Read(t, cluster.AuditLog()), mostWritesOfRivals)
	home.leavesNothing(t)
	controller.Terminate(t)
}

// leavesNothing deletes the LiveRooms and waits until nothing of them is there but their claim.
func (h *household) leavesNothing(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if err := h.cluster.LiveRooms(h.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, podLimit, "nothing left", func() (bool, string) {
		pods, err := h.cluster.Kube.CoreV1().Pods(h.namespace).List(ctx, metav1.ListOptions{})
		if err != nil || len(pods.Items) > 0 {
			return false, "pods"
		}
		_, err = h.cluster.Kube.CoreV1().ServiceAccounts(h.namespace).Get(ctx, "liveroom-recorder", metav1.GetOptions{})
		return apierrors.IsNotFound(err), "the account"
	})
	if _, err := h.cluster.Kube.CoreV1().PersistentVolumeClaims(h.namespace).Get(ctx, claimName, metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}
