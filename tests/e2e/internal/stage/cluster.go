// SPDX-License-Identifier: Apache-2.0

// Package stage sets up what end-to-end tests play on: the cluster, the chart, the simulator of Bilibili.
package stage

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// Cluster is a Kubernetes with a kubelet, brought up by tests/cluster.
type Cluster struct {
	*kit.Clients
	dir        string
	kubeconfig string
}

// Open takes the cluster that $LIVEROOM_E2E_CLUSTER and $LIVEROOM_E2E_KUBECONFIG name. Without them the test fails.
func Open(t testing.TB) *Cluster {
	t.Helper()
	dir, kubeconfig := os.Getenv("LIVEROOM_E2E_CLUSTER"), os.Getenv("LIVEROOM_E2E_KUBECONFIG")
	if dir == "" || kubeconfig == "" {
		t.Fatal("LIVEROOM_E2E_CLUSTER and LIVEROOM_E2E_KUBECONFIG are not set; make test sets them")
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	return &Cluster{Clients: kit.ConnectWith(t, config), dir: dir, kubeconfig: kubeconfig}
}

// AuditLog is what its API server writes, when it was brought up with --audit.
func (c *Cluster) AuditLog() string { return filepath.Join(c.dir, "audit.log") }

// Run runs a command of tests/cluster on this cluster and gives its standard output.
func (c *Cluster) Run(t testing.TB, command string, arguments ...string) string {
	t.Helper()
	out, err := c.try(t, command, arguments...)
	if err != nil {
		t.Fatalf("cluster %s %s: %v", command, strings.Join(arguments, " "), err)
	}
	return out
}

func (c *Cluster) try(t testing.TB, command string, arguments ...string) (string, error) {
	words := strings.Fields(command)
	all := append(words, "--dir", c.dir)
	if len(arguments) > 0 {
		all = append(append(all, "--"), arguments...)
	}
	run := exec.Command(filepath.Join(kit.Root(t), "tests", "cluster", "cluster"), all...)
	run.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig)
	var out, problems bytes.Buffer
	run.Stdout, run.Stderr = &out, &problems
	err := run.Run()
	if err != nil {
		t.Logf("%s", problems.String())
	}
	return out.String(), err
}
