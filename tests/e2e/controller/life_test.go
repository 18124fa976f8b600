// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

func (p *place) awaitNoPod(t *testing.T, name string) {
	t.Helper()
	kit.Await(t, 20*time.Second, "no pod of "+name, func() (bool, string) { return p.pod(name) == nil, "a pod" })
}

func (p *place) claim(t *testing.T, name string) *corev1.PersistentVolumeClaim {
	t.Helper()
	claim, err := p.Kube.CoreV1().PersistentVolumeClaims(p.namespace).Get(context.Background(), name+"-recordings", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func TestSuspendAndResume(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	claim := place.claim(t, "a").UID

	place.change(t, "a", `{"spec": {"suspend": true}}`)
	place.awaitNoPod(t, "a")
	place.awaitCondition(t, "a", "Ready", "False Suspended")
	place.awaitCondition(t, "a", "Recording", "Unknown RecorderAbsent")
	if place.room(t, "a").Status.PodName != "" {
		t.Error("the status names a pod")
	}
	place.change(t, "a", `{"spec": {"suspend": false}}`)
	again := place.awaitPod(t, 20*time.Second, "a", pod.UID)
	if place.claim(t, "a").UID != claim {
		t.Error("another claim")
	}
	place.runs(t, again, true, 0)
	place.report(t, "a", again, nil)
	place.awaitCondition(t, "a", "Ready", "True Ready")
}

func TestADeletedPodIsMadeAgain(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	if err := place.Kube.CoreV1().Pods(place.namespace).Delete(context.Background(), pod.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	place.awaitPod(t, 5*time.Second, "a", pod.UID)
}

// Not at once: what ended it, an eviction for example, may well end the next one too.
func TestAnEndedPodIsMadeAgainAfterAWait(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	_, err := place.Kube.CoreV1().Pods(place.namespace).Patch(context.Background(), pod.Name, types.MergePatchType,
		[]byte(`{"status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}}`), metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	place.awaitNoPod(t, "a")
	condition := place.awaitCondition(t, "a", "Ready", "False PodEnded")
	if !strings.Contains(condition.Message, "Evicted") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning PodEnded: ")
	place.awaitPod(t, 20*time.Second, "a", pod.UID)
	if waited := time.Since(began); waited < 9*time.Second {
		t.Errorf("made again after %v", waited)
	}
}

// What the recorder said is taken back in its name when its pod is gone, and nothing else of its part is lost.
func TestAnAbsentRecorderClaimsNothing(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")

	place.runs(t, pod, false, 2*time.Minute)
	place.awaitCondition(t, "a", "RoomFound", "Unknown RecorderAbsent")
	place.awaitCondition(t, "a", "Recording", "Unknown RecorderAbsent")
	place.awaitCondition(t, "a", "Ready", "False PodNotReady")
	status := place.room(t, "a").Status
	if status.Totals["bytes"] != 1000 || status.LastRecording["fileCount"] != 1.0 || status.Recorder.PodUID != string(pod.UID) {
		t.Errorf("lost: %+v", status)
	}
	if count := len(status.Conditions); count != 8 {
		t.Errorf("%d conditions", count)
	}

	place.runs(t, pod, true, 0)
	kit.Await(t, 20*time.Second, "the recorder asked for its status", func() (bool, string) {
		sequence := config(t, place.pod("a"))["reportSequence"]
		return sequence == 1.0, fmt.Sprint(sequence)
	})
	// The very same apply as before: the recorder owns the fields, so it takes them back.
	place.report(t, "a", pod, nil)
	place.awaitCondition(t, "a", "Ready", "True Ready")
	controller.AwaitIdle(t)
	if sequence := config(t, place.pod("a"))["reportSequence"]; sequence != 1.0 {
		t.Errorf("asked %v times", sequence)
	}
}

func TestConfigurationChangesInPlace(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	place.change(t, "a", `{"spec": {"transport": {"pollIntervalSeconds": 60}}}`)
	kit.Await(t, 10*time.Second, "the new configuration", func() (bool, string) {
		got := config(t, place.pod("a"))
		return got["generation"] == 2.0 && got["transport"].(map[string]any)["pollIntervalSeconds"] == 60.0, fmt.Sprint(got)
	})
	controller.AwaitIdle(t)
	if place.pod("a").UID != pod.UID {
		t.Error("another pod")
	}
	if seen := place.room(t, "a").Status.ObservedGeneration; seen != 2 {
		t.Errorf("observedGeneration %d", seen)
	}
}

// drain waits for the question that comes before a replacement, and answers it as a recorder does.
func (p *place) drain(t *testing.T, name string, pod *corev1.Pod, answer string) {
	t.Helper()
	var id string
	kit.Await(t, 20*time.Second, "a drain", func() (bool, string) {
		id, _ = config(t, p.pod(name))["drain"].(string)
		return id != "", "none"
	})
	p.report(t, name, pod, func(text string) string {
		return strings.Replace(text, "recorder: {", fmt.Sprintf("recorder: {drain: {id: %q, answer: %s}, ", id, answer), 1)
	})
}

func TestAnOutdatedPodIsReplacedOnlyWhenIdle(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	recording := func(text string) string {
		return strings.Replace(text, `{type: Recording, status: "False", reason: NotLive`, `{type: Recording, status: "True", reason: Recording`, 1)
	}
	place.report(t, "a", pod, recording)
	kit.Await(t, 10*time.Second, "a protected pod", func() (bool, string) {
		seen := place.pod("a")
		return seen.Labels["liveroom.dev/recording"] == "true" && seen.Annotations["karpenter.sh/do-not-disrupt"] == "true" &&
			seen.Annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false", fmt.Sprint(seen.Labels, seen.Annotations)
	})
	place.awaitEvent(t, "a", "Normal RecordingStarted")
	place.change(t, "a", `{"spec": {"podTemplate": {"nodeSelector": {"disk": "fast"}}}}`)
	condition := place.awaitCondition(t, "a", "UpToDate", "False TemplateChanged")
	if condition.Message != "waits for the end of the recording" {
		t.Error(condition.Message)
	}
	if now := place.pod("a"); now == nil || now.UID != pod.UID || now.DeletionTimestamp != nil {
		t.Fatal("a recording was cut")
	}

	place.report(t, "a", pod, nil)
	place.drain(t, "a", pod, "Ready")
	next := place.awaitPod(t, 20*time.Second, "a", pod.UID)
	if next.Spec.NodeSelector["disk"] != "fast" {
		t.Errorf("selector %v", next.Spec.NodeSelector)
	}
	place.awaitCondition(t, "a", "UpToDate", "True UpToDate")
	place.awaitEvent(t, "a", "Normal RecordingEnded")
}

func TestAnotherImageComesToIdlePodsAndNoOtherVersionDoes(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	place.create(t, "b", "{roomId: 7, updatePolicy: Never}")
	kept := place.settleAs(t, "b", 7, "True Ready")
	place.create(t, "c", "{roomId: 6, updatePolicy: Never}")
	place.settleAs(t, "c", 7734200, "True DuplicateRoom")
	place.awaitEvent(t, "c", "Warning DuplicateRoom: ")
	controller.Terminate(t)

	program.Start(t, image+".1", place.arguments()...)
	place.drain(t, "a", pod, "Ready")
	kit.Await(t, 20*time.Second, "the image in place", func() (bool, string) {
		seen := place.pod("a")
		return seen != nil && seen.UID == pod.UID && seen.Spec.Containers[0].Image == image+".1", fmt.Sprint(seen.Spec.Containers[0].Image)
	})
	place.awaitCondition(t, "b", "UpToDate", "False ImageChanged")
	if place.pod("b").UID != kept.UID {
		t.Error("a pod was replaced against its updatePolicy")
	}
}

func TestAnOrphanedRecorderIsRemoved(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	// What a deletion with propagation Orphan leaves.
	if err := place.LiveRooms(place.namespace).Delete(context.Background(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := place.Kube.CoreV1().Pods(place.namespace).Patch(context.Background(), pod.Name, types.MergePatchType,
		[]byte(`{"metadata": {"ownerReferences": null}}`), metav1.PatchOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	place.awaitNoPod(t, "a")
	place.claim(t, "a")
}

func TestWhenDeletedIsSwitched(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "{roomId: 6, storage: {whenDeleted: Delete}}")
	place.awaitPod(t, 20*time.Second, "a", "")
	if owners := place.claim(t, "a").OwnerReferences; len(owners) != 1 || owners[0].Kind != "LiveRoom" {
		t.Errorf("owners %v", owners)
	}
	place.change(t, "a", `{"spec": {"storage": {"whenDeleted": "Retain"}}}`)
	kit.Await(t, 10*time.Second, "a claim without owner", func() (bool, string) {
		owners := place.claim(t, "a").OwnerReferences
		return len(owners) == 0, fmt.Sprint(owners)
	})
}
