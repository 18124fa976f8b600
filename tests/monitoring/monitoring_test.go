// SPDX-License-Identifier: Apache-2.0

// Package monitoring holds what the chart gives to Grafana and to prometheus-operator against their own types: a field that they don't know, or a value of
// another type, is a failure.
package monitoring

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

const chart = "../../charts/liveroom"

func TestDashboardsHaveGrafanasSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	files, err := filepath.Glob(chart + "/dashboards/*.json")
	if err != nil || len(files) != 2 {
		t.Fatalf("two dashboards are expected: %v %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board dashboard.Dashboard
		// An empty list of problems is no nil error in this library.
		if err := board.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", file, err)
		}
		if err := board.Validate(); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestMonitorsHaveTheOperatorsTypes(t *testing.T) {
	tools, err := exec.Command("../cluster/cluster", "tools").Output()
	if err != nil {
		t.Fatal(err)
	}
	helm := exec.Command(filepath.Join(strings.TrimSpace(string(tools)), "helm"), "template", "liveroom", chart, "--values", chart+"/ci/monitoring-values.yaml")
	helm.Stderr = os.Stderr
	rendered, err := helm.Output()
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]any{
		"ServiceMonitor": &monitoringv1.ServiceMonitor{}, "PodMonitor": &monitoringv1.PodMonitor{}, "PrometheusRule": &monitoringv1.PrometheusRule{},
	}
	for _, document := range bytes.Split(rendered, []byte("\n---\n")) {
		var head struct{ Kind string }
		if err := yaml.Unmarshal(document, &head); err != nil {
			t.Fatal(err)
		}
		if target, found := wanted[head.Kind]; found {
			if err := yaml.UnmarshalStrict(document, target); err != nil {
				t.Errorf("%s: %v", head.Kind, err)
			}
			delete(wanted, head.Kind)
		}
	}
	if len(wanted) > 0 {
		t.Errorf("not rendered: %v", wanted)
	}
}
