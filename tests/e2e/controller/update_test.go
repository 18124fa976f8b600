// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const (
	idleRooms      = 12
	recordingRooms = 12
	newImage       = image + ".2"
)

func containerStatus(pod *corev1.Pod) corev1.ContainerStatus {
	if len(pod.Status.ContainerStatuses) == 0 {
		return corev1.ContainerStatus{}
	}
	return pod.Status.ContainerStatuses[0]
}

// upgrade is a place in the middle of an upgrade, whose kubelet and recorders the test plays.
type upgrade struct {
	*place
	uid     map[string]types.UID
	pulls   bool // whether the new image can be pulled
	most    int  // containers that were being changed at a time
	first   int  // the same, before the first had come up
	changed map[string]bool
}

// container says which container runs in a pod.
func (u *upgrade) container(t *testing.T, pod, id, image string) {
	u.kubelet(t, pod, fmt.Sprintf(`{"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": %q}],
		"containerStatuses": [{"name": "recorder", "containerID": "containerd://%s", "image": %q, "imageID": "x", "restartCount": 0, "ready": true,
		"state": {"waiting": null, "running": {}}}]}`, time.Now().UTC().Format(time.RFC3339), id, image))
}

func (u *upgrade) settleAll(t *testing.T, recording func(name string) bool) {
	for number, name := range u.names() {
		u.create(t, name, fmt.Sprintf("{roomId: %d}", number+1))
	}
	each(u.names(), func(name string) {
		pod := u.awaitPod(t, 60*time.Second, name, "")
		u.bind(t, name)
		u.container(t, pod.Name, "old-"+name, image)
		u.report(t, name, pod, func(text string) string { return u.as(text, name, recording(name)) })
	})
	for _, name := range u.names() {
		u.awaitCondition(t, name, "Ready", "True Ready")
		u.uid[name] = u.pod(name).UID
	}
}

func (u *upgrade) names() []string {
	var names []string
	for i := range idleRooms {
		names = append(names, fmt.Sprintf("idle-%02d", i))
	}
	for i := range recordingRooms {
		names = append(names, fmt.Sprintf("recording-%02d", i))
	}
	return names
}

// as changes a report: a room of its own, recording or not.
func (u *upgrade) as(text, name string, recording bool) string {
	number := 0
	for i, other := range u.names() {
		if other == name {
			number = i + 1
		}
	}
	text = strings.Replace(text, "7734200", fmt.Sprint(number), 1)
	if recording {
		text = strings.Replace(text, `{type: Recording, status: "False", reason: NotLive`, `{type: Recording, status: "True", reason: Recording`, 1)
	}
	return text
}

// turn lets kubelet and recorders do what they do once, and says how many pods have the new image.
func (u *upgrade) turn(t *testing.T) int {
	pods, err := u.Kube.CoreV1().Pods(u.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	changing, done := 0, 0
	for i := range pods.Items {
		pod := &pods.Items[i]
		name := strings.TrimSuffix(pod.Name, "-recorder")
		if pod.UID != u.uid[name] || pod.DeletionTimestamp != nil {
			t.Fatalf("pod %s was replaced", pod.Name)
		}
		wanted, status := pod.Spec.Containers[0].Image, containerStatus(pod)
		if wanted != image {
			u.changed[name] = true
		}
		switch {
		case wanted != status.Image && wanted == newImage && !u.pulls:
			changing++
			if status.State.Waiting == nil {
				u.kubelet(t, pod.Name, `{"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "recorder", "image": "`+image+`", "imageID": "",
					"restartCount": 0, "ready": false, "state": {"running": null, "waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}}}]}`)
			}
		case wanted != status.Image || status.State.Waiting != nil:
			changing++
			u.container(t, pod.Name, fmt.Sprintf("new-%s-%d", name, time.Now().UnixNano()), wanted)
		case wanted == newImage:
			done++
		}
		id, _ := config(t, pod)["drain"].(string)
		if id != "" && u.room(t, name).Status.Recorder.Drain.ID != id {
			u.report(t, name, pod, func(text string) string {
				return strings.Replace(u.as(text, name, false), "recorder: {", fmt.Sprintf("recorder: {drain: {id: %q, answer: Ready}, ", id), 1)
			})
		}
	}
	u.most = max(u.most, changing)
	if done == 0 {
		u.first = max(u.first, changing)
	}
	return done
}

func newUpgrade(t *testing.T, pulls bool) *upgrade {
	u := &upgrade{place: newPlace(t).account(t), uid: map[string]types.UID{}, changed: map[string]bool{}, pulls: pulls}
	controller := start(t, u.arguments()...)
	u.settleAll(t, func(name string) bool { return strings.HasPrefix(name, "recording") })
	controller.AwaitIdle(t)
	controller.Terminate(t)
	return u
}

// The operator and the image of the recorders change at once: no recording is cut, idle rooms get the image, one first, then a few at a time.
func TestAnUpgradeCutsNoRecording(t *testing.T) {
	u := newUpgrade(t, true)
	controller := program.Start(t, newImage, u.arguments("--max-concurrent-updates", "4")...)
	began := time.Now()
	kit.Await(t, 60*time.Second, "the new image in idle rooms", func() (bool, string) {
		done := u.turn(t)
		return done == idleRooms, fmt.Sprint(done)
	})
	t.Logf("%d idle rooms after %v, at most %d at a time", idleRooms, time.Since(began).Round(time.Millisecond), u.most)
	controller.AwaitIdle(t)
	if u.first > 1 {
		t.Errorf("%d pods tried the image before it was known to be good", u.first)
	}
	if u.most > 4 {
		t.Errorf("%d pods at a time", u.most)
	}
	for name := range u.changed {
		if strings.HasPrefix(name, "recording") {
			t.Errorf("%s was touched", name)
		}
	}
	u.awaitCondition(t, "recording-00", "UpToDate", "False ImageChanged")
	u.awaitCondition(t, "idle-00", "UpToDate", "True UpToDate")
}

// An image that can't be pulled costs one idle room its recorder for a moment, and then nobody.
func TestAnImageThatCanNotBePulledComesBackByItself(t *testing.T) {
	u := newUpgrade(t, false)
	controller := program.Start(t, newImage, u.arguments()...)
	var victim string
	kit.Await(t, 60*time.Second, "the way back", func() (bool, string) {
		u.turn(t)
		for name := range u.changed {
			victim = name
			pod := u.pod(name)
			return pod.Spec.Containers[0].Image == image && containerStatus(pod).State.Waiting == nil, pod.Spec.Containers[0].Image
		}
		return false, "nobody tried"
	})
	controller.AwaitIdle(t)
	u.turn(t)
	if len(u.changed) != 1 {
		t.Errorf("tried by %v", u.changed)
	}
	condition := u.awaitCondition(t, victim, "UpToDate", "False ImagePullFailed")
	if !strings.Contains(condition.Message, "manifest unknown") || !strings.Contains(condition.Message, newImage) {
		t.Errorf("message %q", condition.Message)
	}
	u.awaitCondition(t, victim, "Ready", "True Ready")
}
