// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// SystemNamespace is where the chart is installed.
const SystemNamespace = "liveroom-system"

// InstallChart installs the chart with the images of this build, or takes the release that is there, and waits until the
// controller is ready. Recorders find the simulator in place of Bilibili.
func (c *Cluster) InstallChart(t testing.TB, simulator *Simulator) {
	t.Helper()
	chart := filepath.Join(kit.Root(t), "charts", "liveroom")
	c.Run(t, "helm", "upgrade", "--install", "liveroom", chart, "--namespace", SystemNamespace, "--create-namespace", "--take-ownership",
		"--set", "image.tag=dev", "--set", "image.pullPolicy=Never",
		"--set", "recorder.storage.spec.resources.requests.storage=1Gi",
		"--set", "recorder.env[0].name=LIVEROOM_LIVE_API", "--set", "recorder.env[0].value="+simulator.BaseURL(),
		"--set", "recorder.env[1].name=LIVEROOM_API", "--set", "recorder.env[1].value="+simulator.BaseURL())
	c.AwaitLiveRooms(t)
	c.AwaitController(t, time.Minute)
}

// AwaitController waits until a controller is ready.
func (c *Cluster) AwaitController(t testing.TB, limit time.Duration) {
	t.Helper()
	kit.Await(t, limit, "the controller is ready", func() (bool, string) {
		list, err := c.Kube.AppsV1().Deployments(SystemNamespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		for _, deployment := range list.Items {
			if deployment.Status.ReadyReplicas > 0 && deployment.Status.ObservedGeneration == deployment.Generation &&
				deployment.Status.UpdatedReplicas == deployment.Status.Replicas {
				return true, ""
			}
		}
		return false, "not yet"
	})
}

// ScaleController sets how many controllers the chart's Deployment runs, and waits until so many do.
func (c *Cluster) ScaleController(t testing.TB, replicas int32) {
	t.Helper()
	deployments := c.Kube.AppsV1().Deployments(SystemNamespace)
	scale, err := deployments.GetScale(context.Background(), "liveroom-controller", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scale.Spec.Replicas = replicas
	if _, err := deployments.UpdateScale(context.Background(), "liveroom-controller", scale, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	kit.Await(t, time.Minute, fmt.Sprintf("%d controllers", replicas), func() (bool, string) {
		pods, err := c.Kube.CoreV1().Pods(SystemNamespace).List(context.Background(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=controller"})
		if err != nil {
			return false, err.Error()
		}
		return len(pods.Items) == int(replicas), fmt.Sprintf("%d", len(pods.Items))
	})
}

// Leader is the identity that holds the controller's Lease; empty when nobody does.
func (c *Cluster) Leader() (string, error) {
	lease, err := c.Kube.CoordinationV1().Leases(SystemNamespace).Get(context.Background(), "liveroom-controller", metav1.GetOptions{})
	if err != nil || lease.Spec.HolderIdentity == nil {
		return "", err
	}
	return *lease.Spec.HolderIdentity, nil
}

// KillController ends the controller's processes by SIGKILL and waits until a new one leads.
func (c *Cluster) KillController(t testing.TB, limit time.Duration) {
	t.Helper()
	before, err := c.Leader()
	if err != nil {
		t.Fatal(err)
	}
	pods, err := c.Kube.CoreV1().Pods(SystemNamespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, pod := range pods.Items {
		killed += killProcesses(t, "/usr/bin/liveroom-controller", string(pod.UID))
	}
	if killed == 0 {
		t.Fatal("there is no controller to kill")
	}
	kit.Await(t, limit, "another controller leads", func() (bool, string) {
		leader, err := c.Leader()
		if err != nil {
			return false, err.Error()
		}
		return leader != "" && leader != before, leader
	})
}

// killProcesses kills the processes of one pod that run a program; the pod is in the name of their control group.
func killProcesses(t testing.TB, program, podUID string) int {
	t.Helper()
	killed := 0
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		folder := filepath.Dir(file)
		command, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(command, []byte(program+"\x00")) {
			continue
		}
		group, err := os.ReadFile(filepath.Join(folder, "cgroup"))
		if err != nil || !bytes.Contains(bytes.ReplaceAll(group, []byte("_"), []byte("-")), []byte(podUID)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed++
	}
	return killed
}
