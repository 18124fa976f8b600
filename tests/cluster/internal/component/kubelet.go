// SPDX-License-Identifier: Apache-2.0

package component

import (
	"encoding/json"

	"liveroom.dev/tests/cluster/internal/address"
	"liveroom.dev/tests/cluster/internal/layout"
)

// KubeletArgs are the flags of the kubelet.
func KubeletArgs(dir layout.Dir) []string {
	return []string{
		"--config=" + dir.Config("kubelet.json"),
		"--kubeconfig=" + dir.Config("kubelet.kubeconfig"),
		"--root-dir=" + dir.Kubelet(),
		"--cert-dir=" + dir.Kubelet() + "/pki",
		"--hostname-override=" + NodeName,
		"--node-ip=" + address.Node,
	}
}

// KubeletConfig is the kubelet's configuration.
func KubeletConfig(dir layout.Dir, cgroupRoot string) ([]byte, error) {
	return json.MarshalIndent(object{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"containerRuntimeEndpoint": "unix://" + ContainerSock,
		"authentication": object{
			"anonymous": object{"enabled": false},
			"webhook":   object{"enabled": true},
			"x509":      object{"clientCAFile": dir.PKI("ca.crt")},
		},
		"authorization":         object{"mode": "Webhook"},
		"cgroupDriver":          "cgroupfs",
		"cgroupRoot":            "/" + cgroupRoot,
		"failCgroupV1":          false,
		"failSwapOn":            false,
		"oomScoreAdj":           0, // less would need a capability that machines in a container lack
		"podLogsDir":            dir.PodLogs(),
		"volumePluginDir":       dir.Plugins(),
		"protectKernelDefaults": false,
		// No DNS: a name server that refuses at once is better than one that never answers.
		"clusterDNS":    []string{"127.0.0.1"},
		"clusterDomain": "cluster.local",
		"resolvConf":    "",
		// The disk is the machine's own and may be nearly full: only the last of it is ours to guard.
		"imageGCHighThresholdPercent": 100,
		"evictionHard": object{
			"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%",
			"nodefs.inodesFree": "1%", "imagefs.inodesFree": "1%",
		},
		"syncFrequency":                 "5s",
		"nodeStatusUpdateFrequency":     "5s",
		"maxPods":                       110,
		"serializeImagePulls":           false,
		"shutdownGracePeriod":           "0s",
		"localStorageCapacityIsolation": true,
	}, "", "  ")
}
