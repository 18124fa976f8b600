// SPDX-License-Identifier: Apache-2.0

// Package chart tests charts/liveroom: what it renders, and what its rights and its admission policy mean on a real API server.
package chart

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// namespaced are the settings for an installation without any right on the cluster itself.
const namespaced = "crds.install=false,admissionPolicy.install=false,rbac.userRoles=false"

func render(t *testing.T, arguments ...string) []*unstructured.Unstructured {
	t.Helper()
	text, err := kit.Helm(t, append([]string{"template", "liveroom", kit.Chart(t), "--namespace", "system", "--kube-version", "1.31.0"}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	return kit.Objects(t, text)
}

// find returns the object of a kind and name, nil when it isn't rendered.
func find(objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			return object
		}
	}
	return nil
}

func container(t *testing.T, objects []*unstructured.Unstructured) map[string]any {
	t.Helper()
	deployment := find(objects, "Deployment", "liveroom-controller")
	if deployment == nil {
		t.Fatal("no Deployment")
	}
	containers, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("containers: %v %v", containers, err)
	}
	return containers[0].(map[string]any)
}

func TestLint(t *testing.T) {
	for _, values := range valueSets(t) {
		if _, err := kit.Helm(t, "lint", "--strict", kit.Chart(t), "--values", values); err != nil {
			t.Errorf("%s: %v", values, err)
		}
	}
}

func TestWrongValuesAreRefused(t *testing.T) {
	for values, words := range map[string]string{
		"imag.tag=x":             "imag",
		"image.tga=x":            "tga",
		"image.digest=sha256:12": "image/digest",
		"log.level=loud":         "log/level",
		"replicas=2,leaderElection.enabled=false":    "replicas above 1 needs leaderElection.enabled",
		"serviceAccount.create=false":                "serviceAccount.name is needed",
		"watchNamespaces={A}":                        "watchNamespaces",
		"watchNamespaces={a,a}":                      "watchNamespaces",
		"recorder.storage.spec.resources=null":       "resources",
		"recorder.storage.spec.accessModes={Always}": "accessModes",
		"port=70000":                                                   "port",
		"recorder.resources.request.cpu=1":                             "request",
		"recorder.resources.requests.cpu=much":                         "cpu",
		"monitoring.serviceMonitor.enable=true":                        "enable",
		"monitoring.podMonitor.interval=fast":                          "interval",
		"monitoring.serviceMonitor.enabled=true,service.enabled=false": "needs service.enabled",
		"monitoring.prometheusRule.enabled=true,monitoring.prometheusRule.disabledAlerts={LiveroomNothing}": "there is no alert LiveroomNothing",
		"monitoring.dashboards.label=x":               "label",
		"networkPolicy.form={}":                       "form",
		"networkPolicy.apiServerPorts={0}":            "apiServerPorts",
		"uninstall.clean=false":                       "clean",
		"securityContext.readonlyRootFilesystem=true": "readonlyRootFilesystem",
		"affinity.node=x":                             "node",
	} {
		_, err := kit.Helm(t, "template", "liveroom", kit.Chart(t), "--kube-version", "1.31.0", "--set", values)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: want a refusal with %q, got %v", values, words, err)
		}
	}
}

// Only where there is a cluster are the resources of a version known. Without one Helm takes some version of its own, and that must not matter.
func TestVersionOfTheCluster(t *testing.T) {
	old := []string{"template", "liveroom", kit.Chart(t), "--kube-version", "1.30.9"}
	if _, err := kit.Helm(t, append(old, "--api-versions", "apps/v1/Deployment")...); err == nil || !strings.Contains(err.Error(), "1.31") {
		t.Errorf("Kubernetes 1.30 was accepted: %v", err)
	}
	for _, version := range []string{"v1.31.0", "v1.31.2-gke.100", "1.35.0"} {
		if _, err := kit.Helm(t, "template", "liveroom", kit.Chart(t), "--kube-version", version, "--api-versions", "apps/v1/Deployment"); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
	if _, err := kit.Helm(t, "template", "liveroom", kit.Chart(t)); err != nil {
		t.Errorf("without a version: %v", err)
	}
}

func TestSchemaAndValuesHaveTheSameNames(t *testing.T) {
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(kit.File(t, "charts", "liveroom", "values.schema.json"), &schema); err != nil {
		t.Fatal(err)
	}
	values := kit.Object(t, string(kit.File(t, "charts", "liveroom", "values.yaml"))).Object
	delete(schema.Properties, "global") // Helm's own
	for name := range schema.Properties {
		if _, ok := values[name]; !ok {
			t.Errorf("values.yaml lacks %s", name)
		}
	}
	for name := range values {
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("values.schema.json lacks %s", name)
		}
	}
}

func TestArguments(t *testing.T) {
	arguments := func(objects []*unstructured.Unstructured) []any { return container(t, objects)["args"].([]any) }
	standard := []any{
		"run", "--recorder-image=localhost/liveroom:0.1.0", "--listen=0.0.0.0:8080", "--leader-elect=true", "--lease-name=liveroom-controller",
		"--lease-namespace=system",
		`--recorder-resources={"limits":{"memory":"256Mi"},"requests":{"cpu":"10m","memory":"32Mi"}}`,
		"--max-concurrent-updates=5",
		`--default-storage={"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"64Gi"}}}`,
		"--log-format=json", "--log-level=info",
	}
	if got := arguments(render(t)); !reflect.DeepEqual(got, standard) {
		t.Errorf("got  %q\nwant %q", got, standard)
	}
	special := []any{
		"run", "--recorder-image=r.example/liveroom@sha256:" + strings.Repeat("0", 64), "--namespaces=a,b", "--listen=[::]:9090", "--leader-elect=false",
		`--recorder-env=LIVEROOM_A=x "y" $$(HOME)`, // the kubelet makes $(HOME) of it
		`--recorder-resources={"limits":{"memory":"256Mi"},"requests":{"cpu":"10m","memory":"32Mi"}}`,
		"--max-concurrent-updates=5",
		`--default-storage={"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Ti"}},"storageClassName":"nfs"}`,
		"--log-format=text", "--log-level=debug", "--more",
	}
	got := arguments(render(t,
		"--set", "watchNamespaces={a,b},listenAddress=[::],port=9090,leaderElection.enabled=false,log.format=text,log.level=debug,extraArgs={--more}",
		"--set", "image.registry=r.example,image.tag=v1,recorder.image.digest=sha256:"+strings.Repeat("0", 64),
		"--set-json", `recorder.env=[{"name":"LIVEROOM_A","value":"x \"y\" $(HOME)"}]`,
		"--set-json", `recorder.storage.spec={"accessModes":["ReadWriteMany"],"storageClassName":"nfs","resources":{"requests":{"storage":"1Ti"}}}`))
	if !reflect.DeepEqual(got, special) {
		t.Errorf("got  %q\nwant %q", got, special)
	}
}

func TestImages(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	for values, want := range map[string][2]string{
		"image.tag=dev":                                     {"localhost/liveroom:dev", "localhost/liveroom:dev"},
		"image.registry=,image.repository=me/x":             {"me/x:0.1.0", "me/x:0.1.0"},
		"image.digest=" + digest:                            {"localhost/liveroom@" + digest, "localhost/liveroom@" + digest},
		"image.digest=" + digest + ",recorder.image.tag=v2": {"localhost/liveroom@" + digest, "localhost/liveroom:v2"},
		"image.tag=v1,recorder.image.repository=other":      {"localhost/liveroom:v1", "localhost/other:v1"},
	} {
		only := container(t, render(t, "--set", values))
		recorder := only["args"].([]any)[1]
		if only["image"] != want[0] || recorder != "--recorder-image="+want[1] {
			t.Errorf("%s: got %v and %v, want %v", values, only["image"], recorder, want)
		}
	}
}

func TestReplicas(t *testing.T) {
	strategy := func(objects []*unstructured.Unstructured) string {
		kind, _, _ := unstructured.NestedString(find(objects, "Deployment", "liveroom-controller").Object, "spec", "strategy", "type")
		return kind
	}
	one := render(t)
	if find(one, "PodDisruptionBudget", "liveroom-controller") != nil {
		t.Error("a budget over one replica would block every drain")
	}
	if find(render(t, "--set", "replicas=2"), "PodDisruptionBudget", "liveroom-controller") == nil {
		t.Error("no budget over two replicas")
	}
	if got := strategy(one); got != "RollingUpdate" {
		t.Errorf("with leader election the strategy is %s", got)
	}
	// Without a lease two of them would work side by side during an update.
	if got := strategy(render(t, "--set", "leaderElection.enabled=false")); got != "Recreate" {
		t.Errorf("without leader election the strategy is %s", got)
	}
}

func TestDefinition(t *testing.T) {
	const name = "liverooms.liveroom.dev"
	original := kit.Object(t, string(kit.File(t, "crds", "liveroom.yaml")))
	rendered := find(render(t), "CustomResourceDefinition", name)
	if rendered == nil || !reflect.DeepEqual(rendered.Object["spec"], original.Object["spec"]) {
		t.Fatal("the definition is not that of crds/liveroom.yaml")
	}
	if rendered.GetAnnotations()["helm.sh/resource-policy"] != "keep" {
		t.Errorf("annotations: %v", rendered.GetAnnotations())
	}
	if got := find(render(t, "--set", "crds.keep=false"), "CustomResourceDefinition", name); len(got.GetAnnotations()) != 0 {
		t.Errorf("annotations without keep: %v", got.GetAnnotations())
	}
}

func TestNamespacesNeedNothingOfTheCluster(t *testing.T) {
	for _, object := range render(t, "--set", "watchNamespaces={a,b},"+namespaced) {
		if object.GetNamespace() == "" {
			t.Errorf("%s %s belongs to no namespace", object.GetKind(), object.GetName())
		}
	}
}
