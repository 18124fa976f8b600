// SPDX-License-Identifier: Apache-2.0

package component

import "liveroom.dev/tests/cluster/internal/layout"

// EtcdArgs makes etcd listen on sockets of files only, so that it takes no
// port. The advertised addresses must look like host and port, and are used
// by nobody as there is one member.
func EtcdArgs(dir layout.Dir) []string {
	const unused = "http://localhost:1"
	return []string{
		"--name=cluster",
		"--data-dir=" + dir.EtcdData(),
		"--listen-client-urls=unix://" + dir.EtcdSocket(),
		"--advertise-client-urls=" + unused,
		"--listen-peer-urls=unix://" + dir.EtcdPeerSocket(),
		"--initial-advertise-peer-urls=" + unused,
		"--initial-cluster=cluster=" + unused,
		"--unsafe-no-fsync",
		"--log-level=warn",
	}
}
