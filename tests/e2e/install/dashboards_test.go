// SPDX-License-Identifier: Apache-2.0

package install

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

type dashboard struct {
	Title      string
	Templating struct {
		List []struct {
			Name, Type, Definition string
		}
	}
	Panels []struct {
		Title   string
		Targets []struct{ Expr string }
	}
}

func dashboards(t *testing.T) []dashboard {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(kit.Chart(t), "dashboards", "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("two dashboards are expected: %v %v", files, err)
	}
	var all []dashboard
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one dashboard
		if err := json.Unmarshal(content, &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

var variable = regexp.MustCompile(`\$\{?\w+\}?`)

// asGrafana puts in what Grafana would: every variable at All, and intervals that fit a scrape each second.
func asGrafana(query string) string {
	query = strings.NewReplacer("$__rate_interval", "10s", "$__range", "5m").Replace(query)
	return variable.ReplaceAllString(query, ".+")
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// Every query of both dashboards gives data, and every variable values, from a Prometheus that scrapes two rooms: one is recorded, has
// chat and loses its stream for a moment, the other is offline.
func TestEveryPanelHasData(t *testing.T) {
	cluster, simulator := prepare(t)
	cluster.InstallChart(t, simulator)
	rooms := cluster.RoomsNamespace(t, simulator)
	sharedClaim(t, cluster, rooms)
	server := startPrometheus(t)
	recorded := record(t, cluster, simulator, rooms, "recorded")[0]
	offline := simulator.NewRoom(t, "offline")
	cluster.NewLiveRoomOn(t, rooms, claimName, "offline", offline.ID)
	recorded.room.Do(t, "chat", map[string]any{"perSecond": 5})
	kit.Await(t, 30*time.Second, "recorders are scraped", func() (bool, string) {
		err := server.answers(`liveroom_recording == 1 and rate(liveroom_recorded_seconds_total[10s]) > 0`)
		return err == nil, fmt.Sprint(err)
	})
	recorded.room.Do(t, "drop", map[string]any{"how": "reset"})

	for _, board := range dashboards(t) {
		for _, one := range board.Templating.List {
			match := labelValues.FindStringSubmatch(one.Definition)
			if one.Type == "datasource" {
				continue
			}
			if match == nil {
				t.Errorf("%s, variable %s: %q is no label_values(SELECTOR, LABEL)", board.Title, one.Name, one.Definition)
				continue
			}
			kit.Await(t, 30*time.Second, board.Title+", variable "+one.Name, func() (bool, string) {
				err := server.values(asGrafana(match[1]), match[2])
				return err == nil, fmt.Sprint(err)
			})
		}
		queries := 0
		for _, panel := range board.Panels {
			for _, target := range panel.Targets {
				queries++
				kit.Await(t, 30*time.Second, board.Title+", "+panel.Title+": "+target.Expr, func() (bool, string) {
					err := server.answers(asGrafana(target.Expr))
					return err == nil, fmt.Sprint(err)
				})
			}
		}
		t.Logf("%s: %d queries gave data", board.Title, queries)
	}

	kit.Await(t, 30*time.Second, "every alert can be evaluated", func() (bool, string) {
		health, err := server.rules()
		if err != nil || len(health) < 10 {
			return false, fmt.Sprint(health, err)
		}
		for name, state := range health {
			if state != "ok" {
				return false, name + ": " + state
			}
		}
		return true, ""
	})
}
