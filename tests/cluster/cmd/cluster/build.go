// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/toolchain"
)

func buildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "build what is missing, and nothing else",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := toolchain.Ensure(command.Context(), os.Stderr)
			return err
		},
	}
}

func toolsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tools",
		Short: "print the folder with kubectl, helm, etcd, kube-apiserver and the others",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			tools, err := toolchain.Ensure(command.Context(), os.Stderr)
			if err == nil {
				fmt.Println(tools.Bin)
			}
			return err
		},
	}
}
