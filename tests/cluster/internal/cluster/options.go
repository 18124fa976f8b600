// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"liveroom.dev/tests/cluster/internal/component"
)

// Options of Up.
type Options struct {
	APIOnly     bool
	Controllers bool // with APIOnly: a controller manager too
	Audit       bool
}

func (o Options) mode() string {
	if o.APIOnly {
		return ModeAPIOnly
	}
	return ModeFull
}

// AssetsVariable names a folder with etcd and kube-apiserver to use instead of
// building them, as the envtest of controller-runtime does.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// Assets returns that folder if it can serve these options.
func (o Options) Assets() (folder string, usable bool) {
	folder = os.Getenv(AssetsVariable)
	if folder == "" || !o.APIOnly || o.Controllers {
		return "", false
	}
	for _, program := range []string{component.Etcd, component.APIServer} {
		if _, err := os.Stat(filepath.Join(folder, program)); err != nil {
			return "", false
		}
	}
	return folder, true
}

// pluginFolders are where distributions put the CNI plugins.
var pluginFolders = []string{"/usr/lib/cni", "/opt/cni/bin"}

// requirements looks for what a node needs from the machine and returns the
// folder of CNI plugins.
func requirements() (plugins string, err error) {
	if os.Geteuid() != 0 {
		return "", fmt.Errorf("a full cluster needs root; --api-only does not")
	}
	var missing []string
	for _, program := range []string{"containerd", "ctr", "runc", "iptables", "conntrack"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	for _, folder := range pluginFolders {
		if _, err := os.Stat(filepath.Join(folder, "ptp")); err == nil && plugins == "" {
			plugins = folder
		}
	}
	if plugins == "" {
		missing = append(missing, "CNI plugins")
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("missing on this machine: %s\n"+
			"get them with: apt-get install containerd runc containernetworking-plugins iptables conntrack",
			strings.Join(missing, ", "))
	}
	return plugins, nil
}
