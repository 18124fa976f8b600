// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"

	"liveroom.dev/tests/cluster/internal/holder"
	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/proc"
)

// Report is what `status` shows.
type Report struct {
	Dir        string            `json:"dir"`
	Up         bool              `json:"up"`
	Mode       string            `json:"mode,omitempty"`
	Server     string            `json:"server,omitempty"`
	Kubeconfig string            `json:"kubeconfig,omitempty"`
	HolderPID  int               `json:"holderPID,omitempty"`
	Components []ComponentReport `json:"components,omitempty"`
}

// ComponentReport is one program. PID is that of the machine, not the one
// inside the cluster's namespace.
type ComponentReport struct {
	Name        string `json:"name"`
	Running     bool   `json:"running"`
	PID         int    `json:"pid,omitempty"`
	ResidentKiB int    `json:"residentKiB,omitempty"`
	Exit        string `json:"exit,omitempty"`
	Log         string `json:"log"`
}

// Inspect looks at the cluster in dir.
func Inspect(ctx context.Context, dir layout.Dir) (Report, error) {
	report := Report{Dir: string(dir)}
	state, found, err := Load(dir)
	if err != nil || !found || !state.Holder.Alive() {
		return report, err
	}
	report.Up = true
	report.Mode, report.Server, report.Kubeconfig = state.Mode, state.Server, dir.Kubeconfig()
	report.HolderPID = state.Holder.PID
	all, err := holder.Connect(string(dir)).Status(ctx)
	if err != nil {
		return report, err
	}
	outside := map[int]int{}
	if state.node() {
		if outside, err = proc.InNamespaceOf(state.Holder.PID); err != nil {
			return report, err
		}
	}
	for _, status := range all {
		pid := status.PID
		if state.node() {
			pid = outside[pid]
		}
		report.Components = append(report.Components, ComponentReport{
			Name: status.Name, Running: status.Running, PID: pid,
			ResidentKiB: proc.ResidentKiB(pid), Exit: status.Exit, Log: status.Log,
		})
	}
	return report, nil
}
