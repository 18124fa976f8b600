// SPDX-License-Identifier: Apache-2.0

// Command cluster runs a real Kubernetes for tests. It is called by the script
// tests/cluster/cluster, which builds it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/layout"
)

const about = `A real Kubernetes for tests and demonstrations: etcd, API server, and unless
--api-only is given controller manager, scheduler, kube-proxy and a kubelet on
containerd, in namespaces of their own, so that nothing of it is left when it
is taken down and several can run side by side.`

// folder is the value of --dir.
type folder struct{ path string }

func (f folder) layout() (layout.Dir, error) { return layout.New(f.path) }

func main() {
	// Tools of administrators are not in every user's path.
	os.Setenv("PATH", os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	dir := &folder{}
	root := &cobra.Command{
		Use:               "cluster",
		Short:             "a real Kubernetes for tests",
		Long:              about,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.PersistentFlags().StringVar(&dir.path, "dir", layout.Default(), "folder of the cluster")
	root.AddCommand(
		upCommand(dir), downCommand(dir), statusCommand(dir), logsCommand(dir), loadCommand(dir),
		execCommand(dir), programCommand(dir, "kubectl"), programCommand(dir, "helm"),
		apiCommand(dir), buildCommand(), toolsCommand(), holdCommand(dir),
	)
	return root
}
