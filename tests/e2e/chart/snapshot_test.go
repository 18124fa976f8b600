// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// valueSets are the files of charts/liveroom/ci.
func valueSets(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(kit.Chart(t), "ci", "*-values.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("five value sets or more are expected: %v %v", files, err)
	}
	return files
}

// snapshot is what is compared: every object in order, the definition and the dashboards by their size only.
func snapshot(t *testing.T, objects []*unstructured.Unstructured) []byte {
	t.Helper()
	var text bytes.Buffer
	for _, object := range objects {
		switch object.GetKind() {
		case "CustomResourceDefinition":
			object.Object["spec"] = "as in crds/liveroom.yaml"
		case "ConfigMap":
			data, _, _ := unstructured.NestedStringMap(object.Object, "data")
			for name, content := range data {
				if strings.HasSuffix(name, ".json") {
					data[name] = fmt.Sprintf("as in dashboards/%s: %v", name, content == string(kit.File(t, "charts", "liveroom", "dashboards", name)))
				}
			}
			_ = unstructured.SetNestedStringMap(object.Object, data, "data")
		}
		one, err := yaml.Marshal(object.Object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(one)
	}
	return text.Bytes()
}

// UPDATE_SNAPSHOTS=1 writes them anew: look at the difference before committing it.
func TestSnapshots(t *testing.T) {
	for _, values := range valueSets(t) {
		name := strings.TrimSuffix(filepath.Base(values), "-values.yaml")
		t.Run(name, func(t *testing.T) {
			got := snapshot(t, render(t, "--values", values))
			path := filepath.Join(kit.Root(t), "tests", "data", "chart", name+".yaml")
			if os.Getenv("UPDATE_SNAPSHOTS") != "" {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("not as in %s (UPDATE_SNAPSHOTS=1 writes it anew); first difference: %s", path, firstDifference(string(got), string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			return fmt.Sprintf("line %d: %q, and not %q", i+1, gotLines[i], wantLines[i])
		}
	}
	return fmt.Sprintf("%d lines, and not %d", len(gotLines), len(wantLines))
}
