// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// LiveRoom is a LiveRoom of a test, in a namespace that enforces the restricted level of Pod Security.
type LiveRoom struct {
	cluster   *Cluster
	Namespace string
	Name      string
	claim     string
}

// NewLiveRoom creates a LiveRoom for a room; extra is more of its spec, as YAML lines without indentation.
func (c *Cluster) NewLiveRoom(t testing.TB, simulator *Simulator, name string, roomID int64, extra string) *LiveRoom {
	t.Helper()
	namespace := c.RoomsNamespace(t, simulator)
	return c.newLiveRoom(t, namespace, name, name+"-recordings", roomID, extra)
}

// NewLiveRoomOn creates a LiveRoom in a namespace of RoomsNamespace, which records to a claim that is there.
func (c *Cluster) NewLiveRoomOn(t testing.TB, namespace, claim, name string, roomID int64) *LiveRoom {
	t.Helper()
	return c.newLiveRoom(t, namespace, name, claim, roomID, "storage: {claimName: "+claim+"}")
}

// RoomsNamespace makes a namespace for LiveRooms that enforces the restricted level of Pod Security.
func (c *Cluster) RoomsNamespace(t testing.TB, simulator *Simulator) string {
	t.Helper()
	namespace := c.Namespace(t, "rooms", map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	authority := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "authority"}, Data: map[string]string{"ca.pem": string(simulator.CA)}}
	if _, err := c.Kube.CoreV1().ConfigMaps(namespace).Create(context.Background(), authority, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.makeAccount(t, namespace)
	return namespace
}

func (c *Cluster) newLiveRoom(t testing.TB, namespace, name, claim string, roomID int64, extra string) *LiveRoom {
	t.Helper()
	spec := fmt.Sprintf(`roomId: %d
credentialsSecretRef: {name: `+accountSecret+`}
podTemplate:
  env: [{name: LIVEROOM_CA_FILE, value: /authority/ca.pem}]
  volumes: [{name: authority, configMap: {name: authority}}]
  volumeMounts: [{name: authority, mountPath: /authority, readOnly: true}]
%s`, roomID, extra)
	room := &LiveRoom{cluster: c, Namespace: namespace, Name: name, claim: claim}
	if _, err := c.LiveRooms(namespace).Create(context.Background(), kit.LiveRoom(t, name, spec), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		room.expectNoCredential(t)
		if t.Failed() {
			room.explain(t)
		}
	})
	return room
}

func (r *LiveRoom) explain(t testing.TB) {
	object, err := r.cluster.LiveRooms(r.Namespace).Get(context.Background(), r.Name, metav1.GetOptions{})
	if err == nil {
		t.Logf("status: %v", object.Object["status"])
	}
	if pod, err := r.TryPod(); err == nil && pod != nil {
		t.Logf("pod: %+v", pod.Status)
		logs, err := r.cluster.Kube.CoreV1().Pods(r.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(context.Background())
		t.Logf("log of %s: %s %v", pod.Name, logs, err)
	}
}

// Get reads the LiveRoom.
func (r *LiveRoom) Get(t testing.TB) *unstructured.Unstructured {
	t.Helper()
	object, err := r.cluster.LiveRooms(r.Namespace).Get(context.Background(), r.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// Patch merges JSON into the LiveRoom.
func (r *LiveRoom) Patch(t testing.TB, patch string) {
	t.Helper()
	_, err := r.cluster.LiveRooms(r.Namespace).Patch(context.Background(), r.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// Condition gives status, reason and message of a condition; empty when there is none.
func Condition(object *unstructured.Unstructured, kind string) (status, reason, message string) {
	list, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range list {
		condition, _ := item.(map[string]any)
		if condition["type"] == kind {
			return fmt.Sprint(condition["status"]), fmt.Sprint(condition["reason"]), fmt.Sprint(condition["message"])
		}
	}
	return "", "", ""
}

// AwaitCondition waits for a condition's status, and its reason if one is given.
func (r *LiveRoom) AwaitCondition(t testing.TB, limit time.Duration, kind, status, reason string) {
	t.Helper()
	kit.Await(t, limit, fmt.Sprintf("%s=%s %s", kind, status, reason), func() (bool, string) {
		object, err := r.cluster.LiveRooms(r.Namespace).Get(context.Background(), r.Name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		isStatus, isReason, message := Condition(object, kind)
		return isStatus == status && (reason == "" || isReason == reason), isStatus + " " + isReason + ": " + message
	})
}

// TryPod reads the recorder pod; nil when there is none.
func (r *LiveRoom) TryPod() (*corev1.Pod, error) {
	pod, err := r.cluster.Kube.CoreV1().Pods(r.Namespace).Get(context.Background(), r.Name+"-recorder", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return pod, err
}

// AwaitPod waits for a ready recorder pod other than the one with the given UID.
func (r *LiveRoom) AwaitPod(t testing.TB, limit time.Duration, not types.UID) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	kit.Await(t, limit, "a ready recorder pod", func() (bool, string) {
		pod, err := r.TryPod()
		if err != nil || pod == nil {
			return false, fmt.Sprint(err)
		}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue && pod.UID != not && pod.DeletionTimestamp == nil {
				found = pod
				return true, ""
			}
		}
		return false, string(pod.Status.Phase)
	})
	return found
}

// AwaitNoPod waits until there is no recorder pod.
func (r *LiveRoom) AwaitNoPod(t testing.TB, limit time.Duration) {
	t.Helper()
	kit.Await(t, limit, "no recorder pod", func() (bool, string) {
		pod, err := r.TryPod()
		if err != nil {
			return false, err.Error()
		}
		return pod == nil, "there is one"
	})
}

// Volume is where the LiveRoom's volume lies on this machine.
func (r *LiveRoom) Volume(t testing.TB) string {
	t.Helper()
	var path string
	kit.Await(t, 30*time.Second, "a bound claim", func() (bool, string) {
		claim, err := r.cluster.Kube.CoreV1().PersistentVolumeClaims(r.Namespace).Get(context.Background(), r.claim, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		if claim.Spec.VolumeName == "" {
			return false, string(claim.Status.Phase)
		}
		volume, err := r.cluster.Kube.CoreV1().PersistentVolumes().Get(context.Background(), claim.Spec.VolumeName, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		path = volume.Spec.Local.Path
		return true, ""
	})
	return path
}

// Files lists the files of the recording directory by a suffix, oldest name first; hidden ones are left out.
func (r *LiveRoom) Files(t testing.TB, suffix string) []string {
	t.Helper()
	var files []string
	root := filepath.Join(r.Volume(t), r.Name)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return nil // not there yet, or renamed while we look
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, suffix) {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	return files
}

// AwaitFiles waits until there are so many files with a suffix.
func (r *LiveRoom) AwaitFiles(t testing.TB, limit time.Duration, suffix string, count int) []string {
	t.Helper()
	var files []string
	kit.Await(t, limit, fmt.Sprintf("%d files *%s", count, suffix), func() (bool, string) {
		files = r.Files(t, suffix)
		return len(files) == count, strings.Join(files, ", ")
	})
	return files
}

// Field reads a text of an object; empty when it is not there.
func Field(object *unstructured.Unstructured, path ...string) string {
	text, _, _ := unstructured.NestedString(object.Object, path...)
	return text
}
