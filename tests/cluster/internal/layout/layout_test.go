// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewResolves(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(base)
	if err := os.Mkdir("real", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", "link"); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{"real": "real", "./link": "real", "absent": "absent"} {
		dir, err := New(given)
		if err != nil || string(dir) != filepath.Join(base, want) {
			t.Errorf("%s: got %q, %v", given, dir, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, path := range []string{"/", "/" + strings.Repeat("x", maxPath)} {
		if dir, err := New(path); err == nil {
			t.Errorf("%q was taken as %q", path, dir)
		}
	}
}

func TestSocketsFitTheKernelsLimit(t *testing.T) {
	dir := Dir("/" + strings.Repeat("x", maxPath-1))
	for _, path := range []string{
		dir.EtcdSocket(), dir.EtcdPeerSocket(), dir.join("run", "holder.sock"),
		dir.Kubelet() + "/device-plugins/kubelet.sock", dir.Kubelet() + "/pod-resources/kubelet.sock",
	} {
		if len(path) > 107 {
			t.Errorf("%d bytes: %s", len(path), path)
		}
	}
}

func TestEverythingLiesInOwnedEntries(t *testing.T) {
	dir := Dir("/d")
	for _, path := range []string{
		dir.Kubeconfig(), dir.AuditLog(), dir.State(), dir.Log("x"), dir.Volume(1), dir.EtcdData(), dir.EtcdSocket(),
		dir.PKI("x"), dir.Config("x"), dir.CNI(), dir.Kubelet(), dir.PodLogs(), dir.Plugins(), dir.Containerd(),
		dir.InsideKubeconfig(), dir.EtcdPeerSocket(),
	} {
		entry := strings.SplitN(strings.TrimPrefix(path, "/d/"), "/", 2)[0]
		if !contains(Owned, entry) {
			t.Errorf("%s would be left behind", path)
		}
	}
}

func contains(all []string, wanted string) bool {
	for _, one := range all {
		if one == wanted {
			return true
		}
	}
	return false
}
