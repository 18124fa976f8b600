// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"fmt"
	"strings"
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/audit"
)

// checkWrites holds what controllers asked of the server against what they may.
func checkWrites(t *testing.T, namespace string, requests []audit.Request, most float64) {
	t.Helper()
	changes, writes, deletions := 0, 0, 0
	worst, ofRoom, ofKind := "", map[string]int{}, map[string]int{}
	for _, request := range requests {
		if request.ObjectRef.Namespace != namespace || !request.Changes() {
			continue
		}
		switch request.ObjectRef.Resource {
		case "liverooms", "pods", "persistentvolumeclaims":
		default:
			continue // leases and Events
		}
		if !strings.HasPrefix(request.UserAgent, "liveroom-controller/") {
			if request.Done() {
				changes++
			}
			continue
		}
		writes++
		ofKind[fmt.Sprint(request.What(), " ", request.ResponseStatus.Code)]++
		room := request.ObjectRef.Name
		for _, suffix := range []string{"-recorder", "-recordings"} {
			room = strings.TrimSuffix(room, suffix)
		}
		ofRoom[room]++
		if ofRoom[room] > ofRoom[worst] {
			worst = room
		}
		if request.Verb == "delete" || request.Verb == "deletecollection" {
			deletions++
			isSafe := request.Body != nil && request.Body.Preconditions != nil && request.Body.Preconditions.UID != nil &&
				(request.Body.GracePeriodSeconds == nil || *request.Body.GracePeriodSeconds > 0)
			if !isSafe || request.Verb != "delete" {
				t.Errorf("%s %s/%s with %+v", request.What(), namespace, request.ObjectRef.Name, request.Body)
			}
		}
	}
	ratio := float64(writes) / float64(changes)
	t.Logf("%s: %v", namespace, ofKind)
	t.Logf("%s: %d changes by others, %d writes by controllers (%.2f for each), at most %d for %s; %d deletions, each with a UID and a grace",
		namespace, changes, writes, ratio, ofRoom[worst], worst, deletions)
	if changes == 0 || ratio > most {
		t.Errorf("a storm of writes: %.2f for each change", ratio)
	}
}
