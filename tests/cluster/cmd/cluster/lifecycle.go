// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/cluster"
	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/toolchain"
)

func upCommand(dir *folder) *cobra.Command {
	var options cluster.Options
	var fresh bool
	command := &cobra.Command{
		Use:   "up",
		Short: "bring a cluster up and print `export KUBECONFIG=...`",
		Long: `Brings a cluster up and prints a line for the shell, as in eval "$(cluster up)".
With KUBECONFIG set it makes nothing and prints that again, unless --fresh is given.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if given := os.Getenv("KUBECONFIG"); given != "" && !fresh {
				fmt.Fprintln(os.Stderr, "using the cluster of KUBECONFIG; --fresh makes an own one")
				printExport(given)
				return nil
			}
			where, err := dir.layout()
			if err != nil {
				return err
			}
			tools, err := toolsFor(command, options)
			if err != nil {
				return err
			}
			if err := cluster.Up(command.Context(), where, options, tools, os.Stderr); err != nil {
				return err
			}
			printExport(where.Kubeconfig())
			return nil
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.APIOnly, "api-only", false, "etcd and API server alone: no pods run, no root needed")
	flags.BoolVar(&options.Controllers, "with-controllers", false, "with --api-only: kube-controller-manager too")
	flags.BoolVar(&options.Audit, "audit", false, "write each request's metadata, and the options of deletions, to DIR/audit.log")
	flags.BoolVar(&fresh, "fresh", false, "make a cluster even if KUBECONFIG is set")
	return command
}

// toolsFor finds the programs, or builds them.
func toolsFor(command *cobra.Command, options cluster.Options) (toolchain.Tools, error) {
	if assets, usable := options.Assets(); usable {
		fmt.Fprintf(os.Stderr, "using the programs of %s=%s\n", cluster.AssetsVariable, assets)
		return toolchain.Tools{Bin: assets}, nil
	}
	return toolchain.Ensure(command.Context(), os.Stderr)
}

// printExport quotes for a POSIX shell.
func printExport(kubeconfig string) {
	fmt.Printf("export KUBECONFIG='%s'\n", strings.ReplaceAll(kubeconfig, "'", `'\''`))
}

func downCommand(dir *folder) *cobra.Command {
	var keep []string
	command := &cobra.Command{
		Use:   "down",
		Short: "take the cluster down and wait until nothing of it is left",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			found, err := cluster.Down(command.Context(), where, keep)
			if err == nil && !found {
				fmt.Fprintln(os.Stderr, "no cluster in", where)
			}
			return err
		},
	}
	command.Flags().StringSliceVar(&keep, "keep", nil, "what to leave in the folder: logs, volumes, audit.log")
	return command
}

// holdCommand is the process a cluster lives in; see package holder.
func holdCommand(dir *folder) *cobra.Command {
	var options holder.Options
	command := &cobra.Command{
		Use:    "hold",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			options.Dir = dir.path
			return holder.Main(options)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.Namespaces, "namespaces", false, "")
	flags.StringVar(&options.Target, "target", "", "")
	flags.StringArrayVar(&options.Keep, "keep", nil, "")
	return command
}
