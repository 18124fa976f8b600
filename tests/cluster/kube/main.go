// SPDX-License-Identifier: Apache-2.0

// Command kube holds the programs of a Kubernetes cluster in one executable.
// The program is chosen by the name it is called by (a link named
// kube-apiserver runs kube-apiserver) or else by the first argument.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// programs maps a name to a main function that returns the exit status.
var programs = map[string]func() int{
	"etcd": func() int {
		etcdmain.Main(os.Args)
		return 0
	},
	"kube-apiserver":          func() int { return run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return run(controllers.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return run(scheduler.NewSchedulerCommand()) },
	"kube-proxy":              func() int { return run(proxy.NewProxyCommand()) },
	"kubelet":                 func() int { return run(kubelet.NewKubeletCommand(context.Background())) },
	"kubectl":                 func() int { return run(kubectl.NewDefaultKubectlCommand()) },
}

func run(command *cobra.Command) int {
	return cli.Run(command)
}

func main() {
	name := filepath.Base(os.Args[0])
	program, known := programs[name]
	if !known && len(os.Args) > 1 {
		name = os.Args[1]
		program, known = programs[name]
		os.Args = append([]string{name}, os.Args[2:]...)
	}
	if !known {
		fmt.Fprintf(os.Stderr, "usage: kube %s [ARGUMENTS]\n", strings.Join(names(), "|"))
		os.Exit(2)
	}
	os.Exit(program())
}
