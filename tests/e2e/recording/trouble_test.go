// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

// What the scheduler and the kubelet say of a recorder that can't run is said on its LiveRoom, in their words.
func TestWhatTheNodeSaysOfARecorderIsSaid(t *testing.T) {
	cluster, simulator := prepare(t)
	namespace := cluster.RoomsNamespace(t, simulator)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "archive"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	if _, err := cluster.Kube.CoreV1().PersistentVolumeClaims(namespace).Create(context.Background(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	troubles := []struct{ name, template, reason, words string }{
		{"nosecret", `{env: [{name: X, valueFrom: {secretKeyRef: {name: absent, key: k}}}]}`, "CreateContainerConfigError", `secret "absent" not found`},
		{"crash", `{env: [{name: LIVEROOM_LOG_LEVEL, value: shouting}]}`, "CrashLoop", "Error"},
		{"nowhere", `{nodeSelector: {disk: absent}}`, "Unschedulable", "didn't match Pod's node affinity/selector"},
	}
	for number, trouble := range troubles {
		object := kit.LiveRoom(t, trouble.name, `{roomId: 6, storage: {claimName: archive}, podTemplate: `+trouble.template+`}`)
		object.Object["spec"].(map[string]any)["roomId"] = int64(number + 1)
		if _, err := cluster.LiveRooms(namespace).Create(context.Background(), object, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, trouble := range troubles {
		kit.Await(t, 2*time.Minute, trouble.name+" is said", func() (bool, string) {
			object, err := cluster.LiveRooms(namespace).Get(context.Background(), trouble.name, metav1.GetOptions{})
			if err != nil {
				return false, err.Error()
			}
			status, reason, message := stage.Condition(object, "Ready")
			return status == "False" && reason == trouble.reason && strings.Contains(message, trouble.words), status + " " + reason + ": " + message
		})
	}
}
