// SPDX-License-Identifier: Apache-2.0

// Package install lives through what users do with the whole: install, upgrade, look at it, uninstall.
package install

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

const claimName = "archive"

// prepare gives a cluster without liveroom, and the simulator.
func prepare(t *testing.T) (*stage.Cluster, *stage.Simulator) {
	t.Helper()
	cluster := stage.Open(t)
	cluster.RemoveReleases(t)
	return cluster, cluster.StartSimulator(t)
}

// recorderSettings point recorders to the simulator.
func recorderSettings(simulator *stage.Simulator) []string {
	return []string{
		"--set", "recorder.env[0].name=LIVEROOM_LIVE_API", "--set", "recorder.env[0].value=" + simulator.BaseURL(),
		"--set", "recorder.env[1].name=LIVEROOM_API", "--set", "recorder.env[1].value=" + simulator.BaseURL(),
	}
}

// sharedClaim makes a claim that several rooms write to.
func sharedClaim(t *testing.T, cluster *stage.Cluster, namespace string) {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: claimName},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	if _, err := cluster.Kube.CoreV1().PersistentVolumeClaims(namespace).Create(context.Background(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// show is a LiveRoom that is being recorded.
type show struct {
	room *stage.Room
	live *stage.LiveRoom
	pod  types.UID
}

// record makes LiveRooms on the shared claim of a namespace and waits until every one of them is recording.
func record(t *testing.T, cluster *stage.Cluster, simulator *stage.Simulator, namespace string, names ...string) []show {
	t.Helper()
	var shows []show
	for _, name := range names {
		room := simulator.NewRoom(t, name)
		shows = append(shows, show{room: room, live: cluster.NewLiveRoomOn(t, namespace, claimName, name, room.ID)})
	}
	for i := range shows {
		shows[i].room.AwaitDanmaku(t, time.Minute)
		shows[i].room.Do(t, "live", nil)
		shows[i].live.AwaitCondition(t, 30*time.Second, "Recording", "True", "")
		shows[i].pod = shows[i].live.AwaitPod(t, 30*time.Second, "").UID
	}
	return shows
}

// stillTheSame fails unless a show's recorder is the one that began it, was never restarted, and has never lost its stream.
func (s show) stillTheSame(t *testing.T) {
	t.Helper()
	pod := s.live.AwaitPod(t, 30*time.Second, "")
	if pod.UID != s.pod || pod.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Errorf("%s: the recorder was replaced or restarted", s.live.Name)
	}
	if media := s.room.State(t).MediaConnections(); len(media) != 1 {
		t.Errorf("%s: the stream was opened %d times", s.live.Name, len(media))
	}
	status, reason, message := stage.Condition(s.live.Get(t), "Recording")
	if status != "True" {
		t.Errorf("%s: Recording=%s %s: %s", s.live.Name, status, reason, message)
	}
}

// awaitImage waits until the pod that began the show runs another image, and is ready.
func (s show) awaitImage(t *testing.T, image string) {
	t.Helper()
	kit.Await(t, 2*time.Minute, s.live.Name+" runs "+image, func() (bool, string) {
		pod, err := s.live.TryPod()
		if err != nil || pod == nil {
			return false, fmt.Sprint(err)
		}
		if pod.UID != s.pod {
			t.Fatalf("%s has another pod", s.live.Name)
		}
		status := pod.Status.ContainerStatuses[0]
		return pod.Spec.Containers[0].Image == image && status.RestartCount > 0 && status.Ready, pod.Spec.Containers[0].Image
	})
}

// end stops the show and holds its only file against what the simulator sent.
func (s show) end(t *testing.T, source *stage.Source) {
	t.Helper()
	s.room.Do(t, "stop", map[string]any{"drainSeconds": 1})
	file := s.live.AwaitFiles(t, 30*time.Second, ".flv", 1)[0]
	media := s.room.State(t).MediaConnections()
	want, got := source.Pictures(t, s.room.Tags(t, media[0].ID)), stage.DecodedFrames(t, file)
	if len(want) == 0 || strings.Join(want, " ") != strings.Join(got, " ") {
		t.Errorf("%s: %d pictures were sent and %d are in the file", s.live.Name, len(want), len(got))
	}
}

// shell runs lines as a user types them, with the tools and the configuration of the cluster.
func shell(t *testing.T, script string, environment ...string) string {
	t.Helper()
	out, err := tryShell(t, script, environment...)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, out)
	}
	return out
}

func tryShell(t *testing.T, script string, environment ...string) (string, error) {
	t.Helper()
	command := exec.Command("bash", "-euo", "pipefail", "-c", script)
	command.Dir = kit.Root(t)
	command.Env = append(os.Environ(), "KUBECONFIG="+os.Getenv("LIVEROOM_E2E_KUBECONFIG"), "PATH="+filepath.Dir(kit.Tool(t, "kubectl"))+":"+os.Getenv("PATH"))
	command.Env = append(command.Env, environment...)
	out, err := command.CombinedOutput()
	return string(out), err
}

// awaitGone waits until a list of objects, by the words of kubectl get, is empty.
func awaitGone(t *testing.T, limit time.Duration, what string) {
	t.Helper()
	kit.Await(t, limit, "no "+what, func() (bool, string) {
		left := strings.TrimSpace(shell(t, fmt.Sprintf("kubectl get %s --output name --ignore-not-found 2>/dev/null || true", what)))
		return left == "", left
	})
}
