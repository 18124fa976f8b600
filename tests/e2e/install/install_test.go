// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/stage"
)

// controllerImage is what the controllers of a namespace run; empty unless they agree.
func controllerImage(t *testing.T, cluster *stage.Cluster, namespace string) string {
	t.Helper()
	pods, err := cluster.Kube.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=controller"})
	if err != nil {
		t.Fatal(err)
	}
	image := ""
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil {
			image = pod.Spec.Containers[0].Image
		}
	}
	return image
}

func TestThreeRoomsThroughUpgradeAndUninstall(t *testing.T) {
	cluster, simulator := prepare(t)
	source := stage.ReadSource(t)
	cluster.LoadImageAs(t, "localhost/liveroom:next")
	system := cluster.Namespace(t, "system", map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	release := func(arguments ...string) []string {
		return append(append(arguments, "--namespace", system, "--take-ownership", "--wait", "--timeout", "2m"), recorderSettings(simulator)...)
	}
	cluster.Helm(t, release("install", "liveroom", cluster.PackageChart(t, "", ""), "--set", "image.tag=dev")...)
	cluster.AwaitLiveRooms(t)
	rooms := cluster.RoomsNamespace(t, simulator)
	sharedClaim(t, cluster, rooms)
	shows := record(t, cluster, simulator, rooms, "a", "b", "c")

	// A newer chart with a newer image, and another setting.
	began := time.Now()
	cluster.Helm(t, release("upgrade", "liveroom", cluster.PackageChart(t, "9.9.9", "next"), "--set", "log.level=debug", "--set", "replicas=2")...)
	t.Logf("helm upgrade took %v", time.Since(began))
	if image := controllerImage(t, cluster, system); image != "localhost/liveroom:next" {
		t.Errorf("the controller runs %s", image)
	}
	cluster.Helm(t, "test", "liveroom", "--namespace", system, "--timeout", "2m")
	for _, one := range shows {
		one.stillTheSame(t)
	}
	for _, one := range shows[:2] {
		one.end(t, source)
	}
	// Idle now, they get the new image, in the pods that they are.
	for _, one := range shows[:2] {
		one.awaitImage(t, "localhost/liveroom:next")
	}
	shows[2].stillTheSame(t)

	// Uninstalled while one of them still records.
	began = time.Now()
	cluster.Helm(t, "uninstall", "liveroom", "--namespace", system, "--wait", "--timeout", "2m")
	took := time.Since(began)
	t.Logf("helm uninstall took %v", took)
	if took > time.Minute {
		t.Errorf("helm uninstall took %v", took)
	}
	nothingIsLeftOfTheRelease(t, cluster, system, rooms)
	if _, err := cluster.Kube.CoreV1().PersistentVolumeClaims(rooms).Get(context.Background(), claimName, metav1.GetOptions{}); err != nil {
		t.Errorf("the claim: %v", err)
	}
	list, err := cluster.LiveRooms(rooms).List(context.Background(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 3 {
		t.Errorf("three LiveRooms are expected to stay: %v", err)
	}
	// It has lost its account, not its show.
	shows[2].end(t, source)
	if err := cluster.LiveRooms(rooms).DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, one := range shows {
		one.live.AwaitNoPod(t, 2*time.Minute)
	}
}

func nothingIsLeftOfTheRelease(t *testing.T, cluster *stage.Cluster, system, rooms string) {
	t.Helper()
	ctx := context.Background()
	if _, err := cluster.Kube.CoreV1().ServiceAccounts(rooms).Get(ctx, "liveroom-recorder", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the recorders' account: %v", err)
	}
	if _, err := cluster.Kube.RbacV1().RoleBindings(rooms).Get(ctx, "liveroom-recorder", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the recorders' binding: %v", err)
	}
	if _, err := cluster.Kube.PolicyV1().PodDisruptionBudgets(rooms).Get(ctx, "liveroom-recording", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the recorders' budget: %v", err)
	}
	for _, kind := range []string{"clusterroles", "clusterrolebindings", "validatingadmissionpolicies", "validatingadmissionpolicybindings"} {
		if left := shell(t, "kubectl get "+kind+" -l app.kubernetes.io/part-of=liveroom --output name"); strings.TrimSpace(left) != "" {
			t.Errorf("left: %s", left)
		}
	}
	if left := shell(t, "kubectl --namespace "+system+" get all,serviceaccounts,roles,rolebindings -l app.kubernetes.io/part-of=liveroom --output name"); strings.TrimSpace(left) != "" {
		t.Errorf("left: %s", left)
	}
}

func TestRolesInNamespacesAreEnough(t *testing.T) {
	cluster, simulator := prepare(t)
	source := stage.ReadSource(t)
	cluster.InstallDefinition(t)
	system := cluster.Namespace(t, "system", nil)
	rooms := cluster.RoomsNamespace(t, simulator)
	sharedClaim(t, cluster, rooms)
	install := append([]string{
		"install", "liveroom", cluster.PackageChart(t, "", ""), "--namespace", system, "--wait", "--timeout", "2m", "--set", "image.tag=dev",
		"--set", "watchNamespaces={" + rooms + "},crds.install=false,admissionPolicy.install=false,rbac.userRoles=false",
	}, recorderSettings(simulator)...)
	cluster.Helm(t, install...)
	for _, kind := range []string{"clusterroles", "clusterrolebindings", "validatingadmissionpolicies"} {
		if found := shell(t, "kubectl get "+kind+" --output name"); strings.Contains(found, "liveroom") {
			t.Errorf("of the cluster: %s", found)
		}
	}
	cluster.Helm(t, "test", "liveroom", "--namespace", system, "--timeout", "2m")
	shows := record(t, cluster, simulator, rooms, "a")
	shows[0].end(t, source)
	cluster.Helm(t, "uninstall", "liveroom", "--namespace", system, "--wait", "--timeout", "2m")
	if _, err := cluster.Kube.CoreV1().ServiceAccounts(rooms).Get(context.Background(), "liveroom-recorder", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the recorders' account: %v", err)
	}
}

func TestPlainYAML(t *testing.T) {
	cluster, simulator := prepare(t)
	source := stage.ReadSource(t)
	// Of a release that another test left.
	shell(t, "kubectl delete namespace liveroom-system --ignore-not-found --wait --timeout=3m")
	settings := "--set image.tag=dev '" + strings.Join(recorderSettings(simulator), "' '") + "'"
	file := t.TempDir() + "/liveroom.yaml"
	shell(t, "packaging/plain-yaml.sh "+settings+" >$FILE && kubectl apply --server-side --force-conflicts --filename $FILE", "FILE="+file)
	shell(t, "kubectl --namespace liveroom-system wait deployment --all --for=condition=Available --timeout=2m")
	cluster.AwaitLiveRooms(t)
	rooms := cluster.RoomsNamespace(t, simulator)
	sharedClaim(t, cluster, rooms)
	record(t, cluster, simulator, rooms, "a")[0].end(t, source)
	if err := cluster.LiveRooms(rooms).Delete(context.Background(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	shell(t, "kubectl delete --filename $FILE --wait --timeout=2m", "FILE="+file)
	// A namespace that the test deletes wants the kind to be there, or not at all.
	awaitGone(t, time.Minute, "crd/liverooms.liveroom.dev")
}
