// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// Nobody knows whether a recorder on a node that doesn't answer still records: it is said, and no second one is made.
func TestAPodOnALostNodeIsSaidAndNotReplaced(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.awaitPod(t, 20*time.Second, "a", "")
	ctx := context.Background()
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: "lost"}}
	if err := place.Kube.CoreV1().Pods(place.namespace).Bind(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	place.settle(t, "a")
	grace := int64(1)
	if err := place.Kube.CoreV1().Pods(place.namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &grace}); err != nil {
		t.Fatal(err)
	}
	place.awaitCondition(t, "a", "Ready", "False PodTerminating")
	kit.Await(t, 80*time.Second, "NodeLost", func() (bool, string) {
		condition := place.room(t, "a").condition("Ready")
		return condition.Reason == "NodeLost", condition.Reason
	})
	place.awaitEvent(t, "a", "Warning NodeLost: ")
	if seen := place.pod("a"); seen == nil || seen.UID != pod.UID {
		t.Error("another pod while the first may still run")
	}
}
