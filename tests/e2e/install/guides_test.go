// SPDX-License-Identifier: Apache-2.0

package install

import (
	"regexp"
	"strings"
	"testing"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// A block of commands behind the comment <!-- run --> runs here as it stands.
var runnable = regexp.MustCompile("(?s)<!-- run -->\n```[a-z]*\n(.*?)```")

func commandsOf(t *testing.T, page ...string) []string {
	t.Helper()
	var blocks []string
	for _, match := range runnable.FindAllStringSubmatch(string(kit.File(t, page...)), -1) {
		blocks = append(blocks, match[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("%v has no commands to run", page)
	}
	return blocks
}

// What the pages tell a user to type works, in the order of the pages. The recorders don't find Bilibili here; nothing waits for a show.
func TestCommandsOfTheGuides(t *testing.T) {
	cluster, _ := prepare(t)
	version := strings.TrimSpace(shell(t, "scripts/version.sh"))
	cluster.LoadImageAs(t, "localhost/liveroom:"+version)
	clean := func() {
		shell(t, "kubectl delete liverooms --all --all-namespaces --ignore-not-found 2>/dev/null || true")
		cluster.RemoveReleases(t)
		shell(t, "kubectl delete crd liverooms.liveroom.dev --ignore-not-found --wait --timeout=1m")
		shell(t, "kubectl delete namespace liveroom-system my-rooms --ignore-not-found --wait --timeout=2m")
		shell(t, "kubectl delete pvc my-room-recordings --ignore-not-found --wait=false")
	}
	t.Cleanup(clean)
	for _, pages := range [][][]string{{{"README.md"}}, {{"docs", "install.md"}, {"docs", "upgrade.md"}}} {
		clean()
		for _, page := range pages {
			for _, block := range commandsOf(t, page...) {
				t.Logf("%s:\n%s%s", strings.Join(page, "/"), block, shell(t, block))
			}
		}
	}
}
