// SPDX-License-Identifier: Apache-2.0

package component

import (
	"encoding/json"

	"liveroom.dev/tests/cluster/internal/address"
	"liveroom.dev/tests/cluster/internal/layout"
)

type object = map[string]any

// ProxyArgs are the flags of kube-proxy.
func ProxyArgs(dir layout.Dir) []string {
	return []string{"--config=" + dir.Config("proxy.json"), "--hostname-override=" + NodeName}
}

// ProxyConfig is kube-proxy's configuration. Limits of connection tracking
// belong to the whole machine and can't be set from a namespace: 0 leaves them.
func ProxyConfig(dir layout.Dir) ([]byte, error) {
	return json.MarshalIndent(object{
		"apiVersion":         "kubeproxy.config.k8s.io/v1alpha1",
		"kind":               "KubeProxyConfiguration",
		"clientConnection":   object{"kubeconfig": dir.Config("proxy.kubeconfig")},
		"mode":               "iptables",
		"clusterCIDR":        address.PodRange,
		"nodePortAddresses":  []string{"primary"},
		"healthzBindAddress": "127.0.0.1:10256",
		"metricsBindAddress": "127.0.0.1:10249",
		"conntrack": object{
			"maxPerCore":            0,
			"min":                   0,
			"tcpEstablishedTimeout": "0s",
			"tcpCloseWaitTimeout":   "0s",
		},
	}, "", "  ")
}
