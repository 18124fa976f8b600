// SPDX-License-Identifier: Apache-2.0

// Command operator does for LiveRooms what liveroom-controller does at first: a claim, a pod and a status each. It is written the way a careful
// author writes one with controller-runtime, to be measured beside it.
package main

import (
	"flag"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address of the metrics")
	namespace := flag.String("namespace", "", "namespace of LiveRooms and Lease")
	flag.Parse()
	log.SetLogger(zap.New())

	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	addToScheme(scheme)
	config := ctrl.GetConfigOrDie()
	config.QPS = -1 // the server's priority and fairness is the limit
	ours := labels.SelectorFromSet(labels.Set{"app.kubernetes.io/managed-by": "bench-operator"})
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme,
		Cache: cache.Options{
			DefaultNamespaces: map[string]cache.Config{*namespace: {}},
			DefaultTransform:  cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				&corev1.Pod{}:                   {Label: ours},
				&corev1.PersistentVolumeClaim{}: {Label: ours},
			},
		},
		Metrics:                 server.Options{BindAddress: *listen},
		LeaderElection:          true,
		LeaderElectionID:        "bench-operator",
		LeaderElectionNamespace: *namespace,
	})
	exitOn(err)
	err = ctrl.NewControllerManagedBy(manager).
		For(&LiveRoom{}).
		Owns(&corev1.Pod{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 10}).
		Complete(&reconciler{manager.GetClient()})
	exitOn(err)
	exitOn(manager.Start(ctrl.SetupSignalHandler()))
}

func exitOn(err error) {
	if err != nil {
		log.Log.Error(err, "ended")
		os.Exit(1)
	}
}
