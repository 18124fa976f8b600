// SPDX-License-Identifier: Apache-2.0

package main

import (
	"syscall"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/cluster"
)

func apiCommand(dir *folder) *cobra.Command {
	command := &cobra.Command{
		Use:   "api",
		Short: "stop, kill or start the API server alone, to test an outage",
	}
	command.AddCommand(
		stopCommand(dir, "stop", "SIGTERM: refuses connections at once, serves open watches for up to a minute", syscall.SIGTERM),
		stopCommand(dir, "kill", "SIGKILL: everything is cut", syscall.SIGKILL),
		&cobra.Command{
			Use:   "start",
			Short: "start it again and wait until it is ready",
			Args:  cobra.NoArgs,
			RunE: func(command *cobra.Command, _ []string) error {
				where, err := dir.layout()
				if err != nil {
					return err
				}
				return cluster.StartAPI(command.Context(), where)
			},
		},
	)
	return command
}

func stopCommand(dir *folder, name, about string, signal syscall.Signal) *cobra.Command {
	var dontWait bool
	command := &cobra.Command{
		Use:   name,
		Short: about,
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			return cluster.StopAPI(command.Context(), where, signal, !dontWait)
		},
	}
	command.Flags().BoolVar(&dontWait, "no-wait", false, "don't wait until the process has ended")
	return command
}
