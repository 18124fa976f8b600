// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"path/filepath"
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
	c.Run(t, "helm", "upgrade", "--install", "liveroom", chart, "--namespace", SystemNamespace, "--create-namespace",
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
