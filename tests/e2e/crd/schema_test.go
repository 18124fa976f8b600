// SPDX-License-Identifier: Apache-2.0

// Package crd tests crds/liveroom.yaml: as a text, and on a real API server.
package crd

import (
	"bytes"
	"sort"
	"strings"
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// node is one schema of the definition. A path is written .spec.windows[].days[]; {} is a value of a map.
type node struct {
	path   string
	schema map[string]any
}

// rule is one CEL rule, and the path that its refusals name, as far as the schema can tell it.
type rule struct {
	path, message string
}

func definition(t *testing.T) map[string]any {
	t.Helper()
	return kit.Object(t, string(kit.File(t, "crds", "liveroom.yaml"))).Object
}

// nodes lists every schema of the definition, the root first.
func nodes(t *testing.T) []node {
	t.Helper()
	versions := definition(t)["spec"].(map[string]any)["versions"].([]any)
	if len(versions) != 1 {
		t.Fatalf("%d versions", len(versions))
	}
	root := versions[0].(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
	var found []node
	var walk func(path string, schema map[string]any)
	walk = func(path string, schema map[string]any) {
		found = append(found, node{path, schema})
		properties, _ := schema["properties"].(map[string]any)
		for name, child := range properties {
			walk(path+"."+name, child.(map[string]any))
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(path+"[]", items)
		}
		if values, ok := schema["additionalProperties"].(map[string]any); ok {
			walk(path+"{}", values)
		}
	}
	walk("", root)
	sort.SliceStable(found, func(a, b int) bool { return found[a].path < found[b].path })
	return found
}

func rules(t *testing.T) []rule {
	t.Helper()
	var found []rule
	for _, node := range nodes(t) {
		list, _ := node.schema["x-kubernetes-validations"].([]any)
		for _, item := range list {
			entry := item.(map[string]any)
			field, _ := entry["fieldPath"].(string)
			message, _ := entry["message"].(string)
			if message == "" {
				t.Errorf("%s: a rule without message", node.path)
			}
			found = append(found, rule{node.path + field, message})
		}
	}
	return found
}

func TestEveryFieldIsDescribed(t *testing.T) {
	for _, node := range nodes(t) {
		if node.path == ".metadata" || strings.HasPrefix(node.path, ".metadata.") {
			continue // a description is not allowed there
		}
		if strings.HasSuffix(node.path, "[]") && node.schema["type"] != "object" || strings.HasSuffix(node.path, "{}") {
			continue
		}
		text, _ := node.schema["description"].(string)
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: no description, or not a sentence: %q", node.path, text)
		}
		if strings.Contains(strings.ToLower(text), "not yet in effect") && !strings.HasSuffix(text, "Not yet in effect.") {
			t.Errorf("%s: must end with `Not yet in effect.`: %q", node.path, text)
		}
	}
}

func TestEveryFieldIsBounded(t *testing.T) {
	for _, node := range nodes(t) {
		if node.path == ".apiVersion" || node.path == ".kind" {
			continue
		}
		has := func(key string) bool { return node.schema[key] != nil }
		bounded := true
		switch node.schema["type"] {
		case "string":
			bounded = has("maxLength") || has("enum") || node.schema["format"] == "date-time"
		case "array":
			bounded = has("maxItems") && has("x-kubernetes-list-type")
		case "integer":
			bounded = has("format")
		case "object":
			bounded = !has("additionalProperties") || has("maxProperties")
		case nil:
			bounded = node.schema["x-kubernetes-int-or-string"] == true && has("maxLength") && has("pattern")
		}
		if !bounded {
			t.Errorf("%s has no bound", node.path)
		}
	}
}

// With {} as default of each parent the defaults below it come even when nothing of it is given.
func TestEveryObjectWithDefaultsIsDefaulted(t *testing.T) {
	all := nodes(t)
	for _, parent := range all {
		if !strings.HasPrefix(parent.path, ".spec.") || strings.HasSuffix(parent.path, "[]") || parent.schema["type"] != "object" {
			continue
		}
		if parent.schema["default"] != nil || parent.schema["required"] != nil {
			continue
		}
		for _, child := range all {
			if strings.HasPrefix(child.path, parent.path+".") && child.schema["default"] != nil && !strings.Contains(child.path, "[]") {
				t.Errorf("%s has the default of %s below it, and none of its own", parent.path, child.path)
			}
		}
	}
}

func TestChartHasTheSameDefinition(t *testing.T) {
	if !bytes.Equal(kit.File(t, "crds", "liveroom.yaml"), kit.File(t, "charts", "liveroom", "files", "liveroom.yaml")) {
		t.Error("charts/liveroom/files/liveroom.yaml differs: cp crds/liveroom.yaml charts/liveroom/files/")
	}
}

// fields lists the paths that a value of YAML sets, in the notation of node.
func fields(value any, path string, into map[string]bool) {
	into[path] = true
	switch typed := value.(type) {
	case map[string]any:
		for key, child := range typed {
			fields(child, path+"."+key, into)
		}
	case []any:
		for _, child := range typed {
			fields(child, path+"[]", into)
		}
	}
}

func TestFullExampleHasEveryField(t *testing.T) {
	// The alternatives to what the example shows.
	absent := map[string]bool{
		".spec.storage.claimName": true,
	}
	for _, source := range []string{"configMap", "csi", "downwardAPI", "ephemeral", "persistentVolumeClaim", "projected"} {
		absent[".spec.podTemplate.volumes[]."+source] = true
	}
	set := map[string]bool{}
	fields(kit.Object(t, string(kit.File(t, "examples", "liveroom-full.yaml"))).Object, "", set)
	for _, node := range nodes(t) {
		if !strings.HasPrefix(node.path, ".spec") || strings.HasSuffix(node.path, "{}") {
			continue
		}
		if set[node.path] == absent[node.path] {
			t.Errorf("%s: in the example %v, left out on purpose %v", node.path, set[node.path], absent[node.path])
		}
	}
}
