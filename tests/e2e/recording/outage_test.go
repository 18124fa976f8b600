// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

// The API server stays away for half a minute, then the controller is killed: the recording notices neither.
func TestAnOutageOfTheControlPlaneCostsNoFrame(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "outage")
	live := cluster.NewLiveRoom(t, simulator, "outage", room.ID, "")
	room.AwaitDanmaku(t, time.Minute)
	room.Do(t, "live", nil)
	live.AwaitCondition(t, 20*time.Second, "Recording", "True", "")
	before := live.AwaitPod(t, 30*time.Second, "")

	cluster.Run(t, "api kill")
	stopped := time.Now()
	room.Do(t, "change", map[string]any{"title": "another title"})
	time.Sleep(time.Until(stopped.Add(30 * time.Second))) // the length of the outage
	cluster.Run(t, "api start")
	back := time.Now()
	kit.Await(t, 10*time.Second, "the status has caught up", func() (bool, string) {
		object, err := cluster.LiveRooms(live.Namespace).Get(context.Background(), live.Name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		title := stage.Field(object, "status", "room", "title")
		return title == "another title", title
	})
	t.Logf("the status had caught up %v after the API server's return", time.Since(back))

	cluster.KillController(t, 2*time.Minute)

	room.Do(t, "stop", map[string]any{"drainSeconds": 2})
	file := live.AwaitFiles(t, 20*time.Second, ".flv", 1)[0]
	live.AwaitCondition(t, 20*time.Second, "Recording", "False", "NotLive")
	after := live.AwaitPod(t, 30*time.Second, "")
	if after.UID != before.UID || after.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Error("the recorder's pod was replaced or restarted")
	}
	media := room.State(t).MediaConnections()
	if len(media) != 1 {
		t.Fatalf("the stream was opened %d times", len(media))
	}
	everyFrameIsThere(t, stage.ReadSource(t), file, room.Tags(t, media[0].ID))
	timesRise(t, file)
}
