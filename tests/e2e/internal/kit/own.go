// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Own is a cluster of one test alone.
type Own struct {
	Kubeconfig string
	AuditLog   string // with --audit
	dir, tool  string
}

// OwnCluster brings a cluster up, with flags of `tests/cluster/cluster up`, and takes it down after the test.
func OwnCluster(t testing.TB, flags ...string) *Own {
	t.Helper()
	root, err := os.MkdirTemp("", "own-") // the name of a test is too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	dir := filepath.Join(root, "c")
	own := &Own{
		Kubeconfig: filepath.Join(dir, "kubeconfig"), AuditLog: filepath.Join(dir, "audit.log"),
		dir: dir, tool: filepath.Join(Root(t), "tests", "cluster", "cluster"),
	}
	own.Run(t, append([]string{"up", "--fresh"}, flags...)...)
	t.Cleanup(func() { own.Run(t, "down") })
	return own
}

// Run runs a command of tests/cluster/cluster on it, `api kill` for example.
func (o *Own) Run(t testing.TB, arguments ...string) {
	t.Helper()
	command := exec.Command(o.tool, append(arguments, "--dir", o.dir)...)
	command.Env = append(os.Environ(), "KUBECONFIG=")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("cluster %v: %v\n%s", arguments, err, output)
	}
}
