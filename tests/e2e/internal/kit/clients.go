// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// LiveRooms and Definitions name the resources that have no typed client.
var (
	LiveRooms   = schema.GroupVersionResource{Group: "liveroom.dev", Version: "v1alpha1", Resource: "liverooms"}
	Definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
)

// Clients speaks to one API server as one user.
type Clients struct {
	Config  *rest.Config
	Kube    kubernetes.Interface
	Dynamic dynamic.Interface
}

// Connect uses the cluster of $KUBECONFIG. Without it the test fails: nothing is skipped in silence.
func Connect(t testing.TB) *Clients {
	t.Helper()
	file := os.Getenv("KUBECONFIG")
	if file == "" {
		t.Fatal("KUBECONFIG is not set; `tests/cluster/cluster up` brings a Kubernetes up and prints it")
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatalf("KUBECONFIG: %v", err)
	}
	return ConnectWith(t, config)
}

// ConnectWith uses a configuration as it is, but without a limit on the rate of requests.
func ConnectWith(t testing.TB, config *rest.Config) *Clients {
	t.Helper()
	config = rest.CopyConfig(config)
	config.QPS = -1
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return &Clients{Config: config, Kube: kube, Dynamic: dynamicClient}
}

// WithToken speaks to the same server as the owner of a bearer token.
func (c *Clients) WithToken(t testing.TB, token string) *Clients {
	t.Helper()
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	return ConnectWith(t, config)
}

// As speaks to the same server as another user, without that user's token.
func (c *Clients) As(t testing.TB, user string) *Clients {
	t.Helper()
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user}
	return ConnectWith(t, config)
}

// LiveRooms is the client for the LiveRooms of a namespace.
func (c *Clients) LiveRooms(namespace string) dynamic.ResourceInterface {
	return c.Dynamic.Resource(LiveRooms).Namespace(namespace)
}
