// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

func TestSuspendKeepsTheClaimAndResumeGoesOnInTheDirectory(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "suspended")
	live := cluster.NewLiveRoom(t, simulator, "suspend", room.ID, "")
	watch := live.WatchProcesses(t)
	room.AwaitDanmaku(t, time.Minute)
	room.Do(t, "live", nil)
	live.AwaitCondition(t, 20*time.Second, "Recording", "True", "")

	live.Patch(t, `{"spec":{"suspend":true}}`)
	live.AwaitNoPod(t, time.Minute)
	live.AwaitCondition(t, 10*time.Second, "Suspended", "True", "")
	live.AwaitCondition(t, 10*time.Second, "Recording", "Unknown", "RecorderAbsent")
	first := live.AwaitFiles(t, 5*time.Second, ".flv", 1)[0]

	live.Patch(t, `{"spec":{"suspend":false}}`)
	live.AwaitPod(t, time.Minute, "")
	live.AwaitCondition(t, 30*time.Second, "Recording", "True", "")
	room.Do(t, "stop", map[string]any{"drainSeconds": 0})
	files := live.AwaitFiles(t, 20*time.Second, ".flv", 2)
	if files[0] != first && files[1] != first {
		t.Errorf("%s has gone: %v", first, files)
	}
	neverTwoAtATime(t, room, watch)
}

func TestDeletingTheLiveRoomRemovesThePodAndKeepsTheClaim(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "deleted")
	live := cluster.NewLiveRoom(t, simulator, "delete", room.ID, "")
	live.AwaitPod(t, time.Minute, "")
	room.AwaitDanmaku(t, time.Minute)
	if err := cluster.LiveRooms(live.Namespace).Delete(context.Background(), live.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	live.AwaitNoPod(t, time.Minute)
	claim, err := cluster.Kube.CoreV1().PersistentVolumeClaims(live.Namespace).Get(context.Background(), live.Name+"-recordings", metav1.GetOptions{})
	if err != nil || claim.DeletionTimestamp != nil {
		t.Fatalf("the claim is gone or going: %v", err)
	}
	if _, err := cluster.LiveRooms(live.Namespace).Get(context.Background(), live.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the LiveRoom is still there: %v", err)
	}
}

func TestAPodDeletedByHandComesBackAndNeverTwoRecord(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "by hand")
	live := cluster.NewLiveRoom(t, simulator, "by-hand", room.ID, "")
	watch := live.WatchProcesses(t)
	room.AwaitDanmaku(t, time.Minute)
	room.Do(t, "live", nil)
	live.AwaitCondition(t, 20*time.Second, "Recording", "True", "")
	before := live.AwaitPod(t, 30*time.Second, "")

	if err := cluster.Kube.CoreV1().Pods(live.Namespace).Delete(context.Background(), before.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	live.AwaitPod(t, time.Minute, before.UID)
	live.AwaitCondition(t, 30*time.Second, "Recording", "True", "")
	room.Do(t, "stop", map[string]any{"drainSeconds": 0})
	for _, file := range live.AwaitFiles(t, 20*time.Second, ".flv", 2) {
		timesRise(t, file)
	}
	neverTwoAtATime(t, room, watch)
}

// neverTwoAtATime holds the whole test against what was seen of it: recorder processes on this machine, and the
// connections that the room ever had, of which those of two recorders may not overlap.
func neverTwoAtATime(t *testing.T, room *stage.Room, watch *stage.ProcessWatch) {
	t.Helper()
	if most := watch.Most(t); most != 1 {
		t.Errorf("up to %d recorder processes at a time", most)
	}
	for _, kind := range []string{"media", "danmaku"} {
		var ended int64
		for _, connection := range opened(room.State(t).Connections, kind) {
			if connection.OpenedMs < ended {
				t.Errorf("two %s connections at a time: %+v", kind, connection)
			}
			if connection.ClosedMs != nil {
				ended = max(ended, *connection.ClosedMs)
			}
		}
	}
}

func opened(all []stage.Connection, kind string) []stage.Connection {
	var some []stage.Connection
	for _, connection := range all {
		if connection.Kind != kind {
			continue
		}
		at := len(some)
		for at > 0 && some[at-1].OpenedMs > connection.OpenedMs {
			at--
		}
		some = append(some[:at], append([]stage.Connection{connection}, some[at:]...)...)
	}
	return some
}

func TestARoomThatDoesNotExistIsAConditionAndAnEvent(t *testing.T) {
	cluster, simulator := prepare(t)
	live := cluster.NewLiveRoom(t, simulator, "nobody", 987654321, "")
	live.AwaitCondition(t, time.Minute, "RoomFound", "False", "NotFound")
	live.AwaitCondition(t, 20*time.Second, "Ready", "False", "RoomNotFound")
	kit.Await(t, 20*time.Second, "a warning Event about the room", func() (bool, string) {
		list, err := cluster.Kube.EventsV1().Events(live.Namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		var seen []string
		for _, event := range list.Items {
			if event.Regarding.Kind == "LiveRoom" && event.Type == "Warning" && strings.Contains(event.Reason, "NotFound") {
				return true, ""
			}
			seen = append(seen, fmt.Sprintf("%s/%s %s", event.Regarding.Kind, event.Reason, event.Note))
		}
		return false, strings.Join(seen, "; ")
	})
	pod := live.AwaitPod(t, time.Minute, "")
	if restarts := pod.Status.ContainerStatuses[0].RestartCount; restarts != 0 {
		t.Errorf("the recorder was restarted %d times", restarts)
	}
}
