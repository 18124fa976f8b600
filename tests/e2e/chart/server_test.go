// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// A real API server takes every object of every value set; those of prometheus-operator are checked in tests/monitoring.
func TestTheServerTakesEverything(t *testing.T) {
	clients := kit.Connect(t)
	for _, name := range []string{"system", "rooms-a", "rooms-b", "elsewhere", "monitoring"} {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		_, err := clients.Kube.CoreV1().Namespaces().Create(context.Background(), namespace, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	for _, values := range valueSets(t) {
		var documents bytes.Buffer
		count := 0
		for _, object := range render(t, "--values", values) {
			if strings.HasPrefix(object.GetAPIVersion(), "monitoring.coreos.com/") {
				continue
			}
			text, err := yaml.Marshal(object.Object)
			if err != nil {
				t.Fatal(err)
			}
			documents.WriteString("---\n")
			documents.Write(text)
			count++
		}
		apply := exec.Command(kit.Tool(t, "kubectl"), "apply", "--dry-run=server", "--server-side", "--force-conflicts", "--filename", "-")
		apply.Stdin = &documents
		out, err := apply.CombinedOutput()
		if err != nil || strings.Count(string(out), "serverside-applied (server dry run)") != count {
			t.Errorf("%s: %v\n%s", filepath.Base(values), err, out)
		}
	}
}
