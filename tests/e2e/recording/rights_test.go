// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestTheRecordersAccountMayPatchItsStatusAndNothingElse(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "rights")
	live := cluster.NewLiveRoom(t, simulator, "rights", room.ID, "")
	pod := live.AwaitPod(t, time.Minute, "")
	accounts := cluster.Kube.CoreV1().ServiceAccounts(live.Namespace)
	bound := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	}}
	token, err := accounts.CreateToken(context.Background(), pod.Spec.ServiceAccountName, bound, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	recorder := cluster.WithToken(t, token.Status.Token)

	empty := []byte("{}")
	if _, err := recorder.LiveRooms(live.Namespace).Patch(context.Background(), live.Name, types.MergePatchType, empty, metav1.PatchOptions{}, "status"); err != nil {
		t.Errorf("its own status: %v", err)
	}
	if _, err := recorder.LiveRooms(live.Namespace).Patch(context.Background(), live.Name, types.MergePatchType, empty, metav1.PatchOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("its spec: %v", err)
	}
	if _, err := recorder.LiveRooms(live.Namespace).Get(context.Background(), live.Name, metav1.GetOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("reading: %v", err)
	}

	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: live.Namespace}}
	rules, err := recorder.Kube.AuthorizationV1().SelfSubjectRulesReviews().Create(context.Background(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules.Status.ResourceRules {
		for _, resource := range rule.Resources {
			reviews := rule.APIGroups[0] == "authorization.k8s.io" || rule.APIGroups[0] == "authentication.k8s.io"
			own := resource == "liverooms/status" && len(rule.Verbs) == 1 && rule.Verbs[0] == "patch"
			if !own && !reviews {
				t.Errorf("it may also: %v", rule)
			}
		}
	}
}

func TestPodsAreRestrictedAndTheirRootIsReadOnly(t *testing.T) {
	cluster, simulator := prepare(t)
	room := simulator.NewRoom(t, "restricted")
	live := cluster.NewLiveRoom(t, simulator, "restricted", room.ID, "")
	pod := live.AwaitPod(t, time.Minute, "")
	controllers, err := cluster.Kube.CoreV1().Pods("liveroom-system").List(context.Background(), metav1.ListOptions{})
	if err != nil || len(controllers.Items) == 0 {
		t.Fatalf("no controller: %v", err)
	}
	for _, one := range append([]corev1.Pod{*pod}, controllers.Items...) {
		for _, container := range one.Spec.Containers {
			context := container.SecurityContext
			if context == nil || context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
				t.Errorf("%s: the root file system can be written", one.Name)
			}
			if context == nil || context.AllowPrivilegeEscalation == nil || *context.AllowPrivilegeEscalation || context.Capabilities == nil || len(context.Capabilities.Add) != 0 {
				t.Errorf("%s: %+v", one.Name, context)
			}
		}
	}
}
