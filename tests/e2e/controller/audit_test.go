// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"liveroom.dev/liveroom/tests/e2e/internal/audit"
	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// kubeconfigOf writes a kubeconfig of a service account, as the controller has it in its pod.
func kubeconfigOf(t *testing.T, clients *kit.Clients, namespace, account string) string {
	t.Helper()
	answer, err := clients.Kube.CoreV1().ServiceAccounts(namespace).CreateToken(context.Background(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: clients.Config.Host, CertificateAuthority: clients.Config.CAFile, CertificateAuthorityData: clients.Config.CAData}
	config.AuthInfos["u"] = &clientcmdapi.AuthInfo{Token: answer.Status.Token}
	config.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u", Namespace: namespace}
	config.CurrentContext = "x"
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// The controller's account can do what the controller does, and the chart gives it nothing that it never asks for.
func TestTheControllersRightsAreThoseThatItUses(t *testing.T) {
	own := kit.OwnCluster(t, "--api-only", "--audit")
	t.Setenv("KUBECONFIG", own.Kubeconfig)
	clients := kit.Connect(t)
	ctx := context.Background()
	system, namespace := clients.Namespace(t, "system", nil), clients.Namespace(t, "rooms", nil)
	clients.InstallChart(t, system)
	place := &place{clients, namespace}
	controller := start(t, "--kubeconfig", kubeconfigOf(t, clients, system, "liveroom-controller"), "--lease-namespace", system)

	// A life with everything in it.
	place.create(t, "a", `{roomId: 6, storage: {whenDeleted: Delete, volumeClaimTemplate: {spec: {storageClassName: nowhere, accessModes: [ReadWriteOnce],
		resources: {requests: {storage: 1Gi}}}}}}`)
	place.awaitCondition(t, "a", "StorageReady", "False StorageClassMissing")
	pod := place.settle(t, "a")
	place.runs(t, pod, false, 2*time.Minute)
	place.awaitCondition(t, "a", "RoomFound", "Unknown RecorderAbsent")
	place.change(t, "a", `{"spec": {"storage": {"whenDeleted": "Retain"}}}`)
	place.create(t, "named", "{roomId: 7, storage: {claimName: absent}}")
	place.awaitCondition(t, "named", "StorageReady", "False ClaimMissing")
	kit.Await(t, 10*time.Second, "two Events of one kind", func() (bool, string) { return len(place.events(t, "named")) > 0, "none" })
	place.change(t, "a", `{"spec": {"suspend": true}}`)
	place.awaitNoPod(t, "a")
	if err := place.Kube.RbacV1().RoleBindings(namespace).Delete(ctx, "liveroom-recorder", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "named"} {
		if err := place.LiveRooms(namespace).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	kit.Await(t, 20*time.Second, "the namespace cleared", func() (bool, string) {
		_, err := place.Kube.CoreV1().ServiceAccounts(namespace).Get(ctx, "liveroom-recorder", metav1.GetOptions{})
		return err != nil, "the account is there"
	})
	controller.Terminate(t)

	user := "system:serviceaccount:" + system + ":liveroom-controller"
	seen := map[string]bool{}
	var forbidden []string
	for _, request := range audit.Read(t, own.AuditLog) {
		if request.User.Username != user || request.ObjectRef.Resource == "" {
			continue
		}
		seen[request.What()] = true
		if request.ResponseStatus.Code == 403 {
			forbidden = append(forbidden, request.What())
		}
	}
	if len(forbidden) > 0 {
		t.Errorf("forbidden: %v", forbidden)
	}
	// What no request shows: rights that the server itself looks at, and what only a name that is taken, or a repeated Event, asks for.
	unseen := map[string]bool{"update liverooms/finalizers": true, "bind clusterroles": true, "create serviceaccounts": true, "create rolebindings": true,
		"create poddisruptionbudgets": true, "get pods": true, "patch events": true}
	var unused []string
	for _, rule := range clusterRules(t, clients, "liveroom-controller") {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				what := verb + " " + resource
				// Where the server can't stream them, lists come before watches.
				isList := verb == "list" && seen["watch "+resource]
				if !seen[what] && !unseen[what] && !isList {
					unused = append(unused, what)
				}
			}
		}
	}
	sort.Strings(unused)
	if len(unused) > 0 {
		t.Errorf("rights that were not used: %s", strings.Join(unused, ", "))
	}
}

func clusterRules(t *testing.T, clients *kit.Clients, name string) []rbacv1.PolicyRule {
	t.Helper()
	role, err := clients.Kube.RbacV1().ClusterRoles().Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return role.Rules
}
