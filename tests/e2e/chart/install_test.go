// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// rights are what a user may do in a namespace, one line a resource, without what every user may.
func rights(t *testing.T, clients *kit.Clients, user, namespace string) []string {
	t.Helper()
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	answer, err := clients.As(t, user).Kube.AuthorizationV1().SelfSubjectRulesReviews().Create(context.Background(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	verbs := map[string]map[string]bool{}
	for _, rule := range answer.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			if group == "authorization.k8s.io" || group == "authentication.k8s.io" {
				continue
			}
			for _, resource := range rule.Resources {
				key := resource
				if len(rule.ResourceNames) > 0 {
					key += "=" + strings.Join(rule.ResourceNames, ",")
				}
				if verbs[key] == nil {
					verbs[key] = map[string]bool{}
				}
				for _, verb := range rule.Verbs {
					verbs[key][verb] = true
				}
			}
		}
	}
	var lines []string
	for resource, set := range verbs {
		var list []string
		for verb := range set {
			list = append(list, verb)
		}
		sort.Strings(list)
		lines = append(lines, resource+": "+strings.Join(list, " "))
	}
	sort.Strings(lines)
	return lines
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	sort.Strings(want)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got  %q\n want %q", what, got, want)
	}
}

func account(namespace, name string) string {
	return fmt.Sprintf("system:serviceaccount:%s:%s", namespace, name)
}

var inNamespace = []string{
	"liverooms: get list watch",
	"liverooms/status: patch",
	"liverooms/finalizers: update",
	"pods: create delete get list patch watch",
	"persistentvolumeclaims: create get list patch watch",
	"events: create patch",
}

var forLease = []string{"leases: create", "leases=liveroom-controller: get update"}

func TestRightsInAllNamespaces(t *testing.T) {
	clients := kit.Connect(t)
	system := clients.Namespace(t, "system", nil)
	rooms := clients.Namespace(t, "rooms", nil)
	clients.InstallChart(t, system)

	everywhere := append([]string{
		"storageclasses: get",
		"nodes: list watch",
		"serviceaccounts: create delete list patch watch",
		"rolebindings: create delete list patch watch",
		"clusterroles=liveroom-recorder: bind",
		"poddisruptionbudgets: create delete list patch watch",
	}, inNamespace...)
	controller := account(system, "liveroom-controller")
	expect(t, "the controller in a namespace of rooms", rights(t, clients, controller, rooms), everywhere)
	expect(t, "the controller in its own namespace", rights(t, clients, controller, system), append(forLease, everywhere...))

	// The controller itself gives a namespace's recorders their one right, and can give no other.
	asController := clients.As(t, controller)
	binding := func(role string) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: "liveroom-recorder", Namespace: rooms}},
		}
	}
	if _, err := asController.Kube.RbacV1().RoleBindings(rooms).Create(context.Background(), binding("liveroom-recorder"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := asController.Kube.RbacV1().RoleBindings(rooms).Create(context.Background(), binding("cluster-admin"), metav1.CreateOptions{}); err == nil {
		t.Error("the controller could bind cluster-admin")
	}
	expect(t, "the recorder", rights(t, clients, account(rooms, "liveroom-recorder"), rooms), []string{"liverooms/status: patch"})
	expect(t, "the recorder elsewhere", rights(t, clients, account(rooms, "liveroom-recorder"), system), nil)
}

func TestRightsInNamespaces(t *testing.T) {
	clients := kit.Connect(t)
	clients.InstallDefinition(t)
	system := clients.Namespace(t, "system", nil)
	first, second := clients.Namespace(t, "rooms", nil), clients.Namespace(t, "rooms", nil)
	other := clients.Namespace(t, "other", nil)
	clients.InstallChart(t, system, "--set", "watchNamespaces={"+first+","+second+"},"+namespaced)

	controller := account(system, "liveroom-controller")
	expect(t, "the controller in its own namespace", rights(t, clients, controller, system), append([]string{}, forLease...))
	expect(t, "the controller elsewhere", rights(t, clients, controller, other), nil)
	for _, rooms := range []string{first, second} {
		expect(t, "the controller in a namespace of rooms", rights(t, clients, controller, rooms), append([]string{}, inNamespace...))
		expect(t, "the recorder", rights(t, clients, account(rooms, "liveroom-recorder"), rooms), []string{"liverooms/status: patch"})
		if _, err := clients.Kube.CoreV1().ServiceAccounts(rooms).Get(context.Background(), "liveroom-recorder", metav1.GetOptions{}); err != nil {
			t.Error(err)
		}
		budget, err := clients.Kube.PolicyV1().PodDisruptionBudgets(rooms).Get(context.Background(), "liveroom-recording", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if budget.Spec.MinAvailable.IntValue() != 2147483647 || *budget.Spec.UnhealthyPodEvictionPolicy != policyv1.AlwaysAllow {
			t.Errorf("budget: %v", budget.Spec)
		}
	}
}

// The controller's pod is admitted where the restricted level of Pod Security is enforced.
func TestControllerPodIsRestricted(t *testing.T) {
	clients := kit.Connect(t)
	system := clients.Namespace(t, "system", map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	clients.InstallChart(t, system)
	deployment, err := clients.Kube.AppsV1().Deployments(system).Get(context.Background(), "liveroom-controller", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pod := &corev1.Pod{ObjectMeta: deployment.Spec.Template.ObjectMeta, Spec: deployment.Spec.Template.Spec}
	pod.Name = "probe"
	if _, err := clients.Kube.CoreV1().Pods(system).Create(context.Background(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Error(err)
	}
}

func TestUninstallKeepsDefinition(t *testing.T) {
	clients := kit.Connect(t)
	system := clients.Namespace(t, "system", nil)
	t.Run("install", func(t *testing.T) { clients.InstallChart(t, system) })
	if _, err := clients.Dynamic.Resource(kit.Definitions).Get(context.Background(), "liverooms.liveroom.dev", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := clients.Kube.RbacV1().ClusterRoles().Get(context.Background(), "liveroom-recorder", metav1.GetOptions{}); err == nil {
		t.Error("the recorder's role is still there")
	}
}

// podToken is a token of the account liveroom-recorder; with a pod's name it is bound to such a pod, which is made for it.
func podToken(t *testing.T, clients *kit.Clients, namespace, pod string) (token, uid string) {
	t.Helper()
	request := &authenticationv1.TokenRequest{}
	if pod != "" {
		made, err := clients.Kube.CoreV1().Pods(namespace).Create(context.Background(), &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: pod},
			Spec: corev1.PodSpec{
				ServiceAccountName: "liveroom-recorder",
				Containers:         []corev1.Container{{Name: "recorder", Image: "localhost/liveroom:0.1.0"}},
			},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		uid = string(made.UID)
		request.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod, UID: made.UID}
	}
	answer, err := clients.Kube.CoreV1().ServiceAccounts(namespace).CreateToken(context.Background(), "liveroom-recorder", request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Token, uid
}

// grantAll lets the account liveroom-recorder do everything with LiveRooms in a namespace.
func grantAll(t *testing.T, clients *kit.Clients, namespace string) {
	t.Helper()
	meta := metav1.ObjectMeta{Name: "too-much"}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"liveroom.dev"}, Resources: []string{"*"}, Verbs: []string{"*"}}}}
	if _, err := clients.Kube.RbacV1().Roles(namespace).Create(context.Background(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: "liveroom-recorder", Namespace: namespace}},
	}
	if _, err := clients.Kube.RbacV1().RoleBindings(namespace).Create(context.Background(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}
