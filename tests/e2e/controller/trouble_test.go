// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// kubelet says something of a pod, as a kubelet or a scheduler does.
func (p *place) kubelet(t testing.TB, pod, status string) {
	t.Helper()
	_, err := p.Kube.CoreV1().Pods(p.namespace).Patch(context.Background(), pod, types.StrategicMergePatchType,
		[]byte(`{"status": `+status+`}`), metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatKeepsAPodFromRunningIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	waiting := func(reason, message string) string {
		return `{"phase": "Pending", "containerStatuses": [{"name": "recorder", "image": "x", "imageID": "", "restartCount": 0, "ready": false,
			"state": {"waiting": {"reason": "` + reason + `", "message": "` + message + `"}}}]}`
	}
	for name, trouble := range map[string]struct{ status, reason, words string }{
		"node": {`{"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]}`,
			"Unschedulable", "0/3 nodes are available"},
		"image":   {waiting("ErrImagePull", "manifest unknown"), "ImagePullFailed", "manifest unknown"},
		"backoff": {waiting("ImagePullBackOff", "Back-off pulling image"), "ImagePullFailed", "Back-off pulling image"},
		"secret":  {waiting("CreateContainerConfigError", "no such key"), "CreateContainerConfigError", "no such key"},
		"mount":   {waiting("CreateContainerError", "no such file"), "CreateContainerError", "no such file"},
		"crash": {`{"phase": "Running", "containerStatuses": [{"name": "recorder", "image": "x", "imageID": "", "restartCount": 3, "ready": false,
			"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "too large"}}}]}`,
			"CrashLoop", "OOMKilled: too large"},
	} {
		place.create(t, name, "")
		pod := place.awaitPod(t, 20*time.Second, name, "")
		place.kubelet(t, pod.Name, trouble.status)
		condition := place.awaitCondition(t, name, "Ready", "False "+trouble.reason)
		if !strings.Contains(condition.Message, trouble.words) {
			t.Errorf("%s: message %q", name, condition.Message)
		}
		place.awaitEvent(t, name, "Warning "+trouble.reason+": ")
	}
}

// Nothing can be made there, not even an Event.
func TestATerminatingNamespaceIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	place.create(t, "a", "")
	if err := place.Kube.CoreV1().Namespaces().Delete(context.Background(), place.namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := place.Kube.CoreV1().Namespaces().Get(context.Background(), place.namespace, metav1.GetOptions{}); apierrors.IsNotFound(err) {
		t.Fatal("needs an API server whose namespaces nobody finalizes")
	}
	controller := start(t, place.arguments("--leader-elect=false")...)
	condition := place.awaitCondition(t, "a", "StorageReady", "False NamespaceTerminating")
	if !strings.Contains(condition.Message, "because it is being terminated") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitCondition(t, "a", "Ready", "False StorageNotReady")
	before := controller.Sum("rest_client_requests_total", `method="POST"`)
	time.Sleep(3 * time.Second) // what is asked for meanwhile is what the test is about
	if made := controller.Sum("rest_client_requests_total", `method="POST"`) - before; made > 3 {
		t.Errorf("%v tries within 3 s", made)
	}
}

func TestAStorageClassThatDoesNotExistIsSaid(t *testing.T) {
	place := newPlace(t)
	start(t, "--lease-namespace", place.namespace)
	place.create(t, "a", `{roomId: 6, storage: {volumeClaimTemplate: {spec: {storageClassName: nowhere, accessModes: [ReadWriteOnce],
		resources: {requests: {storage: 1Gi}}}}}}`)
	condition := place.awaitCondition(t, "a", "StorageReady", "False StorageClassMissing")
	if !strings.Contains(condition.Message, `storageclasses.storage.k8s.io "nowhere" not found`) {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitCondition(t, "a", "Ready", "False StorageNotReady")
	place.awaitEvent(t, "a", "Warning StorageClassMissing: ")
}

func TestGrowthThatTheClassDoesNotAllowIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	template := func(size string) string {
		return `{"storage": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "` + size + `"}}}}}}`
	}
	place.create(t, "a", `{roomId: 6, `+template("1Gi")[1:])
	place.settle(t, "a")
	place.change(t, "a", `{"spec": `+template("2Gi")+`}`)
	condition := place.awaitCondition(t, "a", "StorageReady", "True ResizeRefused")
	if !strings.Contains(condition.Message, "resize") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning ResizeRefused: ")
	place.awaitCondition(t, "a", "Ready", "True Ready")
}

func TestALostClaimIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	place.settle(t, "a")
	_, err := place.Kube.CoreV1().PersistentVolumeClaims(place.namespace).Patch(context.Background(), "a-recordings", types.MergePatchType,
		[]byte(`{"status": {"phase": "Lost"}}`), metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
	place.awaitCondition(t, "a", "StorageReady", "False ClaimLost")
	place.awaitEvent(t, "a", "Warning ClaimLost: ")
}

// An eviction is refused while the room records, and goes through when it doesn't.
func TestAnEvictionWaitsForTheEndOfTheRecording(t *testing.T) {
	place := newPlace(t)
	start(t, "--lease-namespace", place.namespace)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	ctx := context.Background()
	budgets := place.Kube.PolicyV1().PodDisruptionBudgets(place.namespace)
	budget, err := budgets.Get(ctx, "liveroom-recording", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// As the disruption controller does for one healthy pod.
	budget.Status = policyv1.PodDisruptionBudgetStatus{ObservedGeneration: budget.Generation, CurrentHealthy: 1, DesiredHealthy: 2147483647, ExpectedPods: 1}
	if _, err := budgets.UpdateStatus(ctx, budget, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	recording := func(text string) string {
		return strings.Replace(text, `{type: Recording, status: "False", reason: NotLive`, `{type: Recording, status: "True", reason: Recording`, 1)
	}
	place.report(t, "a", pod, recording)
	marked := func(wanted string) func() (bool, string) {
		return func() (bool, string) {
			seen := place.pod("a")
			return seen != nil && seen.Labels["liveroom.dev/recording"] == wanted, "not so"
		}
	}
	kit.Await(t, 10*time.Second, "a protected pod", marked("true"))
	evict := func() error {
		return place.Kube.PolicyV1().Evictions(place.namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: place.namespace}})
	}
	if err := evict(); !apierrors.IsTooManyRequests(err) || !strings.Contains(err.Error(), "violate") {
		t.Errorf("eviction of a recording pod: %v", err)
	}
	place.report(t, "a", pod, nil)
	kit.Await(t, 10*time.Second, "a pod that may go", marked(""))
	if err := evict(); err != nil {
		t.Errorf("eviction of an idle pod: %v", err)
	}
	place.awaitPod(t, 20*time.Second, "a", pod.UID)
}

// A drain waits for a recording without a word of its own: the LiveRoom gets an Event that says why.
func TestADrainThatWaitsIsSaid(t *testing.T) {
	place := newPlace(t)
	start(t, "--lease-namespace", place.namespace)
	place.create(t, "a", "")
	pod := place.awaitPod(t, 20*time.Second, "a", "")
	ctx := context.Background()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: place.namespace}}
	if _, err := place.Kube.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = place.Kube.CoreV1().Nodes().Delete(context.Background(), node.Name, metav1.DeleteOptions{})
	})
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: node.Name}}
	if err := place.Kube.CoreV1().Pods(place.namespace).Bind(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	place.settle(t, "a")
	place.report(t, "a", pod, func(text string) string {
		return strings.Replace(text, `{type: Recording, status: "False", reason: NotLive`, `{type: Recording, status: "True", reason: Recording`, 1)
	})
	kit.Await(t, 10*time.Second, "a protected pod", func() (bool, string) { return place.pod("a").Labels["liveroom.dev/recording"] == "true", "not so" })
	if _, err := place.Kube.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, []byte(`{"spec": {"unschedulable": true}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	place.awaitEvent(t, "a", "Normal DrainWaits: node "+node.Name)
}
