// SPDX-License-Identifier: Apache-2.0

// Package toolchain builds the programs of a cluster from the Go modules that
// go.mod pins, once, into a cache outside the checkout.
package toolchain

// step is one program to build.
type step struct {
	title   string
	output  string // name in the folder of programs
	pkg     string // import path, or a path in the module
	ldflags string
}

const version = "k8s.io/component-base/version"

// recipe is part of the cache's key: a change of it builds anew.
var recipe = []step{
	{"kubernetes", kubeProgram, "./kube", "-s -w -X " + version + ".gitVersion=v1.34.4 -X " +
		version + ".gitMajor=1 -X " + version + ".gitMinor=34"},
	{"helm", "helm", "helm.sh/helm/v3/cmd/helm", "-s -w"},
	{"pause", pauseProgram, "./pause", "-s -w"},
}

const (
	kubeProgram  = "kube"
	pauseProgram = "pause"
)

// sources are the files, relative to the module, that the programs are made of.
var sources = []string{"go.mod", "go.sum", "kube/*.go", "pause/*.go"}

// links are the names by which the multi-call program is called.
var links = []string{
	"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl",
}
