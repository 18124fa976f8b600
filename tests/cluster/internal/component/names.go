// SPDX-License-Identifier: Apache-2.0

// Package component knows how each program of a cluster is called: its flags
// and the files it reads. Everything in it is pure.
package component

// Names of the components, which are the names of the programs too.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Proxy             = "kube-proxy"
	Kubelet           = "kubelet"
	Containerd        = "containerd"
)

// Fixed values of a cluster with a node; they are seen only inside its namespace.
const (
	NodeName      = "node1"
	APIPort       = 6443
	PauseImage    = "localhost/pause:1"
	ContainerSock = "/run/containerd/containerd.sock"
)
