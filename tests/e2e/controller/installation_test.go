// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// looserDefinition is the definition as a later version might have it: it takes what this controller can't read.
func looserDefinition(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	definition := kit.Object(t, string(kit.File(t, "crds", "liveroom.yaml")))
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	version := versions[0].(map[string]any)
	path := []string{"schema", "openAPIV3Schema", "properties", "spec", "properties", "roomId"}
	room, found, _ := unstructured.NestedMap(version, path...)
	if !found {
		t.Fatal("the definition has no roomId")
	}
	delete(room, "minimum")
	if err := unstructured.SetNestedMap(version, room, path...); err != nil {
		t.Fatal(err)
	}
	if err := unstructured.SetNestedSlice(definition.Object, versions, "spec", "versions"); err != nil {
		t.Fatal(err)
	}
	return definition
}

// A controller that is there before what it needs waits for it, says what is missing, and goes on by itself.
func TestAnUnfinishedInstallationIsSaidAndWaitedFor(t *testing.T) {
	own := kit.OwnCluster(t, "--api-only", "--with-controllers")
	t.Setenv("KUBECONFIG", own.Kubeconfig)
	clients := kit.Connect(t)
	ctx := context.Background()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "rooms"}}
	if _, err := clients.Kube.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	place := &place{clients, "rooms"}
	controller := start(t, place.arguments("--leader-elect=false")...)
	kit.Await(t, 20*time.Second, "a controller that lives and is not ready", func() (bool, string) {
		code, _ := controller.Get("/healthz")
		ready, words := controller.Get("/readyz")
		return code == 200 && ready == 503 && strings.Contains(controller.Text(), "404"), words
	})
	clients.InstallDefinition(t)
	kit.Await(t, 90*time.Second, "a ready controller", func() (bool, string) { // it asks ever later, up to a minute
		code, words := controller.Get("/readyz")
		return code == 200, words
	})

	// Nobody has made the recorders' account.
	place.create(t, "a", "")
	condition := place.awaitCondition(t, "a", "Ready", "False Refused")
	if !strings.Contains(condition.Message, `serviceaccount "liveroom-recorder" not found`) {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning Refused: ")
	place.account(t)
	place.awaitPod(t, 40*time.Second, "a", "") // by itself

	options := metav1.ApplyOptions{FieldManager: "tests", Force: true}
	definition := looserDefinition(t)
	if _, err := clients.Dynamic.Resource(kit.Definitions).Apply(ctx, definition.GetName(), definition, options); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, 20*time.Second, "a spec of a later version", func() (bool, string) {
		_, err := place.LiveRooms(place.namespace).Create(ctx, kit.LiveRoom(t, "b", "{roomId: 0}"), metav1.CreateOptions{})
		return err == nil, "refused by the server"
	})
	condition = place.awaitCondition(t, "b", "Ready", "False InvalidSpec")
	if !strings.Contains(condition.Message, "roomId") {
		t.Errorf("message %q", condition.Message)
	}
	if place.pod("b") != nil {
		t.Error("a pod for a spec that can't be read")
	}
}
