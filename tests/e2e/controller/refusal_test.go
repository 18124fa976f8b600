// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

func TestAQuotaOfClaimsIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	none := corev1.ResourceList{"count/persistentvolumeclaims": resource.MustParse("0")}
	quotas := place.Kube.CoreV1().ResourceQuotas(place.namespace)
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "no-claims"}, Spec: corev1.ResourceQuotaSpec{Hard: none}}
	made, err := quotas.Create(context.Background(), quota, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	made.Status = corev1.ResourceQuotaStatus{Hard: none, Used: none}
	if _, err := quotas.UpdateStatus(context.Background(), made, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	start(t, place.arguments()...)
	place.create(t, "a", "")
	condition := place.awaitCondition(t, "a", "StorageReady", "False QuotaExceeded")
	if !strings.Contains(condition.Message, "exceeded quota: no-claims") {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitCondition(t, "a", "Ready", "False StorageNotReady")
	place.awaitEvent(t, "a", "Warning QuotaExceeded: ")
	if place.pod("a") != nil {
		t.Error("a pod without a claim")
	}
}

// forbid lets an admission policy deny one kind in the place, with words of its own.
func (p *place) forbid(t *testing.T, resources, words string) {
	t.Helper()
	ctx := context.Background()
	name := p.namespace + "-" + resources
	fail := admissionv1.Fail
	rule := admissionv1.NamedRuleWithOperations{RuleWithOperations: admissionv1.RuleWithOperations{
		Operations: []admissionv1.OperationType{admissionv1.Create},
		Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{resources}},
	}}
	here := &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": p.namespace}}
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.ValidatingAdmissionPolicySpec{
		FailurePolicy:    &fail,
		MatchConstraints: &admissionv1.MatchResources{NamespaceSelector: here, ResourceRules: []admissionv1.NamedRuleWithOperations{rule}},
		Validations:      []admissionv1.Validation{{Expression: "false", Message: words}},
	}}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}}
	if _, err := p.Kube.AdmissionregistrationV1().ValidatingAdmissionPolicies().Create(ctx, policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Kube.AdmissionregistrationV1().ValidatingAdmissionPolicies().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	if _, err := p.Kube.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Kube.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
}

func TestADenialByAnAdmissionPolicyIsSaid(t *testing.T) {
	const words = "not on a Sunday"
	place, other := newPlace(t).account(t), newPlace(t).account(t)
	place.forbid(t, "pods", words)
	other.forbid(t, "persistentvolumeclaims", words)
	for _, probe := range []func() error{place.dryPod, other.dryClaim} {
		kit.Await(t, 30*time.Second, "a policy in force", func() (bool, string) {
			err := probe()
			return err != nil && strings.Contains(err.Error(), words), "not yet"
		})
	}
	start(t, "--namespaces", place.namespace+","+other.namespace, "--lease-namespace", place.namespace)
	place.create(t, "a", "")
	condition := place.awaitCondition(t, "a", "Ready", "False Refused")
	if !strings.Contains(condition.Message, words) {
		t.Errorf("message %q", condition.Message)
	}
	place.awaitEvent(t, "a", "Warning Refused: ")
	other.create(t, "a", "")
	condition = other.awaitCondition(t, "a", "StorageReady", "False Refused")
	if !strings.Contains(condition.Message, words) {
		t.Errorf("message %q", condition.Message)
	}
	other.awaitEvent(t, "a", "Warning Refused: ")
}

// The name is taken by the recorder of an earlier LiveRoom, which is ending: the next one waits for it, without asking again and again.
func TestAPodThatIsEndingIsWaitedFor(t *testing.T) {
	place := newPlace(t).account(t)
	controller := start(t, place.arguments()...)
	place.create(t, "a", "")
	pod := place.awaitPod(t, 20*time.Second, "a", "")
	ctx := context.Background()
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: "somewhere"}}
	if err := place.Kube.CoreV1().Pods(place.namespace).Bind(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := place.LiveRooms(place.namespace).Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := place.Kube.CoreV1().Pods(place.namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{}); err != nil { // as the garbage collector does
		t.Fatal(err)
	}
	place.create(t, "a", "{roomId: 7}")
	place.awaitCondition(t, "a", "Ready", "False PodTerminating")
	before := controller.Writes()
	time.Sleep(3 * time.Second) // what is asked for meanwhile is what the test is about
	if made := controller.Writes() - before; made > 2 {
		t.Errorf("%v writes within 3 s", made)
	}
	now := int64(0)
	if err := place.Kube.CoreV1().Pods(place.namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil { // as the kubelet does
		t.Fatal(err)
	}
	next := place.awaitPod(t, 10*time.Second, "a", pod.UID)
	if room := config(t, next)["roomId"]; room != 7.0 {
		t.Errorf("a pod of room %v", room)
	}
}

func TestAClaimThatIsEndingOrGrowingIsSaid(t *testing.T) {
	place := newPlace(t).account(t)
	start(t, place.arguments()...)
	place.create(t, "a", "")
	place.settle(t, "a")
	ctx := context.Background()
	claims := place.Kube.CoreV1().PersistentVolumeClaims(place.namespace)
	growing := `{"status": {"conditions": [{"type": "FileSystemResizePending", "status": "True", "message": "the node has to grow it"}]}}`
	if _, err := claims.Patch(ctx, "a-recordings", types.MergePatchType, []byte(growing), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	place.awaitCondition(t, "a", "StorageReady", "True Resizing")
	old := place.claim(t, "a").UID
	// As long as a pod uses it, it stays.
	if err := claims.Delete(ctx, "a-recordings", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	place.awaitCondition(t, "a", "StorageReady", "False ClaimTerminating")
	if place.pod("a") == nil {
		t.Error("the pod went with the claim")
	}
	if _, err := claims.Patch(ctx, "a-recordings", types.MergePatchType, []byte(`{"metadata": {"finalizers": null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, 20*time.Second, "another claim", func() (bool, string) {
		claim, err := claims.Get(ctx, "a-recordings", metav1.GetOptions{})
		return err == nil && claim.UID != old, "the old one, or none"
	})
}

// dryPod asks whether a pod would be admitted.
func (p *place) dryPod() error {
	no, yes, user := false, true, int64(65532)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe"}, Spec: corev1.PodSpec{
		SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		Containers: []corev1.Container{{Name: "x", Image: "x", SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}}},
	}}
	_, err := p.Kube.CoreV1().Pods(p.namespace).Create(context.Background(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

// dryClaim asks whether a claim would be admitted.
func (p *place) dryClaim() error {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "probe"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	_, err := p.Kube.CoreV1().PersistentVolumeClaims(p.namespace).Create(context.Background(), claim, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}
