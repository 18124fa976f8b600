// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Every recorder records as an account. Nothing of its cookie may appear in what a recorder leaves behind; that is looked for
// at the end of every test.
const (
	accountSecret = "account"
	cookieText    = "never-to-be-seen"
	cookie        = "SESSDATA=" + cookieText + "-1; bili_jct=" + cookieText + "-2; DedeUserID=20000001"
)

func (c *Cluster) makeAccount(t testing.TB, namespace string) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: accountSecret}, StringData: map[string]string{"cookie": cookie}}
	if _, err := c.Kube.CoreV1().Secrets(namespace).Create(context.Background(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// expectNoCredential looks at everything that is still there of the LiveRoom: object, Events, log, metrics and volume.
func (r *LiveRoom) expectNoCredential(t testing.TB) {
	t.Helper()
	look := func(where, text string) {
		if strings.Contains(text, cookieText) {
			t.Errorf("the cookie is in %s", where)
		}
	}
	if object, err := r.cluster.LiveRooms(r.Namespace).Get(context.Background(), r.Name, metav1.GetOptions{}); err == nil {
		text, _ := json.Marshal(object.Object)
		look("the LiveRoom", string(text))
		if _, reason, _ := Condition(object, "Authenticated"); reason == "Guest" || reason == "SecretMissing" {
			t.Errorf("the cookie was not in use: %s", reason)
		}
	}
	if events, err := r.cluster.Kube.EventsV1().Events(r.Namespace).List(context.Background(), metav1.ListOptions{}); err == nil {
		look("an Event", fmt.Sprint(events.Items))
	}
	if pod, err := r.TryPod(); err == nil && pod != nil {
		text, _ := json.Marshal(pod)
		look("the pod", string(text))
		log, _ := r.cluster.Kube.CoreV1().Pods(r.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(context.Background())
		look("the log", string(log))
		if pod.Status.PodIP != "" {
			look("the metrics", metricsOf(pod.Status.PodIP))
		}
	}
	claim, err := r.cluster.Kube.CoreV1().PersistentVolumeClaims(r.Namespace).Get(context.Background(), r.claim, metav1.GetOptions{})
	if err != nil || claim.Spec.VolumeName == "" {
		return
	}
	_ = filepath.WalkDir(r.Volume(t), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // renamed while we look
		}
		content, _ := os.ReadFile(path)
		look(path, string(content))
		return nil
	})
}

// metricsOf is empty when nobody answers: the pod may be going.
func metricsOf(address string) string {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + address + ":8080/metrics")
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}
