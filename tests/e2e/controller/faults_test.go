// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

// Conflicts, lost answers, caches that are 5 s behind, cut and repeated watches: every LiveRoom has its one pod, and what must not happen does not.
func TestFaultsOfTheServerCostNoSecondPod(t *testing.T) {
	const count = 40
	place := newPlace(t).account(t)
	controller := start(t, place.arguments("--kubeconfig", program.FaultProxy(t, os.Getenv("KUBECONFIG")), "--leader-elect=false")...)
	ctx := context.Background()
	var names []string
	for i := range count {
		names = append(names, fmt.Sprintf("room-%02d", i))
	}
	pods, err := place.Kube.CoreV1().Pods(place.namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lives, ended := map[string]map[types.UID]bool{}, make(chan struct{})
	go func() {
		defer close(ended)
		for event := range pods.ResultChan() {
			if pod, ok := event.Object.(metav1.Object); ok {
				if lives[pod.GetName()] == nil {
					lives[pod.GetName()] = map[types.UID]bool{}
				}
				lives[pod.GetName()][pod.GetUID()] = true
			}
		}
	}()
	for number, name := range names {
		place.create(t, name, fmt.Sprintf("{roomId: %d}", number+1))
	}
	complete := func(what string) {
		kit.Await(t, 100*time.Second, what, func() (bool, string) {
			done, seen := place.owned(t)
			return done == count, seen
		})
	}
	complete("a pod, a claim and a status of each")
	uids := map[string]types.UID{}
	for _, name := range names {
		uids[name] = place.pod(name).UID
	}
	// Half of the rooms lose their pods, the other half their configuration's age.
	for number, name := range names {
		if number%2 == 0 {
			if err := place.Kube.CoreV1().Pods(place.namespace).Delete(ctx, name+"-recorder", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		} else {
			place.change(t, name, `{"spec": {"transport": {"pollIntervalSeconds": 60}}}`)
		}
	}
	kit.Await(t, 100*time.Second, "everything as it should be", func() (bool, string) {
		missing := 0
		for number, name := range names {
			pod := place.pod(name)
			if pod == nil || (number%2 == 0) == (pod.UID == uids[name]) || (number%2 == 1 && config(t, pod)["generation"] != 2.0) {
				missing++
			}
		}
		return missing == 0, fmt.Sprintf("%d are not", missing)
	})
	// Only the test deleted pods: each name had two lives or one.
	pods.Stop()
	<-ended
	for number, name := range names {
		wanted := 1
		if number%2 == 0 {
			wanted = 2
		}
		if got := len(lives[name+"-recorder"]); got != wanted {
			t.Errorf("%s had %d pods", name, got)
		}
	}
	if panics := controller.Sum("controller_runtime_reconcile_panics_total"); panics != 0 {
		t.Errorf("%v panics", panics)
	}
}
