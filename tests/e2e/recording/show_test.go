// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

// awaitTold waits for an Event about the LiveRoom whose note says something that a person can use.
func awaitTold(t *testing.T, cluster *stage.Cluster, live *stage.LiveRoom, reason, word string) {
	t.Helper()
	kit.Await(t, 20*time.Second, "the Event "+reason, func() (bool, string) {
		list, err := cluster.Kube.EventsV1().Events(live.Namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		var seen []string
		for _, event := range list.Items {
			if event.Regarding.Kind != "LiveRoom" || event.Regarding.Name != live.Name {
				continue
			}
			if event.Reason == reason && event.Type == "Normal" && strings.Contains(event.Note, word) {
				return true, ""
			}
			seen = append(seen, event.Type+" "+event.Reason+": "+event.Note)
		}
		return false, strings.Join(seen, "; ")
	})
}

func TestALiveRoomBecomesARecording(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "第一场")
	live := cluster.NewLiveRoom(t, simulator, "first", room.ID, "")
	room.AwaitDanmaku(t, time.Minute)
	live.AwaitCondition(t, 20*time.Second, "Ready", "True", "")
	live.AwaitCondition(t, 10*time.Second, "Live", "False", "")

	room.Do(t, "live", nil)
	wentLive := time.Now()
	kit.Await(t, 3*time.Second, "media on disk within 3 s of LIVE", func() (bool, string) {
		files := live.Files(t, ".flv.part")
		return len(files) == 1 && size(t, files[0]) > 150_000, strings.Join(files, ", ")
	})
	t.Logf("first media on disk after %v", time.Since(wentLive))
	live.AwaitCondition(t, 10*time.Second, "Recording", "True", "")
	awaitTold(t, cluster, live, "RecordingStarted", "")
	time.Sleep(time.Until(wentLive.Add(12 * time.Second))) // the length of the show, not a wait for something

	room.Do(t, "stop", map[string]any{"drainSeconds": 2})
	ended := time.Now()
	files := live.AwaitFiles(t, 10*time.Second, ".flv", 1)
	t.Logf("published after %v", time.Since(ended))
	live.AwaitCondition(t, 10*time.Second, "Recording", "False", "NotLive")
	awaitTold(t, cluster, live, "RecordingEnded", "NotLive")
	if parts := live.Files(t, ".part"); len(parts) != 0 {
		t.Errorf("left behind: %v", parts)
	}

	media := room.State(t).MediaConnections()
	if len(media) != 1 || !media[0].TLS {
		t.Fatalf("one media connection over TLS is expected: %+v", media)
	}
	everyFrameIsThere(t, stage.ReadSource(t), files[0], room.Tags(t, media[0].ID))
	timesRise(t, files[0])
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode of the file is %v", info.Mode())
	}
}

func TestATitleStaysOneFileNameInTheDirectory(t *testing.T) {
	cluster, simulator := prepare(t)
	title := strings.Repeat("../../x/\n😀", 100)
	room := simulator.NewRoom(t, title)
	live := cluster.NewLiveRoom(t, simulator, "title", room.ID, "")
	room.AwaitDanmaku(t, time.Minute)
	room.Do(t, "live", nil)
	live.AwaitFiles(t, 20*time.Second, ".flv.part", 1)
	room.Do(t, "stop", map[string]any{"drainSeconds": 0})
	file := live.AwaitFiles(t, 20*time.Second, ".flv", 1)[0]
	if filepath.Dir(file) != filepath.Join(live.Volume(t), live.Name) {
		t.Errorf("%s is not in the recording directory itself", file)
	}
	if name := filepath.Base(file); len(name) > 255 || !strings.Contains(name, "😀") {
		t.Errorf("file name of %d bytes: %s", len(name), name)
	}
	timesRise(t, file)
}
