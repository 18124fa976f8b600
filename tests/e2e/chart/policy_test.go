// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

const (
	live  = `{type: Live, status: "True", reason: Live, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}`
	ready = `{type: Ready, status: "True", reason: Ready, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}`
)

// apply writes a status by server-side apply, as both programs do.
func apply(t *testing.T, rooms dynamic.ResourceInterface, manager, name, status string) error {
	t.Helper()
	patch := kit.LiveRoom(t, name, "")
	delete(patch.Object, "spec")
	patch.Object["status"] = kit.Object(t, status).Object
	_, err := rooms.ApplyStatus(context.Background(), name, patch, metav1.ApplyOptions{FieldManager: manager, Force: true})
	return err
}

func merge(rooms dynamic.ResourceInterface, name, patch string, subresources ...string) error {
	_, err := rooms.Patch(context.Background(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "liveroom-recorder"}, subresources...)
	return err
}

// A recorder can write its part of the status of its own LiveRoom, and nothing else. Its token is a real one, bound to its pod.
func TestRecorderWritesOnlyItsOwnStatus(t *testing.T) {
	clients := kit.Connect(t)
	clients.InstallDefinition(t)
	system, namespace, other := clients.Namespace(t, "system", nil), clients.Namespace(t, "rooms", nil), clients.Namespace(t, "rooms", nil)
	clients.InstallChart(t, system, "--set", "watchNamespaces={"+namespace+","+other+"}")

	admin := clients.LiveRooms(namespace)
	for _, name := range []string{"a", "b"} {
		if _, err := admin.Create(context.Background(), kit.LiveRoom(t, name, ""), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := apply(t, admin, "liveroom-controller", name, `{observedGeneration: 1, podName: `+name+`-recorder, conditions: [`+ready+`]}`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := clients.LiveRooms(other).Create(context.Background(), kit.LiveRoom(t, "a", ""), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	token, uid := podToken(t, clients, namespace, "a-recorder")
	own := clients.WithToken(t, token).LiveRooms(namespace)
	unboundToken, _ := podToken(t, clients, namespace, "")
	unbound := clients.WithToken(t, unboundToken).LiveRooms(namespace)
	elsewhere := clients.WithToken(t, token).LiveRooms(other)

	// A new policy is in force a moment after it was made.
	kit.Await(t, 30*time.Second, "policy in force", func() (bool, string) {
		err := merge(own, "b", `{}`, "status")
		return err != nil, "a recorder wrote another room's status"
	})

	for _, test := range []struct {
		name string
		do   func() error
		want string // words of the refusal; empty: allowed
	}{
		{"empty merge patch", func() error { return merge(own, "a", `{}`, "status") }, ""},
		{"own part", func() error {
			return apply(t, own, "liveroom-recorder", "a", `{conditions: [`+live+`], room: {id: 1}, recorder: {podUID: `+uid+`}}`)
		}, ""},
		{"own part by merge patch", func() error { return merge(own, "a", `{"status":{"totals":{"bytes":1}}}`, "status") }, ""},
		{"another room", func() error { return merge(own, "b", `{}`, "status") }, "pod a-recorder may not write the status of LiveRoom b"},
		{"the controller's condition", func() error {
			return apply(t, own, "liveroom-recorder", "a", `{conditions: [`+strings.ReplaceAll(ready, `"True"`, `"False"`)+`]}`)
		}, "conditions of the controller may not be changed: Ready"},
		{"an unknown condition", func() error {
			return apply(t, own, "liveroom-recorder", "a", `{conditions: [`+strings.ReplaceAll(live, "type: Live", "type: Bogus")+`]}`)
		}, "conditions of the controller may not be changed: Bogus"},
		{"the controller's manager", func() error { return apply(t, own, "liveroom-controller", "a", `{room: {id: 1}}`) }, "of the controller"},
		{"no status at all", func() error { return merge(own, "a", `{"status":null}`, "status") }, "of the controller"},
		{"pod's name", func() error { return merge(own, "a", `{"status":{"podName":"x"}}`, "status") }, "belong to the controller"},
		{"generation", func() error { return merge(own, "a", `{"status":{"observedGeneration":2}}`, "status") }, "belong to the controller"},
		{"another pod's uid", func() error { return merge(own, "a", `{"status":{"recorder":{"podUID":"x"}}}`, "status") }, "podUID is not that of the token"},
		{"what the pod before left", func() error { return merge(admin, "a", `{"status":{"recorder":{"podUID":"old"}}}`, "status") }, ""},
		{"reading it", func() error { return merge(own, "a", `{}`, "status") }, ""},
		{"writing in its name", func() error { return merge(own, "a", `{"status":{"totals":{"bytes":2}}}`, "status") }, "podUID is not that of the token"},
		{"writing after it", func() error {
			return merge(own, "a", `{"status":{"totals":{"bytes":2},"recorder":{"podUID":"`+uid+`"}}}`, "status")
		}, ""},
		{"token without pod", func() error { return merge(unbound, "a", `{}`, "status") }, "not bound to a pod"},
		{"another namespace", func() error { return merge(elsewhere, "a", `{}`, "status") }, "cannot patch resource"},
		{"spec", func() error { return merge(own, "a", `{"spec":{"suspend":true}}`) }, "cannot patch resource"},
		{"get", func() error { _, err := own.Get(context.Background(), "a", metav1.GetOptions{}); return err }, "cannot get resource"},
		{"delete", func() error { return own.Delete(context.Background(), "a", metav1.DeleteOptions{}) }, "cannot delete resource"},
		{"the controller is not looked at", func() error {
			return apply(t, admin, "liveroom-recorder", "b", `{conditions: [`+strings.ReplaceAll(live, `"True"`, "Unknown")+`]}`)
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.do()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("want %q, got %v", test.want, err)
			}
		})
	}
}

// A role that gives too much doesn't open the rest: the policy refuses everything but a status.
func TestPolicyHoldsWithoutRoles(t *testing.T) {
	clients := kit.Connect(t)
	clients.InstallDefinition(t)
	system, namespace := clients.Namespace(t, "system", nil), clients.Namespace(t, "rooms", nil)
	clients.InstallChart(t, system, "--set", "watchNamespaces={"+namespace+"}")
	if _, err := clients.LiveRooms(namespace).Create(context.Background(), kit.LiveRoom(t, "a", ""), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	grantAll(t, clients, namespace)
	token, _ := podToken(t, clients, namespace, "a-recorder")
	own := clients.WithToken(t, token).LiveRooms(namespace)
	const words = "a recorder may only update the status of its LiveRoom"
	kit.Await(t, 30*time.Second, "policy in force", func() (bool, string) {
		err := merge(own, "a", `{"metadata":{"labels":{"x":"y"}}}`)
		return err != nil && strings.Contains(err.Error(), words), fmt.Sprint(err)
	})
	if err := own.Delete(context.Background(), "a", metav1.DeleteOptions{}); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("delete: %v", err)
	}
	_, err := own.Create(context.Background(), kit.LiveRoom(t, "c", ""), metav1.CreateOptions{})
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("create: %v", err)
	}
}
