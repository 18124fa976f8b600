// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
	"liveroom.dev/liveroom/tests/e2e/internal/program"
)

// What the server refuses is said on the LiveRoom, with the server's words, and in one Event.

func TestAQuotaIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	quotas := place.Kube.CoreV1().ResourceQuotas(place.namespace)
	none := corev1.ResourceList{"count/pods": resource.MustParse("0")}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "no-pods"}, Spec: corev1.ResourceQuotaSpec{Hard: none}}
	made, err := quotas.Create(context.Background(), quota, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	made.Status = corev1.ResourceQuotaStatus{Hard: none, Used: none}
	if _, err := quotas.UpdateStatus(context.Background(), made, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	condition := place.awaitCondition(t, "a", "Ready", "False QuotaExceeded")
	if !strings.Contains(condition.Message, "exceeded quota: no-pods") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning QuotaExceeded: ")
	controller.AwaitIdle(t)
	if err := quotas.Delete(context.Background(), "no-pods", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	place.change(t, "a", `{"spec": {"transport": {"pollIntervalSeconds": 60}}}`) // a change of the LiveRoom tries at once
	place.awaitPod(t, 10*time.Second, "a", "")
}

func TestAnInadmissiblePodIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", `{roomId: 6, podTemplate: {volumes: [{name: x, ephemeral: {}}], volumeMounts: [{name: nowhere, mountPath: /x}]}}`)
	condition := place.awaitCondition(t, "a", "Ready", "False Refused")
	if !strings.Contains(condition.Message, "nowhere") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning Refused: ")
}

// The schema lets volumes and users through that every level allows; an annotation is what can still be forbidden.
func TestAPodThatPodSecurityDeniesIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	const unconfined = "container.apparmor.security.beta.kubernetes.io/recorder"
	place.create(t, "a", `{roomId: 6, podTemplate: {metadata: {annotations: {`+unconfined+`: unconfined}}}}`)
	condition := place.awaitCondition(t, "a", "Ready", "False Refused")
	if !strings.Contains(condition.Message, `violates PodSecurity "restricted:latest"`) || !strings.Contains(condition.Message, "AppArmor") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitCondition(t, "a", "StorageReady", "False ClaimPending")
	place.awaitEvent(t, "a", "Warning Refused: ")
	controller.AwaitIdle(t) // no hot retry
	if pod := place.pod("a"); pod != nil {
		t.Errorf("a pod %s", pod.UID)
	}
	place.change(t, "a", `{"spec": {"podTemplate": {"metadata": {"annotations": {"`+unconfined+`": null}}}}}`)
	place.awaitPod(t, 5*time.Second, "a", "")
	place.awaitCondition(t, "a", "Ready", "False PodPending")
	place.awaitEvent(t, "a", "Warning Refused: ")
}

func TestNamesOfOthersAreLeftAlone(t *testing.T) {
	place := newPlace(t).account(t)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "a-recordings"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	if _, err := place.Kube.CoreV1().PersistentVolumeClaims(place.namespace).Create(context.Background(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	no, yes, user := false, true, int64(65532)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "b-recorder"}, Spec: corev1.PodSpec{
		SecurityContext:    &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		ServiceAccountName: "liveroom-recorder",
		Containers: []corev1.Container{{Name: "x", Image: "x", SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}}},
	}}
	made, err := place.Kube.CoreV1().Pods(place.namespace).Create(context.Background(), pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	place.create(t, "b", "{roomId: 7}")
	place.awaitCondition(t, "a", "StorageReady", "False ClaimConflict")
	place.awaitCondition(t, "a", "Ready", "False StorageNotReady")
	place.awaitEvent(t, "a", "Warning ClaimConflict: ")
	place.awaitCondition(t, "b", "Ready", "False NameConflict")
	place.awaitEvent(t, "b", "Warning NameConflict: ")
	controller.AwaitIdle(t)
	if seen := place.pod("b"); seen == nil || seen.UID != made.UID || seen.ResourceVersion != made.ResourceVersion {
		t.Error("somebody else's pod was touched")
	}
	if place.pod("a") != nil {
		t.Error("a pod without a claim of its own")
	}
}

func TestANamedClaimIsUsedAsItIs(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "{roomId: 6, storage: {claimName: shared}}")
	place.awaitCondition(t, "a", "StorageReady", "False ClaimMissing")
	place.awaitEvent(t, "a", "Warning ClaimMissing: there is no claim shared")
	if place.pod("a") != nil {
		t.Error("a pod that can't start")
	}
	claims := place.Kube.CoreV1().PersistentVolumeClaims(place.namespace)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "shared"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	made, err := claims.Create(context.Background(), claim, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	place.change(t, "a", `{"metadata": {"annotations": {"look": "again"}}}`)
	place.awaitPod(t, 10*time.Second, "a", "")
	seen, err := claims.Get(context.Background(), "shared", metav1.GetOptions{})
	if err != nil || seen.ResourceVersion != made.ResourceVersion {
		t.Errorf("the claim was touched: %v", err)
	}
}

func TestARoomThatDoesNotExistIsAConditionAndAnEvent(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.settle(t, "a")
	place.report(t, "a", pod, func(text string) string {
		return strings.Replace(text, `{type: RoomFound, status: "True", reason: Found, message: ""`,
			`{type: RoomFound, status: "False", reason: NotFound, message: there is no room 6`, 1)
	})
	place.awaitCondition(t, "a", "Ready", "False RoomNotFound")
	place.awaitEvent(t, "a", "Warning NotFound: there is no room 6")
	if place.pod("a").UID != pod.UID {
		t.Error("another pod")
	}
}

// In all namespaces the controller makes what recorders need where LiveRooms are, keeps it, and takes it away.
func TestNamespacesArePreparedAndCleared(t *testing.T) {
	place := newPlace(t)
	controller := start(t, "--lease-namespace", place.namespace)
	place.create(t, "a", "")
	pod := place.awaitPod(t, 20*time.Second, "a", "")
	ctx := context.Background()
	budgets := place.Kube.PolicyV1().PodDisruptionBudgets(place.namespace)
	bindings := place.Kube.RbacV1().RoleBindings(place.namespace)
	accounts := place.Kube.CoreV1().ServiceAccounts(place.namespace)

	binding, err := bindings.Get(ctx, "liveroom-recorder", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if binding.RoleRef != (rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "liveroom-recorder"}) {
		t.Errorf("role %v", binding.RoleRef)
	}
	if _, err := budgets.Patch(ctx, "liveroom-recording", types.MergePatchType, []byte(`{"spec": {"minAvailable": 1}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Delete(ctx, "liveroom-recorder", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, 10*time.Second, "everything restored", func() (bool, string) {
		budget, err := budgets.Get(ctx, "liveroom-recording", metav1.GetOptions{})
		if err != nil || budget.Spec.MinAvailable.IntValue() != 2147483647 {
			return false, "the budget is not"
		}
		_, err = accounts.Get(ctx, "liveroom-recorder", metav1.GetOptions{})
		return err == nil, "the account is not"
	})

	if err := place.LiveRooms(place.namespace).Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	controller.AwaitIdle(t) // the recorder that is ending still needs its account
	if _, err := accounts.Get(ctx, "liveroom-recorder", metav1.GetOptions{}); err != nil {
		t.Errorf("the account is gone before the pod: %v", err)
	}
	if err := place.Kube.CoreV1().Pods(place.namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{}); err != nil { // as the garbage collector does
		t.Fatal(err)
	}
	kit.Await(t, 10*time.Second, "nothing left", func() (bool, string) {
		_, first := accounts.Get(ctx, "liveroom-recorder", metav1.GetOptions{})
		_, second := bindings.Get(ctx, "liveroom-recorder", metav1.GetOptions{})
		_, third := budgets.Get(ctx, "liveroom-recording", metav1.GetOptions{})
		return apierrors.IsNotFound(first) && apierrors.IsNotFound(second) && apierrors.IsNotFound(third), "something is"
	})
}

func TestBadOptionsAreOneLineAndCode2(t *testing.T) {
	for _, arguments := range [][]string{{}, {"run"}, {"run", "--recorder-image", "x", "--shiny"}, {"run", "--recorder-image", "x", "--kubeconfig", "/nowhere"}} {
		command := exec.Command(program.Controller(t), arguments...)
		output, _ := command.CombinedOutput()
		if code := command.ProcessState.ExitCode(); code != 2 {
			t.Errorf("%v: code %d", arguments, code)
		}
		if lines := strings.Count(string(output), "\n"); lines != 1 {
			t.Errorf("%v: %d lines: %s", arguments, lines, output)
		}
	}
}
