// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

const rooms = 200

// each calls do for every name, some at a time.
func each(names []string, do func(name string)) {
	var group sync.WaitGroup
	work := make(chan string)
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for name := range work {
				do(name)
			}
		}()
	}
	for _, name := range names {
		work <- name
	}
	close(work)
	group.Wait()
}

// owned checks that every LiveRoom has its own pod and claim, and says how many have.
func (p *place) owned(t *testing.T) (int, string) {
	t.Helper()
	list, err := p.LiveRooms(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pods, err := p.Kube.CoreV1().Pods(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := p.Kube.CoreV1().PersistentVolumeClaims(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, pod := range pods.Items {
		if reference := metav1.GetControllerOf(&pod); reference != nil {
			owner[pod.Name] = string(reference.UID)
		}
	}
	claimed := map[string]bool{}
	for _, claim := range claims.Items {
		claimed[claim.Name] = true
		if len(claim.OwnerReferences) > 0 {
			t.Errorf("claim %s would go with its LiveRoom", claim.Name)
		}
	}
	complete := 0
	for _, item := range list.Items {
		name := item.GetName()
		status := decode(t, &item)
		if owner[name+"-recorder"] == status.UID && claimed[name+"-recordings"] && status.Status.PodName == name+"-recorder" &&
			status.Status.ObservedGeneration == 1 {
			complete++
		}
	}
	return complete, fmt.Sprintf("%d LiveRooms, %d pods, %d claims, %d complete", len(list.Items), len(pods.Items), len(claims.Items), complete)
}

// burst creates the LiveRooms at once, and checks that they took three requests each and that their statuses are true.
func (p *place) burst(t *testing.T, controller *program.Process, number map[string]int, names []string) {
	t.Helper()
	posts, patches := controller.Sum("rest_client_requests_total", `method="POST"`), controller.Sum("rest_client_requests_total", `method="PATCH"`)
	began := time.Now()
	each(names, func(name string) { p.create(t, name, fmt.Sprintf("{roomId: %d}", number[name])) })
	kit.Await(t, 120*time.Second, "200 pods, claims and statuses", func() (bool, string) {
		complete, seen := p.owned(t)
		return complete == rooms, seen
	})
	t.Logf("%d LiveRooms complete after %v", rooms, time.Since(began).Round(time.Millisecond))
	controller.AwaitIdle(t)
	posts = controller.Sum("rest_client_requests_total", `method="POST"`) - posts
	patches = controller.Sum("rest_client_requests_total", `method="PATCH"`) - patches
	if posts != 2*rooms || patches != rooms {
		t.Errorf("%v POST and %v PATCH requests for %d LiveRooms: three a room are enough", posts, patches, rooms)
	}
	for _, name := range names {
		status := p.room(t, name)
		for kind, wanted := range map[string]string{"Ready": "False PodPending", "StorageReady": "False ClaimPending",
			"UpToDate": "True UpToDate", "Suspended": "False NotSuspended"} {
			condition := status.condition(kind)
			if seen := string(condition.Status) + " " + condition.Reason; seen != wanted {
				t.Errorf("%s of %s is %s, not %s", kind, name, seen, wanted)
			}
		}
	}
}

func TestTwoHundredAtOnce(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	controller.AwaitIdle(t)
	names := make([]string, rooms)
	number := map[string]int{}
	for i := range names {
		names[i] = fmt.Sprintf("room-%03d", i)
		number[names[i]] = i + 1
	}
	place.burst(t, controller, number, names)

	each(names, func(name string) {
		pod := place.pod(name)
		place.bind(t, name)
		place.runs(t, pod, true, 0)
		place.report(t, name, pod, func(text string) string { return strings.Replace(text, "7734200", fmt.Sprint(number[name]), 1) })
	})
	for _, name := range names {
		place.awaitCondition(t, name, "Ready", "True Ready")
	}
	controller.AwaitIdle(t)
	t.Run("a restart changes nothing", func(t *testing.T) { place.restart(t, controller) })
	t.Run("series vanish with their object", func(t *testing.T) { place.vanish(t) })
}

func (p *place) restart(t *testing.T, controller *program.Process) {
	before := p.versions(t)
	if len(before) != 3*rooms {
		t.Fatalf("%d objects", len(before))
	}
	controller.Terminate(t)
	next := start(t, p.arguments()...)
	kit.Await(t, 30*time.Second, "every LiveRoom looked at", func() (bool, string) {
		seen := next.Sum("controller_runtime_reconcile_total", `controller="liveroom"`)
		return seen >= rooms, fmt.Sprint(seen)
	})
	next.AwaitIdle(t)
	after := p.versions(t)
	for name, version := range before {
		if after[name] != version {
			t.Errorf("%s changed", name)
		}
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%d objects before, %d after", len(before), len(after))
	}
	if writes := next.Sum("rest_client_requests_total", `method="PATCH"`); writes != 0 {
		t.Errorf("%v patches", writes)
	}
	if all := p.allEvents(t); len(all) > 0 {
		t.Errorf("normal life made Events: %v", all)
	}
	next.Terminate(t)
}

func (p *place) vanish(t *testing.T) {
	next := start(t, p.arguments("--leader-elect=false")...)
	kit.Await(t, 20*time.Second, "series of 200 LiveRooms", func() (bool, string) {
		seen := next.Sum("kube_liveroom_info")
		return seen == rooms && next.Sum("kube_liveroom_status_condition", `condition="Ready"`, `status="true"`) == rooms, fmt.Sprint(seen)
	})
	if err := p.LiveRooms(p.namespace).DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, 20*time.Second, "no series", func() (bool, string) {
		seen := next.Sum("kube_liveroom_info") + next.Sum("kube_liveroom_status_condition")
		return seen == 0, fmt.Sprint(seen)
	})
}

func (p *place) allEvents(t *testing.T) []string {
	t.Helper()
	list, err := p.Kube.CoreV1().Events(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, event := range list.Items {
		if event.InvolvedObject.Kind == "LiveRoom" {
			found = append(found, event.Reason)
		}
	}
	return found
}

func TestPodsAreWhatTheyShouldBe(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments("--recorder-env", "LIVEROOM_LIVE_API=https://proxy.example", "--default-storage",
		`{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"7Gi"}}}`)...)
	place.create(t, "a", `{roomId: 6, credentialsSecretRef: {name: cookie}, podTemplate: {metadata: {labels: {team: x}},
		env: [{name: TZ, value: UTC}], terminationGracePeriodSeconds: 30, nodeSelector: {disk: fast}}}`)
	pod := place.awaitPod(t, 20*time.Second, "a", "")
	// That the namespace admits it at all shows that it is restricted.
	if seconds := *pod.Spec.TerminationGracePeriodSeconds; seconds != 30 {
		t.Errorf("grace period %d", seconds)
	}
	if pod.Labels["team"] != "x" || pod.Labels["liveroom.dev/room"] != "a" || pod.Spec.NodeSelector["disk"] != "fast" {
		t.Errorf("labels %v, selector %v", pod.Labels, pod.Spec.NodeSelector)
	}
	values := map[string]string{}
	for _, variable := range pod.Spec.Containers[0].Env {
		values[variable.Name] = variable.Value
	}
	for name, value := range map[string]string{"LIVEROOM_NAME": "a", "TZ": "UTC", "LIVEROOM_LIVE_API": "https://proxy.example",
		"LIVEROOM_COOKIE_FILE": "/etc/liveroom-credentials/cookie", "LIVEROOM_OUTPUT": "/recordings"} {
		if values[name] != value {
			t.Errorf("%s=%s", name, values[name])
		}
	}
	if reference := metav1.GetControllerOf(pod); reference == nil || reference.Kind != "LiveRoom" {
		t.Errorf("owner %v", reference)
	}
	wanted := map[string]any{"name": "a", "namespace": place.namespace, "roomId": 6.0, "generation": 1.0, "rooms": 1.0}
	got := config(t, pod)
	for key, value := range wanted {
		if !reflect.DeepEqual(got[key], value) {
			t.Errorf("config %s is %v", key, got[key])
		}
	}
	claim, err := place.Kube.CoreV1().PersistentVolumeClaims(place.namespace).Get(context.Background(), "a-recordings", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if size := claim.Spec.Resources.Requests[corev1.ResourceStorage]; size.String() != "7Gi" {
		t.Errorf("claim of %s", size.String())
	}
	if text := fmt.Sprint(pod.Spec.Containers[0].Command); !strings.HasPrefix(text, "[/usr/bin/liveroom-recorder run --config /etc/liveroom/config.json") {
		t.Errorf("command %s", text)
	}
}
