// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

const (
	currentImage  = "localhost/liveroom:dev"
	nextImage     = "localhost/liveroom:next"
	budget        = 5 // of the chart: recorder.maxConcurrentUpdates
	theNode       = "node1"
	startLimit    = 5 * time.Minute
	rolloutLimit  = 5 * time.Minute
	movedWithin   = time.Minute
	drainLimit    = 3 * time.Minute
	sampleAgain   = 200 * time.Millisecond
	recorderLabel = "app.kubernetes.io/component=recorder"
)

// fleet is rooms that are recorded, and as many that are idle.
type fleet struct {
	cluster         *stage.Cluster
	namespace       string
	recording, idle []show
	begun           map[string]identity // of the recordings
}

// identity is what a recording that goes on without a cut keeps.
type identity struct {
	pod       types.UID
	container string
	file      string
	inode     uint64
}

// fleetSize is LIVEROOM_UPGRADE_ROOMS, or a few.
func fleetSize(t *testing.T) int {
	t.Helper()
	size, err := strconv.Atoi(os.Getenv("LIVEROOM_UPGRADE_ROOMS"))
	if err != nil {
		return 4
	}
	return size
}

func newFleet(t *testing.T, cluster *stage.Cluster, simulator *stage.Simulator, size int) *fleet {
	t.Helper()
	f := &fleet{cluster: cluster, namespace: cluster.RoomsNamespace(t, simulator), begun: map[string]identity{}}
	sharedClaim(t, cluster, f.namespace)
	add := func(kind string) (shows []show) {
		for i := range size {
			name := fmt.Sprintf("%s-%02d", kind, i)
			room := simulator.NewRoom(t, name)
			shows = append(shows, show{room: room, live: cluster.NewLiveRoomOn(t, f.namespace, claimName, name, room.ID)})
		}
		return shows
	}
	f.recording, f.idle = add("recording"), add("idle")
	for _, shows := range [][]show{f.recording, f.idle} {
		for i := range shows {
			shows[i].room.AwaitDanmaku(t, startLimit)
			shows[i].pod = shows[i].live.AwaitPod(t, startLimit, "").UID
		}
	}
	for _, one := range f.recording {
		one.room.Do(t, "live", nil)
	}
	for _, one := range f.recording {
		one.live.AwaitCondition(t, time.Minute, "Recording", "True", "")
		// Media flows before the volume has its file.
		one.live.AwaitFiles(t, time.Minute, ".flv.part", 1)
		f.begun[one.live.Name] = identify(t, one)
	}
	return f
}

func identify(t *testing.T, one show) identity {
	t.Helper()
	pod := one.live.AwaitPod(t, 30*time.Second, "")
	files := one.live.Files(t, ".flv.part")
	if len(files) != 1 {
		t.Fatalf("%s: one open file is expected: %v", one.live.Name, files)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return identity{pod.UID, pod.Status.ContainerStatuses[0].ContainerID, filepath.Base(files[0]), info.Sys().(*syscall.Stat_t).Ino}
}

// untouched fails unless every recording is still made by the process that began it, in the file that it began.
func (f *fleet) untouched(t *testing.T, when string) {
	t.Helper()
	for _, one := range f.recording {
		one.stillTheSame(t)
		if now := identify(t, one); now != f.begun[one.live.Name] {
			t.Errorf("%s: %s was %+v and is %+v", when, one.live.Name, f.begun[one.live.Name], now)
		}
	}
}

// pods are those of the idle rooms.
func (f *fleet) pods(t *testing.T) map[string]corev1.Pod {
	t.Helper()
	list, err := f.cluster.Kube.CoreV1().Pods(f.namespace).List(context.Background(), metav1.ListOptions{LabelSelector: recorderLabel})
	if err != nil {
		t.Fatal(err)
	}
	pods := map[string]corev1.Pod{}
	for _, pod := range list.Items {
		if strings.HasPrefix(pod.Name, "idle-") {
			pods[strings.TrimSuffix(pod.Name, "-recorder")] = pod
		}
	}
	return pods
}

// container is what runs in a pod, and whether it is up.
func container(pod corev1.Pod) (id string, ready bool) {
	if len(pod.Status.ContainerStatuses) == 0 {
		return "", false
	}
	status := pod.Status.ContainerStatuses[0]
	return status.ContainerID, status.Ready && status.State.Running != nil
}

// tryMissing gives the recorders an image that is nowhere: one idle room tries it, and comes back.
func (f *fleet) tryMissing(t *testing.T, upgrade func(settings ...string)) {
	t.Helper()
	before := f.pods(t)
	upgrade("image.tag=dev", "recorder.image.tag=missing")
	tried := map[string]bool{}
	began := time.Now()
	kit.Await(t, 2*time.Minute, "an idle room that is back from an image that is nowhere", func() (bool, string) {
		back := 0
		for name, pod := range f.pods(t) {
			if pod.Spec.Containers[0].Image != currentImage {
				tried[name] = true
			}
			id, ready := container(pod)
			old, _ := container(before[name])
			if ready && id != old && pod.Spec.Containers[0].Image == currentImage {
				tried[name] = true
				back++
			}
		}
		return back > 0 && back == len(tried), fmt.Sprintf("tried by %v, %d are back", tried, back)
	})
	t.Logf("tried by %d room, which was back after %v", len(tried), time.Since(began).Round(100*time.Millisecond))
	if len(tried) != 1 {
		t.Errorf("%v tried an image that is nowhere", tried)
	}
	for name := range tried {
		for _, one := range f.idle {
			if one.live.Name == name {
				one.live.AwaitCondition(t, 30*time.Second, "UpToDate", "False", "ImagePullFailed")
			}
		}
	}
}

// rollOut gives operator and recorders the next image, and follows the idle rooms: one first, then as many at a time as may.
func (f *fleet) rollOut(t *testing.T, upgrade func(settings ...string)) {
	t.Helper()
	before := f.pods(t)
	upgrade("image.tag=next")
	most, first := 0, 0
	began := time.Now()
	deadline := began.Add(rolloutLimit)
	for done := 0; done < len(f.idle); {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d idle rooms have the image after %v", done, len(f.idle), rolloutLimit)
		}
		changing, proven := 0, 0
		for name, pod := range f.pods(t) {
			if pod.Spec.Containers[0].Image != nextImage {
				continue
			}
			old, _ := container(before[name])
			if id, ready := container(pod); ready && id != old {
				proven++
			} else {
				changing++
			}
		}
		if proven == 0 {
			first = max(first, changing)
		}
		most, done = max(most, changing), proven
		time.Sleep(sampleAgain)
	}
	t.Logf("%d idle rooms have the next image %v after the operator, at most %d at a time", len(f.idle), time.Since(began).Round(100*time.Millisecond), most)
	if first > 1 || most > budget {
		t.Errorf("%d tried it first, and then up to %d at a time", first, most)
	}
	for name, pod := range f.pods(t) {
		if pod.UID != before[name].UID {
			t.Errorf("%s has another pod", name)
		}
	}
}

// evict asks for what a drain asks for.
func (f *fleet) evict(one show) error {
	name := one.live.Name + "-recorder"
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: f.namespace}}
	return f.cluster.Kube.PolicyV1().Evictions(f.namespace).Evict(context.Background(), eviction)
}

// budgetIsKept fails when the disruption controller could not count, which would protect by accident.
func (f *fleet) budgetIsKept(t *testing.T) {
	t.Helper()
	found, err := f.cluster.Kube.PolicyV1().PodDisruptionBudgets(f.namespace).Get(context.Background(), "liveroom-recording", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	condition := meta.FindStatusCondition(found.Status.Conditions, policyv1.DisruptionAllowedCondition)
	if condition == nil || condition.Reason != policyv1.InsufficientPodsReason || int(found.Status.ExpectedPods) != len(f.recording) {
		t.Errorf("the budget counts %d pods, %+v", found.Status.ExpectedPods, condition)
	}
	events, err := f.cluster.Kube.EventsV1().Events(f.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events.Items {
		if event.Regarding.Kind == "PodDisruptionBudget" && event.Type == "Warning" {
			t.Errorf("%s: %s", event.Reason, event.Note)
		}
	}
}

// drain empties the only node: idle recorders go at once (and wait for a node), those that record when their shows end.
func (f *fleet) drain(t *testing.T, source *stage.Source) {
	t.Helper()
	t.Cleanup(func() { shell(t, "kubectl uncordon "+theNode) })
	before := f.pods(t)
	began := time.Now()
	over := make(chan error, 1)
	go func() {
		script := fmt.Sprintf("kubectl drain %s --pod-selector=%s --delete-emptydir-data --timeout=%s", theNode, recorderLabel, startLimit)
		output, err := tryShell(t, script)
		if err != nil {
			err = fmt.Errorf("%w: %s", err, output)
		}
		over <- err
	}()
	kit.Await(t, movedWithin, "idle recorders moved", func() (bool, string) {
		moved := 0
		for name, pod := range f.pods(t) {
			if pod.UID != before[name].UID && pod.Spec.NodeName == "" {
				moved++
			}
		}
		return moved == len(f.idle), fmt.Sprintf("%d of %d", moved, len(f.idle))
	})
	t.Logf("%d idle recorders have left the node %v after the drain began", len(f.idle), time.Since(began).Round(100*time.Millisecond))
	f.untouched(t, "in a drain")
	f.budgetIsKept(t)
	for _, one := range f.recording {
		if err := f.evict(one); !apierrors.IsTooManyRequests(err) || !strings.Contains(err.Error(), "violate") {
			t.Errorf("eviction of %s: %v", one.live.Name, err)
		}
	}
	f.awaitDrainEvents(t)
	f.idle[0].live.AwaitCondition(t, 30*time.Second, "Ready", "False", "Unschedulable")
	select {
	case err := <-over:
		t.Fatalf("the drain did not wait: %v", err)
	default:
	}
	ended := time.Now()
	for _, one := range f.recording {
		one.end(t, source)
	}
	select {
	case err := <-over:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(drainLimit):
		t.Fatalf("the drain is not over %v after the last show", drainLimit)
	}
	t.Logf("the drain was over %v after the first show was ended", time.Since(ended).Round(100*time.Millisecond))
}

// awaitDrainEvents waits until each LiveRoom that is recorded says that a drain waits for it.
func (f *fleet) awaitDrainEvents(t *testing.T) {
	t.Helper()
	kit.Await(t, 30*time.Second, "Events that say for whom the drain waits", func() (bool, string) {
		events, err := f.cluster.Kube.EventsV1().Events(f.namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		told := map[string]bool{}
		for _, event := range events.Items {
			if event.Reason == "DrainWaits" {
				told[event.Regarding.Name] = true
			}
		}
		return len(told) == len(f.recording), fmt.Sprint(told)
	})
}

// Rooms that record, and as many that are idle, through an image that is nowhere, an upgrade of operator and recorders, and a drain of their node: no
// recording is cut. LIVEROOM_UPGRADE_ROOMS of each (4); 20 is what a node of two cores takes.
func TestAnUpgradeAndADrainCutNoRecording(t *testing.T) {
	cluster, simulator := prepare(t)
	source := stage.ReadSource(t)
	cluster.LoadImageAs(t, nextImage)
	system := cluster.Namespace(t, "system", nil)
	release := func(verb string, settings ...string) {
		arguments := []string{verb, "liveroom", kit.Chart(t), "--namespace", system, "--take-ownership", "--wait", "--timeout", "2m"}
		for _, setting := range settings {
			arguments = append(arguments, "--set", setting)
		}
		cluster.Helm(t, append(arguments, recorderSettings(simulator)...)...)
	}
	release("install", "image.tag=dev")
	cluster.AwaitLiveRooms(t)
	began := time.Now()
	fleet := newFleet(t, cluster, simulator, fleetSize(t))
	t.Logf("%d rooms are recorded and %d idle after %v", len(fleet.recording), len(fleet.idle), time.Since(began).Round(time.Second))

	upgrade := func(settings ...string) { release("upgrade", settings...) }
	fleet.tryMissing(t, upgrade)
	fleet.untouched(t, "after an image that is nowhere")
	fleet.rollOut(t, upgrade)
	fleet.untouched(t, "after the upgrade")
	fleet.drain(t, source)

	shell(t, "kubectl uncordon "+theNode)
	for _, one := range append(fleet.recording, fleet.idle...) {
		one.live.AwaitCondition(t, startLimit, "Ready", "True", "")
	}
	if err := cluster.LiveRooms(fleet.namespace).DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, one := range append(fleet.recording, fleet.idle...) {
		one.live.AwaitNoPod(t, startLimit)
	}
}
