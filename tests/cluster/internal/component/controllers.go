// SPDX-License-Identifier: Apache-2.0

package component

import "liveroom.dev/tests/cluster/internal/layout"

// ControllerManagerArgs are the flags of kube-controller-manager. Port 0: its
// own server is not wanted, and so two of them don't meet.
func ControllerManagerArgs(dir layout.Dir) []string {
	return []string{
		"--kubeconfig=" + dir.Config("controller-manager.kubeconfig"),
		"--service-account-private-key-file=" + dir.PKI("service-accounts.key"),
		"--root-ca-file=" + dir.PKI("ca.crt"),
		"--use-service-account-credentials",
		"--leader-elect=false",
		"--secure-port=0",
	}
}

// SchedulerArgs are the flags of kube-scheduler.
func SchedulerArgs(dir layout.Dir) []string {
	return []string{
		"--kubeconfig=" + dir.Config("scheduler.kubeconfig"),
		"--leader-elect=false",
		"--secure-port=0",
	}
}
