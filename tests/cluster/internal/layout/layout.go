// SPDX-License-Identifier: Apache-2.0

// Package layout says where the parts of a cluster lie in its folder.
package layout

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// maxPath keeps sockets below the folder within the 107 bytes that the kernel
// allows; the longest is kubelet/device-plugins/kubelet.sock.
const maxPath = 65

// Dir is the folder of one cluster.
type Dir string

// New makes the path absolute and free of links, so that it means the same
// for every component.
func New(path string) (Dir, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		absolute = real
	}
	if len(absolute) > maxPath {
		return "", fmt.Errorf("--dir %s is longer than %d bytes, too long for sockets in it", absolute, maxPath)
	}
	if absolute == "/" {
		return "", fmt.Errorf("--dir can't be /")
	}
	return Dir(absolute), nil
}

// Default is the folder when none is named.
func Default() string { return filepath.Join(os.TempDir(), "liveroom-cluster") }

// CgroupPrefix begins the name of the control groups of a cluster in this
// folder, so that those of clusters side by side can be told apart.
func (d Dir) CgroupPrefix() string {
	sum := sha256.Sum256([]byte(d))
	return fmt.Sprintf("liveroom-%x-", sum[:4])
}

func (d Dir) join(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}

// Folders and files of a cluster.
func (d Dir) Kubeconfig() string          { return d.join("kubeconfig") }
func (d Dir) InsideKubeconfig() string    { return d.join("config", "inside.kubeconfig") }
func (d Dir) AuditLog() string            { return d.join("audit.log") }
func (d Dir) State() string               { return d.join("state.json") }
func (d Dir) Log(component string) string { return d.join("logs", component+".log") }
func (d Dir) Volume(number int) string    { return d.join("volumes", fmt.Sprintf("pv%02d", number)) }
func (d Dir) EtcdData() string            { return d.join("etcd") }
func (d Dir) EtcdSocket() string          { return d.join("run", "etcd.sock") }
func (d Dir) EtcdPeerSocket() string      { return d.join("run", "peer.sock") }
func (d Dir) PKI(file string) string      { return d.join("pki", file) }
func (d Dir) Config(file string) string   { return d.join("config", file) }
func (d Dir) CNI() string                 { return d.join("config", "cni") }
func (d Dir) Kubelet() string             { return d.join("kubelet") }
func (d Dir) PodLogs() string             { return d.join("pod-logs") }
func (d Dir) Plugins() string             { return d.join("run", "volume-plugins") }
func (d Dir) Containerd() string          { return d.join("containerd") }

// Owned are the entries that a cluster makes in its folder, and that its end
// removes. Whatever else lies there is not ours.
var Owned = []string{
	"kubeconfig", "audit.log", "state.json", "logs", "volumes", "etcd", "run", "pki", "config",
	"kubelet", "pod-logs", "containerd",
}

// Make creates the folders that components expect to find.
func (d Dir) Make() error {
	for _, folder := range []string{"logs", "run", "pki", "config", "config/cni"} {
		if err := os.MkdirAll(d.join(folder), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// MakeNode creates the folders of a cluster with a node.
func (d Dir) MakeNode() error {
	for _, folder := range []string{"kubelet", "pod-logs", "containerd", "volumes", "run/volume-plugins"} {
		if err := os.MkdirAll(d.join(folder), 0o755); err != nil {
			return err
		}
	}
	return nil
}
