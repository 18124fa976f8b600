// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

const (
	heartbeat = 5 * time.Second
	lookAgain = 200 * time.Millisecond
	// promised is how long a recorder that has said Ready begins no recording.
	promised = 30 * time.Second
)

// truth is what a room is really doing, and whether its recorder may be ended now although it records.
type truth interface {
	live(room string) bool
	excused(room string) bool
}

// node plays a kubelet, the scheduler, a provisioner of volumes, and a recorder in each pod of a namespace. It writes down what must not happen.
type node struct {
	*kit.Clients
	namespace, name string
	truth           truth
	context         context.Context
	work            sync.WaitGroup

	lock   sync.Mutex
	lives  map[types.UID]*life
	faults []string
	begun  int // recorder processes
	cut    int // of them ended while they recorded, by somebody who may
}

// life is the time of one pod.
type life struct {
	pod       *corev1.Pod // as last seen
	room      string
	runs      bool // its process
	gone      bool // the object
	recording bool
	answered  string // drain
	promise   time.Time
	wake      chan struct{}
}

func newNode(t *testing.T, clients *kit.Clients, namespace string, truth truth) *node {
	t.Helper()
	config := rest.CopyConfig(clients.Config)
	config.UserAgent = "chaos-node"
	ctx, cancel := context.WithCancel(context.Background())
	n := &node{Clients: kit.ConnectWith(t, config), namespace: namespace, name: "node-of-" + namespace, truth: truth, context: ctx, lives: map[types.UID]*life{}}
	n.register(t)
	factory := informers.NewSharedInformerFactoryWithOptions(n.Kube, 0, informers.WithNamespace(namespace))
	pod := func(object any) {
		if pod, ok := object.(*corev1.Pod); ok {
			n.seen(pod)
		}
	}
	_, err := factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: pod, UpdateFunc: func(_, object any) { pod(object) }, DeleteFunc: n.removed,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = factory.Core().V1().PersistentVolumeClaims().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: n.provision})
	if err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	t.Cleanup(func() {
		cancel()
		factory.Shutdown()
		n.work.Wait()
	})
	return n
}

// register makes the Node, and keeps it ready: pods of a node that is silent are not.
func (n *node) register(t *testing.T) {
	t.Helper()
	now := metav1.Now()
	ready := corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", LastHeartbeatTime: now, LastTransitionTime: now}
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name}, Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{ready}}}
	if _, err := n.Kube.CoreV1().Nodes().Create(n.context, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	n.work.Add(1)
	go func() {
		defer n.work.Done()
		leases := n.Kube.CoordinationV1().Leases("kube-node-lease")
		seconds := int32(40)
		for n.pause(heartbeat) {
			renewed := metav1.NowMicro()
			spec := coordinationv1.LeaseSpec{HolderIdentity: &n.name, LeaseDurationSeconds: &seconds, RenewTime: &renewed}
			lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: n.name}, Spec: spec}
			if old, err := leases.Get(n.context, n.name, metav1.GetOptions{}); err == nil {
				old.Spec = spec
				_, _ = leases.Update(n.context, old, metav1.UpdateOptions{})
			} else {
				_, _ = leases.Create(n.context, lease, metav1.CreateOptions{})
			}
		}
	}()
}

// pause is false when the node is to end.
func (n *node) pause(length time.Duration) bool {
	select {
	case <-n.context.Done():
		return false
	case <-time.After(length):
		return true
	}
}

func (n *node) fault(format string, arguments ...any) {
	n.faults = append(n.faults, fmt.Sprintf(format, arguments...))
}

func (n *node) seen(pod *corev1.Pod) {
	n.lock.Lock()
	defer n.lock.Unlock()
	one, known := n.lives[pod.UID]
	if !known {
		room := pod.Labels["liveroom.dev/room"]
		for _, other := range n.lives {
			if other.room == room && !other.gone {
				n.fault("%s: pod %s beside pod %s", room, pod.Name, other.pod.Name)
			}
		}
		one = &life{room: room, wake: make(chan struct{}, 1), pod: pod}
		n.lives[pod.UID] = one
		n.work.Add(1)
		go n.host(one)
	}
	if one.pod.Spec.Containers[0].Image != pod.Spec.Containers[0].Image {
		n.fault("%s: another image", pod.Name)
	}
	if pod.DeletionTimestamp != nil && one.pod.DeletionTimestamp == nil && one.recording {
		if n.truth.excused(one.room) {
			n.cut++
		} else {
			n.fault("%s: ended while it recorded", pod.Name)
		}
	}
	one.pod = pod
	one.rouse()
}

func (l *life) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (n *node) removed(object any) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = unknown.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	n.lock.Lock()
	defer n.lock.Unlock()
	if one := n.lives[pod.UID]; one != nil {
		if one.runs {
			n.fault("%s: removed while its process runs", pod.Name)
		}
		one.gone = true
		one.rouse()
	}
}

// look gives what a life needs to know, and whether it goes on.
func (n *node) look(one *life) (pod *corev1.Pod, goesOn bool) {
	n.lock.Lock()
	defer n.lock.Unlock()
	return one.pod, !one.gone && one.pod.DeletionTimestamp == nil
}

func (n *node) host(one *life) {
	defer n.work.Done()
	pod, _ := n.look(one)
	pods := n.Kube.CoreV1().Pods(n.namespace)
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: pod.UID}, Target: corev1.ObjectReference{Kind: "Node", Name: n.name}}
	if err := pods.Bind(n.context, binding, metav1.CreateOptions{}); err != nil {
		return // it was deleted before it had a node, and is gone
	}
	if n.pause(between(100, 400)) {
		n.record(one)
	}
	if !n.pause(between(100, 1500)) { // the recorder publishes its file
		return
	}
	n.lock.Lock()
	one.runs, one.recording = false, false
	ending := one.pod.DeletionTimestamp != nil
	n.lock.Unlock()
	if ending {
		now, uid := int64(0), pod.UID
		_ = pods.Delete(n.context, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &uid}})
	}
}

func between(least, most int) time.Duration {
	return time.Duration(least+rand.IntN(most-least)) * time.Millisecond
}

// record is the life of the pod's process, until it is asked to end.
func (n *node) record(one *life) {
	pod, goesOn := n.look(one)
	if !goesOn {
		return
	}
	n.lock.Lock()
	one.runs = true
	n.begun++
	n.lock.Unlock()
	ready := fmt.Sprintf(`{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": %q}], "containerStatuses": [{"name": "recorder",
		"containerID": "containerd://%s", "image": %q, "imageID": "x", "restartCount": 0, "ready": true, "state": {"running": {}}}]}}`,
		time.Now().UTC().Format(time.RFC3339), pod.UID, pod.Spec.Containers[0].Image)
	running, err := n.Kube.CoreV1().Pods(n.namespace).Patch(n.context, pod.Name, types.StrategicMergePatchType, []byte(ready), metav1.PatchOptions{}, "status")
	// It was deleted before anybody could see that it runs; the watch may tell of that only when it would be recording.
	if err != nil {
		return
	}
	if running.DeletionTimestamp != nil {
		n.lock.Lock()
		one.pod = running
		n.lock.Unlock()
		return
	}
	said := ""
	for {
		pod, goesOn := n.look(one)
		if !goesOn || n.context.Err() != nil {
			return
		}
		if words, status := n.report(one, pod); words != said && n.apply(one.room, status) {
			said = words
		}
		select {
		case <-n.context.Done():
		case <-one.wake:
		case <-time.After(lookAgain):
		}
	}
}

// report decides whether the room is recorded now and what is said of it.
func (n *node) report(one *life, pod *corev1.Pod) (words string, status map[string]any) {
	config := configOf(pod)
	n.lock.Lock()
	defer n.lock.Unlock()
	one.recording = n.truth.live(one.room) && (one.recording || time.Now().After(one.promise))
	answer := ""
	if config.Drain != "" {
		answer = "Busy"
		if !one.recording {
			answer = "Ready"
			if one.answered != config.Drain {
				one.promise = time.Now().Add(promised)
			}
		}
		one.answered = config.Drain
	}
	status = recorderStatus(pod, one.recording, config.Drain, answer)
	return fmt.Sprint(one.recording, config.Drain, answer, config.ReportSequence), status
}

func (n *node) apply(room string, status map[string]any) bool {
	text, _ := json.Marshal(map[string]any{"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom", "status": status})
	force := true
	_, err := n.LiveRooms(n.namespace).Patch(n.context, room, types.ApplyPatchType, text, metav1.PatchOptions{FieldManager: "liveroom-recorder", Force: &force}, "status")
	return err == nil
}

func recorderStatus(pod *corev1.Pod, recording bool, drain, answer string) map[string]any {
	condition := func(kind string, is bool, reason string) map[string]any {
		status := "False"
		if is {
			status = "True"
		}
		return map[string]any{"type": kind, "status": status, "reason": reason, "message": "", "lastTransitionTime": "2026-01-02T03:04:05Z"}
	}
	recorder := map[string]any{"version": "0.1.0", "podUID": string(pod.UID), "reportTime": time.Now().UTC().Format(time.RFC3339)}
	if drain != "" {
		recorder["drain"] = map[string]any{"id": drain, "answer": answer}
	}
	reason := "NotLive"
	if recording {
		reason = "Recording"
	}
	return map[string]any{
		"conditions": []any{condition("RoomFound", true, "Found"), condition("Recording", recording, reason), condition("StorageWritable", true, "Writable")},
		"recorder":   recorder,
	}
}

// provision makes a volume for a claim; the volume binder of the control plane brings them together.
func (n *node) provision(object any) {
	claim, ok := object.(*corev1.PersistentVolumeClaim)
	if !ok || claim.Spec.VolumeName != "" {
		return
	}
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv-" + string(claim.UID)}, Spec: corev1.PersistentVolumeSpec{
		Capacity: claim.Spec.Resources.Requests, AccessModes: claim.Spec.AccessModes,
		PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/nowhere"}},
		ClaimRef:               &corev1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
	}}
	_, _ = n.Kube.CoreV1().PersistentVolumes().Create(n.context, volume, metav1.CreateOptions{})
}

// wrongs gives what must not have happened.
func (n *node) wrongs() []string {
	n.lock.Lock()
	defer n.lock.Unlock()
	return append([]string(nil), n.faults...)
}

// runs says which pod's process runs for a room; empty for none.
func (n *node) runs(room string) types.UID {
	n.lock.Lock()
	defer n.lock.Unlock()
	for uid, one := range n.lives {
		if one.room == room && one.runs {
			return uid
		}
	}
	return ""
}
