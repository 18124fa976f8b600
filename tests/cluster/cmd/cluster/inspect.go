// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"liveroom.dev/tests/cluster/internal/cluster"
)

func statusCommand(dir *folder) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "status",
		Short: "show the components and their memory; fails when no cluster is up",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			report, err := cluster.Inspect(command.Context(), where)
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(os.Stdout)
				encoder.SetIndent("", "  ")
				err = encoder.Encode(report)
			} else {
				err = printReport(os.Stdout, report)
			}
			if err == nil && !report.Up {
				err = fmt.Errorf("no cluster is up in %s", where)
			}
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "for programs")
	return command
}

func printReport(to io.Writer, report cluster.Report) error {
	if !report.Up {
		return nil
	}
	fmt.Fprintf(to, "%s cluster at %s, KUBECONFIG %s\n", report.Mode, report.Server, report.Kubeconfig)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tPID\tMEMORY\tSTATE")
	total := 0
	for _, component := range report.Components {
		state := "running"
		if !component.Running {
			state = component.Exit
		}
		total += component.ResidentKiB
		fmt.Fprintf(table, "%s\t%d\t%d MiB\t%s\n", component.Name, component.PID, component.ResidentKiB>>10, state)
	}
	fmt.Fprintf(table, "all\t\t%d MiB\t\n", total>>10)
	return table.Flush()
}

func logsCommand(dir *folder) *cobra.Command {
	var lines int
	command := &cobra.Command{
		Use:   "logs COMPONENT",
		Short: "show what a component has said (etcd, kube-apiserver, kubelet, containerd, holder, ...)",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			where, err := dir.layout()
			if err != nil {
				return err
			}
			if lines > 0 {
				fmt.Println(cluster.Tail(where.Log(args[0]), lines))
				return nil
			}
			log, err := os.Open(where.Log(args[0]))
			if err != nil {
				return err
			}
			defer log.Close()
			_, err = io.Copy(os.Stdout, log)
			return err
		},
	}
	command.Flags().IntVar(&lines, "tail", 0, "only that many lines from the end")
	return command
}
