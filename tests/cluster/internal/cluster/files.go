// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"os"
	"path/filepath"

	"liveroom.dev/tests/cluster/internal/component"
	"liveroom.dev/tests/cluster/internal/layout"
	"liveroom.dev/tests/cluster/internal/pki"
)

// user is a client of the API server.
type user struct {
	file   string
	name   string
	groups []string
}

var users = []user{
	{"controller-manager", "system:kube-controller-manager", nil},
	{"scheduler", "system:kube-scheduler", nil},
	{"proxy", "system:kube-proxy", nil},
	{"kubelet", "system:node:" + component.NodeName, []string{"system:nodes"}},
}

// credentials are what the commands themselves need after the files are written.
type credentials struct {
	authority []byte
	admin     pki.Pair
}

// writeIdentities makes all certificates, keys and kubeconfigs of a cluster.
// inside is the API server's URL for the components, server that for users.
func writeIdentities(dir layout.Dir, server, inside string) (credentials, error) {
	authority, err := pki.NewAuthority()
	if err != nil {
		return credentials{}, err
	}
	writer := &fileWriter{}
	serving, err := authority.Server(component.APIServerHosts()...)
	writer.pair(dir, "apiserver", serving, err)
	toKubelet, err := authority.Client("kube-apiserver-kubelet-client", "system:masters")
	writer.pair(dir, "apiserver-kubelet", toKubelet, err)
	tokens, err := pki.NewKey()
	writer.write(dir.PKI("service-accounts.key"), tokens, err)
	writer.write(dir.PKI("ca.crt"), authority.Certificate, nil)
	for _, user := range users {
		pair, err := authority.Client(user.name, user.groups...)
		writer.kubeconfig(dir.Config(user.file+".kubeconfig"), inside, authority, pair, err)
	}
	admin, err := authority.Client("admin", "system:masters")
	writer.kubeconfig(dir.Kubeconfig(), server, authority, admin, err)
	writer.kubeconfig(dir.InsideKubeconfig(), inside, authority, admin, nil)
	return credentials{authority.Certificate, admin}, writer.err
}

// fileWriter keeps the first error, of making or of writing.
type fileWriter struct{ err error }

func (w *fileWriter) write(path string, content []byte, err error) {
	if w.err == nil {
		w.err = err
	}
	if w.err == nil {
		w.err = os.WriteFile(path, content, 0o600)
	}
}

func (w *fileWriter) pair(dir layout.Dir, name string, pair pki.Pair, err error) {
	w.write(dir.PKI(name+".crt"), pair.Certificate, err)
	w.write(dir.PKI(name+".key"), pair.Key, err)
}

func (w *fileWriter) kubeconfig(path, server string, authority *pki.Authority, user pki.Pair, err error) {
	if err != nil {
		w.write(path, nil, err)
		return
	}
	text, err := pki.Kubeconfig(server, "liveroom-test", authority.Certificate, user)
	w.write(path, text, err)
}

// writeNodeFiles writes the configurations of the components of a node.
func writeNodeFiles(dir layout.Dir, cgroupRoot, snapshotter, plugins string) error {
	writer := &fileWriter{}
	proxy, err := component.ProxyConfig(dir)
	writer.write(dir.Config("proxy.json"), proxy, err)
	kubelet, err := component.KubeletConfig(dir, cgroupRoot)
	writer.write(dir.Config("kubelet.json"), kubelet, err)
	writer.write(dir.Config("containerd.toml"), []byte(component.ContainerdConfig(dir, snapshotter, plugins)), nil)
	network, err := component.CNIConfig()
	writer.write(filepath.Join(dir.CNI(), "10-pods.conflist"), network, err)
	for number := 1; number <= component.VolumeCount; number++ {
		if err := os.MkdirAll(dir.Volume(number), 0o755); err != nil {
			return err
		}
	}
	if writer.err != nil {
		return fmt.Errorf("configuration: %w", writer.err)
	}
	return nil
}
