// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// liveRoom is what these tests look at of a LiveRoom.
type liveRoom struct {
	name, uid  string
	generation int64
	deleted    bool
	spec       struct {
		Suspend     bool
		Storage     struct{ WhenDeleted string }
		PodTemplate struct{ NodeSelector map[string]string }
	}
	status struct {
		ObservedGeneration int64
		PodName            string
		Conditions         []metav1.Condition
	}
}

func view(t *testing.T, object *unstructured.Unstructured) liveRoom {
	t.Helper()
	room := liveRoom{name: object.GetName(), uid: string(object.GetUID()), generation: object.GetGeneration(), deleted: object.GetDeletionTimestamp() != nil}
	for part, target := range map[string]any{"spec": &room.spec, "status": &room.status} {
		text, _ := json.Marshal(object.Object[part])
		if err := json.Unmarshal(text, target); err != nil {
			t.Fatal(err)
		}
	}
	return room
}

func (r liveRoom) ready() string {
	for _, condition := range r.status.Conditions {
		if condition.Type == "Ready" {
			return string(condition.Status) + " " + condition.Reason
		}
	}
	return "absent"
}

// config is what a recorder is told.
type config struct {
	Generation     int64
	Drain          string
	ReportSequence int64
}

func configOf(pod *corev1.Pod) config {
	var decoded config
	_ = json.Unmarshal([]byte(pod.Annotations["liveroom.dev/config"]), &decoded)
	return decoded
}
