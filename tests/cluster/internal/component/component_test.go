// SPDX-License-Identifier: Apache-2.0

package component

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"liveroom.dev/tests/cluster/internal/layout"
)

const dir = layout.Dir("/d")

func TestEtcdTakesNoPort(t *testing.T) {
	for _, arg := range EtcdArgs(dir) {
		if strings.HasPrefix(arg, "--listen") && !strings.Contains(arg, "=unix:///d/run/") {
			t.Error(arg)
		}
	}
}

func TestAPIServerArgs(t *testing.T) {
	tests := []struct {
		name    string
		api     API
		with    []string
		without []string // prefixes
	}{
		{"bare", API{Port: 7}, []string{"--secure-port=7", "--bind-address=127.0.0.1", "--authorization-mode=RBAC",
			"--disable-admission-plugins=ServiceAccount"}, []string{"--audit", "--kubelet"}},
		{"with controllers", API{Port: 7, Controllers: true}, []string{"--bind-address=127.0.0.1"},
			[]string{"--disable-admission-plugins"}},
		{"with a node", API{Port: 6443, Node: true, Controllers: true}, []string{"--bind-address=0.0.0.0",
			"--advertise-address=10.245.0.1", "--authorization-mode=Node,RBAC"},
			[]string{"--disable-admission-plugins", "--endpoint-reconciler-type"}},
		{"audited", API{Audit: true}, []string{"--audit-log-path=/d/audit.log"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args := APIServerArgs(dir, test.api)
			for _, arg := range test.with {
				if !slices.Contains(args, arg) {
					t.Errorf("%s is missing in %q", arg, args)
				}
			}
			for _, prefix := range test.without {
				if slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, prefix) }) {
					t.Errorf("%s is in %q", prefix, args)
				}
			}
			for i, arg := range args {
				name, _, _ := strings.Cut(arg, "=")
				if slices.ContainsFunc(args[i+1:], func(other string) bool { return strings.HasPrefix(other, name+"=") }) {
					t.Errorf("%s twice", name)
				}
			}
		})
	}
}

func TestConfigurations(t *testing.T) {
	kubelet := decoded(t)(KubeletConfig(dir, "group"))
	for path, want := range map[string]string{
		"cgroupRoot": "/group", "podLogsDir": "/d/pod-logs", "volumePluginDir": "/d/run/volume-plugins",
		"cgroupDriver": "cgroupfs", "oomScoreAdj": "0", "failCgroupV1": "false", "syncFrequency": "5s",
	} {
		if got := fmt.Sprint(kubelet[path]); got != want {
			t.Errorf("kubelet: %s is %q, not %q", path, got, want)
		}
	}
	conntrack := decoded(t)(ProxyConfig(dir))["conntrack"].(map[string]any)
	for name, value := range conntrack {
		if text := fmt.Sprint(value); text != "0" && text != "0s" {
			t.Errorf("kube-proxy would set conntrack.%s to %s on the whole machine", name, text)
		}
	}
	plugins := decoded(t)(CNIConfig())["plugins"].([]any)
	if kind := plugins[0].(map[string]any)["type"]; kind != "ptp" {
		t.Errorf("pods are linked by %v", kind)
	}
}

func decoded(t *testing.T) func([]byte, error) map[string]any {
	return func(text []byte, err error) map[string]any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var value map[string]any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestContainerdConfigNamesItsPlaces(t *testing.T) {
	config := ContainerdConfig(dir, "native", "/plugins")
	for _, line := range []string{
		`root = "/d/containerd"`, `snapshotter = "native"`, `bin_dir = "/plugins"`, `conf_dir = "/d/config/cni"`,
		`path = "/d/containerd/opt"`, `sandbox_image = "localhost/pause:1"`, `restrict_oom_score_adj = true`,
	} {
		if !strings.Contains(config, line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(config, "%!") {
		t.Error(config)
	}
}

func TestVolumesLieInTheClustersFolder(t *testing.T) {
	class := StorageClassObject().Body["metadata"].(object)["annotations"].(object)
	if class["storageclass.kubernetes.io/is-default-class"] != "true" {
		t.Error("the class is not the default")
	}
	names := map[any]bool{}
	for number := 1; number <= VolumeCount; number++ {
		body := VolumeObject(dir, number).Body
		names[body["metadata"].(object)["name"]] = true
		path := body["spec"].(object)["local"].(object)["path"]
		if path != fmt.Sprintf("/d/volumes/pv%02d", number) {
			t.Error(path)
		}
	}
	if len(names) != VolumeCount {
		t.Errorf("%d names for %d volumes", len(names), VolumeCount)
	}
}
