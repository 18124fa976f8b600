// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/cluster"
	"liveroom.dev/tests/cluster/internal/toolchain"
)

func loadCommand(dir *folder) *cobra.Command {
	return &cobra.Command{
		Use:   "load IMAGE.tar...",
		Short: "give image archives (oci-archive, docker-archive) to the node",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			for _, path := range args {
				if err := cluster.LoadImage(command.Context(), where, path, os.Stdout); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func execCommand(dir *folder) *cobra.Command {
	return &cobra.Command{
		Use:   "exec -- COMMAND [ARGUMENT...]",
		Short: "run a command in the cluster's network: it reaches pods and services",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			return cluster.Exec(where, args)
		},
	}
}

// programCommand runs a client of Kubernetes for the cluster.
func programCommand(dir *folder, name string) *cobra.Command {
	return &cobra.Command{
		Use:   name + " -- ARGUMENT...",
		Short: "run " + name + " for the cluster",
		RunE: func(command *cobra.Command, args []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			tools, err := toolchain.Ensure(command.Context(), os.Stderr)
			if err != nil {
				return err
			}
			return cluster.Run(where, tools.Path(name), args)
		},
	}
}
