// SPDX-License-Identifier: Apache-2.0

package component

import (
	"encoding/json"
	"fmt"

	"liveroom.dev/tests/cluster/internal/address"
	"liveroom.dev/tests/cluster/internal/layout"
)

// ContainerdArgs are the flags of containerd.
func ContainerdArgs(dir layout.Dir) []string {
	return []string{"--config", dir.Config("containerd.toml")}
}

// ContainerdConfig is containerd's configuration, as versions 1.6 and 1.7 read
// it. The snapshotter is overlayfs, or native where overlays can't be mounted.
func ContainerdConfig(dir layout.Dir, snapshotter, plugins string) string {
	return fmt.Sprintf(`version = 2
root = %q
state = "/run/containerd"
oom_score = 0
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]

[grpc]
  address = %q

[plugins."io.containerd.internal.v1.opt"]
  path = %q

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = %q
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = %q
  conf_dir = %q
`, dir.Containerd(), ContainerSock, dir.Containerd()+"/opt", PauseImage, snapshotter, plugins, dir.CNI())
}

// CNIConfig gives each pod a link of its own to the node (ptp, not bridge), so
// that every packet between pods is routed and services work without the
// kernel module that lets iptables see bridged packets.
func CNIConfig() ([]byte, error) {
	return json.MarshalIndent(object{
		"cniVersion": "0.4.0",
		"name":       "pods",
		"plugins": []any{
			object{
				"type": "ptp",
				"mtu":  1500,
				"ipam": object{
					"type":    "host-local",
					"dataDir": "/run/cni-addresses",
					"ranges":  []any{[]any{object{"subnet": address.PodRange}}},
					"routes":  []any{object{"dst": "0.0.0.0/0"}},
				},
			},
			object{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
}
