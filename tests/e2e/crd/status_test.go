// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

const fullStatus = `
observedGeneration: 1
podName: a-recorder
conditions:
- {type: Ready, status: "True", reason: Ready, message: "", lastTransitionTime: "2026-01-02T03:04:05Z", observedGeneration: 1}
- {type: Live, status: "True", reason: Live, message: It is on, lastTransitionTime: "2026-01-02T03:04:05Z"}
- {type: Recording, status: "False", reason: Filtered, message: The title is skipped, lastTransitionTime: "2026-01-02T03:04:05+08:00"}
room: {id: 5440, shortId: 6, uid: 9617619, anchor: 主播, title: 唱歌 😀, area: 唱见, parentArea: 娱乐}
show: {key: "123456789", startTime: "2026-01-02T03:04:05Z"}
recording: {file: a/x.flv, startTime: "2026-01-02T03:04:05Z", quality: 10000, codec: avc, format: flv, host: h.example, sizeBytes: 9007199254740993,
  durationSeconds: 60, lostSeconds: 2, gaps: 1}
lastRecording: {files: [{file: a/w.flv, start: "2026-01-02T03:04:05Z", bytes: 1, seconds: 2, lostSeconds: 3}], fileCount: 51,
  start: "2026-01-02T03:04:05Z", end: "2026-01-02T03:04:05Z", bytes: 1, seconds: 2, lostSeconds: 3, endReason: Offline}
lastRetention: {time: "2026-01-02T03:04:05Z", files: 1, bytes: 2}
totals: {recordings: 1, bytes: 2, seconds: 3, lostSeconds: 4}
recorder: {version: 0.1.0, podUID: 9c1e2f6e-4a32-4c39-b2a0-6f0a2c7d7a52, appliedGeneration: 1, drain: {id: "7", answer: Busy}, reportTime: "2026-01-02T03:04:05Z"}
`

func TestStatusHasEveryField(t *testing.T) {
	set := map[string]bool{}
	fields(kit.Object(t, fullStatus).Object, ".status", set)
	for _, node := range nodes(t) {
		if strings.HasPrefix(node.path, ".status") && !set[node.path] {
			t.Errorf("the status of these tests lacks %s", node.path)
		}
	}
}

// A status is written by server-side apply, where a field that the schema does not know is an error.
func TestStatusIsKept(t *testing.T) {
	rooms := rooms(t)
	mustCreate(t, rooms, kit.LiveRoom(t, "a", ""))
	patch := kit.Object(t, "{apiVersion: liveroom.dev/v1alpha1, kind: LiveRoom, metadata: {name: a}}")
	patch.Object["status"] = kit.Object(t, fullStatus).Object
	got, err := rooms.ApplyStatus(context.Background(), "a", patch, metav1.ApplyOptions{FieldManager: "tests", Force: true})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(patch.Object["status"])
	have, _ := json.Marshal(got.Object["status"])
	if string(want) != string(have) {
		t.Errorf("got  %s\nwant %s", have, want)
	}
	if got.GetGeneration() != 1 {
		t.Errorf("a status raised the generation to %d", got.GetGeneration())
	}
}

func TestStatusBounds(t *testing.T) {
	rooms := rooms(t)
	mustCreate(t, rooms, kit.LiveRoom(t, "a", ""))
	write := func(status string) error {
		patch := kit.Object(t, "{apiVersion: liveroom.dev/v1alpha1, kind: LiveRoom, metadata: {name: a}}")
		patch.Object["status"] = kit.Object(t, status).Object
		_, err := rooms.ApplyStatus(context.Background(), "a", patch, metav1.ApplyOptions{FieldManager: "tests", Force: true})
		return err
	}
	if err := write(`{room: {title: "` + strings.Repeat("直", 256) + `"}}`); err != nil {
		t.Error(err)
	}
	if err := write(`{room: {title: "` + strings.Repeat("直", 257) + `"}}`); len(causes(err)["status.room.title"]) == 0 {
		t.Errorf("a title of 257 characters: %v", err)
	}
	if err := write(`{conditions: [{type: Live, status: Maybe, reason: X, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}]}`); err == nil {
		t.Error("a condition that is neither True, False nor Unknown was accepted")
	}
}

func TestColumns(t *testing.T) {
	clients := kit.Connect(t)
	rooms := rooms(t)
	mustCreate(t, rooms, kit.LiveRoom(t, "a", ""))
	patch := kit.Object(t, "{apiVersion: liveroom.dev/v1alpha1, kind: LiveRoom, metadata: {name: a}}")
	patch.Object["status"] = kit.Object(t, fullStatus).Object
	written, err := rooms.ApplyStatus(context.Background(), "a", patch, metav1.ApplyOptions{FieldManager: "tests", Force: true})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := clients.Kube.Discovery().RESTClient().Get().
		AbsPath("/apis/liveroom.dev/v1alpha1/namespaces", written.GetNamespace(), "liverooms").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(answer, &table); err != nil {
		t.Fatal(err)
	}
	var names, wide []string
	cells := map[string]any{}
	for i, column := range table.ColumnDefinitions {
		if column.Priority == 0 {
			names = append(names, column.Name)
		} else {
			wide = append(wide, column.Name)
		}
		cells[column.Name] = table.Rows[0].Cells[i]
	}
	if got := strings.Join(names, " "); got != "Name Ready Live Recording Reason Title Since Age" {
		t.Errorf("columns: %s", got)
	}
	if got := strings.Join(wide, " "); got != "State Room File Size Lost Pod Host" {
		t.Errorf("wide columns: %s", got)
	}
	for name, want := range map[string]any{
		"Name": "a", "Ready": "True", "Live": "True", "Recording": "False", "Reason": "Filtered", "Title": "唱歌 😀",
		"Room": 6.0, "File": "a/x.flv", "Lost": 2.0, "Pod": "a-recorder", "Host": "h.example",
	} {
		if cells[name] != want {
			t.Errorf("%s: got %v, want %v", name, cells[name], want)
		}
	}
}
