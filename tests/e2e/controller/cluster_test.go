// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

var install sync.Once

// place is a namespace with the definition of LiveRoom, whose pods must be restricted.
type place struct {
	*kit.Clients
	namespace string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	clients := kit.Connect(t)
	install.Do(func() { clients.InstallDefinition(t) })
	labels := map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
	return &place{clients, clients.Namespace(t, "controller", labels)}
}

// account makes what the chart makes in a namespace that is named to the controller.
func (p *place) account(t *testing.T) *place {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "liveroom-recorder"}}
	if _, err := p.Kube.CoreV1().ServiceAccounts(p.namespace).Create(context.Background(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return p
}

// arguments restrict a controller to this place, with a lease of its own.
func (p *place) arguments(more ...string) []string {
	return append([]string{"--namespaces", p.namespace, "--lease-namespace", p.namespace}, more...)
}

func (p *place) create(t testing.TB, name, spec string) *unstructured.Unstructured {
	t.Helper()
	created, err := p.LiveRooms(p.namespace).Create(context.Background(), kit.LiveRoom(t, name, spec), metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("create LiveRoom %s: %v", name, err)
	}
	return created
}

func (p *place) change(t testing.TB, name, patch string) {
	t.Helper()
	if _, err := p.LiveRooms(p.namespace).Patch(context.Background(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatalf("patch LiveRoom %s: %v", name, err)
	}
}

// room is what a test looks at of a LiveRoom.
type room struct {
	UID, Version string
	Generation   int64
	Status       struct {
		ObservedGeneration int64
		PodName            string
		Conditions         []metav1.Condition
		Totals             map[string]int64
		LastRecording      map[string]any
		Recorder           struct {
			PodUID string `json:"podUID"`
			Drain  struct{ ID, Answer string }
		}
	}
}

func decode(t testing.TB, object *unstructured.Unstructured) room {
	t.Helper()
	decoded := room{UID: string(object.GetUID()), Version: object.GetResourceVersion(), Generation: object.GetGeneration()}
	status, _ := json.Marshal(object.Object["status"])
	if err := json.Unmarshal(status, &decoded.Status); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func (r room) condition(kind string) metav1.Condition {
	for _, condition := range r.Status.Conditions {
		if condition.Type == kind {
			return condition
		}
	}
	return metav1.Condition{Type: kind, Status: "absent"}
}

func (p *place) room(t testing.TB, name string) room {
	t.Helper()
	object, err := p.LiveRooms(p.namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, object)
}

// awaitCondition waits until a condition has a status and a reason, "False QuotaExceeded".
func (p *place) awaitCondition(t testing.TB, name, kind, wanted string) metav1.Condition {
	t.Helper()
	var condition metav1.Condition
	kit.Await(t, 20*time.Second, fmt.Sprintf("%s of %s is %s", kind, name, wanted), func() (bool, string) {
		condition = p.room(t, name).condition(kind)
		seen := string(condition.Status) + " " + condition.Reason
		return seen == wanted, seen + ": " + condition.Message
	})
	return condition
}

// pod is the recorder of a LiveRoom; nil when there is none.
func (p *place) pod(name string) *corev1.Pod {
	pod, err := p.Kube.CoreV1().Pods(p.namespace).Get(context.Background(), name+"-recorder", metav1.GetOptions{})
	if err != nil {
		return nil
	}
	return pod
}

// awaitPod waits for a recorder other than the one of a UID.
func (p *place) awaitPod(t testing.TB, limit time.Duration, name string, other types.UID) *corev1.Pod {
	t.Helper()
	var pod *corev1.Pod
	kit.Await(t, limit, "a pod of "+name, func() (bool, string) {
		pod = p.pod(name)
		if pod == nil {
			return false, "none"
		}
		return pod.UID != other, "the old one"
	})
	return pod
}

// runs says what a kubelet says of a pod that is up, or no longer up since some time ago.
func (p *place) runs(t testing.TB, pod *corev1.Pod, ready bool, since time.Duration) {
	t.Helper()
	status := "False"
	if ready {
		status = "True"
	}
	patch := fmt.Sprintf(`{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": %q, "lastTransitionTime": %q}]}}`,
		status, time.Now().Add(-since).UTC().Format(time.RFC3339))
	_, err := p.Kube.CoreV1().Pods(p.namespace).Patch(context.Background(), pod.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
}

// bind says what a volume binder says of a claim.
func (p *place) bind(t testing.TB, name string) {
	t.Helper()
	_, err := p.Kube.CoreV1().PersistentVolumeClaims(p.namespace).Patch(context.Background(), name+"-recordings", types.MergePatchType,
		[]byte(`{"status": {"phase": "Bound"}}`), metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
}

const reported = `
conditions:
- {type: RoomFound, status: "True", reason: Found, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
- {type: Live, status: "False", reason: Offline, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
- {type: Recording, status: "False", reason: NotLive, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
- {type: StorageWritable, status: "True", reason: Writable, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}
room: {id: 7734200, title: 唱歌 😀}
lastRecording: {files: [{file: a/x.flv, bytes: 5}], fileCount: 1}
totals: {recordings: 3, bytes: 1000, seconds: 60, lostSeconds: 0}
`

// report writes what a recorder writes. `change` is applied to the text above.
func (p *place) report(t testing.TB, name string, pod *corev1.Pod, change func(string) string) {
	t.Helper()
	text := reported + fmt.Sprintf("recorder: {version: 0.1.0, podUID: %s, appliedGeneration: 1, reportTime: %q}\n", pod.UID, "2026-01-02T03:04:05Z")
	if change != nil {
		text = change(text)
	}
	patch := kit.Object(t, "{apiVersion: liveroom.dev/v1alpha1, kind: LiveRoom}")
	patch.SetName(name)
	patch.Object["status"] = kit.Object(t, text).Object
	options := metav1.ApplyOptions{FieldManager: "liveroom-recorder", Force: true}
	if _, err := p.LiveRooms(p.namespace).ApplyStatus(context.Background(), name, patch, options); err != nil {
		t.Fatal(err)
	}
}

// settle brings a LiveRoom to Ready=True.
func (p *place) settle(t testing.TB, name string) *corev1.Pod {
	t.Helper()
	return p.settleAs(t, name, 7734200, "True Ready")
}

// settleAs does so for a LiveRoom of another room, by its real number.
func (p *place) settleAs(t testing.TB, name string, room int, ready string) *corev1.Pod {
	t.Helper()
	pod := p.awaitPod(t, 20*time.Second, name, "")
	p.bind(t, name)
	p.runs(t, pod, true, 0)
	p.report(t, name, pod, func(text string) string { return strings.Replace(text, "7734200", fmt.Sprint(room), 1) })
	p.awaitCondition(t, name, "Ready", ready)
	return pod
}

// config is what the controller tells a recorder.
func config(t testing.TB, pod *corev1.Pod) map[string]any {
	t.Helper()
	var decoded map[string]any
	if err := json.Unmarshal([]byte(pod.Annotations["liveroom.dev/config"]), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// events are the reasons of the Events about a LiveRoom, with type and note.
func (p *place) events(t testing.TB, name string) []string {
	t.Helper()
	list, err := p.Kube.EventsV1().Events(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, event := range list.Items {
		if event.Regarding.Kind == "LiveRoom" && event.Regarding.Name == name {
			found = append(found, event.Type+" "+event.Reason+": "+event.Note)
		}
	}
	return found
}

func (p *place) awaitEvent(t testing.TB, name, prefix string) {
	t.Helper()
	kit.Await(t, 20*time.Second, "an Event "+prefix, func() (bool, string) {
		all := p.events(t, name)
		count := 0
		for _, event := range all {
			if strings.HasPrefix(event, prefix) {
				count++
			}
		}
		return count == 1, strings.Join(all, "; ")
	})
}

// versions are the resource versions of everything that a controller may write in this place.
func (p *place) versions(t testing.TB) map[string]string {
	t.Helper()
	found := map[string]string{}
	rooms, err := p.LiveRooms(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range rooms.Items {
		found["liveroom/"+item.GetName()] = item.GetResourceVersion()
	}
	pods, err := p.Kube.CoreV1().Pods(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range pods.Items {
		found["pod/"+item.Name] = item.ResourceVersion
	}
	claims, err := p.Kube.CoreV1().PersistentVolumeClaims(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range claims.Items {
		found["claim/"+item.Name] = item.ResourceVersion
	}
	return found
}
