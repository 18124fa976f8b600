// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

const (
	rightsBegin = "<!-- begin: rights -->\n"
	rightsEnd   = "<!-- end: rights -->"
)

func texts(rule map[string]any, key string) string {
	list, _ := rule[key].([]any)
	var words []string
	for _, word := range list {
		if word == "" {
			word = "core"
		}
		words = append(words, fmt.Sprint(word))
	}
	return strings.Join(words, ", ")
}

// rightsTable is a role as a table in Markdown.
func rightsTable(t *testing.T, title string, role *unstructured.Unstructured) string {
	t.Helper()
	if role == nil {
		t.Fatalf("%s is not rendered", title)
	}
	rules, _, _ := unstructured.NestedSlice(role.Object, "rules")
	text := fmt.Sprintf("%s (%s `%s`):\n\n| group | resources | verbs |\n| --- | --- | --- |\n", title, role.GetKind(), role.GetName())
	for _, item := range rules {
		rule := item.(map[string]any)
		resources := texts(rule, "resources")
		if names := texts(rule, "resourceNames"); names != "" {
			resources += " named " + names
		}
		text += fmt.Sprintf("| %s | %s | %s |\n", texts(rule, "apiGroups"), resources, texts(rule, "verbs"))
	}
	return text + "\n"
}

// docs/security.md shows the rights as the chart gives them. UPDATE_SNAPSHOTS=1 writes them anew.
func TestThePageShowsTheRights(t *testing.T) {
	all, some := render(t), render(t, "--set", "watchNamespaces={a}")
	want := rightsTable(t, "Controller, all namespaces", find(all, "ClusterRole", "liveroom-controller")) +
		rightsTable(t, "Controller, in each namespace of `watchNamespaces`", find(some, "Role", "liveroom-controller")) +
		rightsTable(t, "Controller, in its own namespace", find(all, "Role", "liveroom-controller-lease")) +
		rightsTable(t, "Recorder", find(all, "ClusterRole", "liveroom-recorder")) +
		rightsTable(t, "The job before an uninstallation, everywhere", find(all, "ClusterRole", "liveroom-cleanup")) +
		rightsTable(t, "The same, in the release's namespace", find(all, "Role", "liveroom-cleanup")) +
		rightsTable(t, "`helm test`, in the release's namespace", find(all, "Role", "liveroom-test"))
	page := string(kit.File(t, "docs", "security.md"))
	before, rest, found := strings.Cut(page, rightsBegin)
	is, after, ended := strings.Cut(rest, rightsEnd)
	if !found || !ended {
		t.Fatal("docs/security.md has no place for the rights")
	}
	if os.Getenv("UPDATE_SNAPSHOTS") != "" {
		path := filepath.Join(kit.Root(t), "docs", "security.md")
		if err := os.WriteFile(path, []byte(before+rightsBegin+want+rightsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if is != want {
		t.Errorf("docs/security.md shows (UPDATE_SNAPSHOTS=1 writes it anew)\n%s\nand the chart gives\n%s", is, want)
	}
}
