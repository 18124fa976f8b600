// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

// Helm runs helm on this cluster and gives what it printed.
func (c *Cluster) Helm(t testing.TB, arguments ...string) string {
	t.Helper()
	return c.Run(t, "helm", arguments...)
}

// RemoveReleases uninstalls what earlier tests of this cluster installed.
func (c *Cluster) RemoveReleases(t testing.TB) {
	t.Helper()
	var releases []struct{ Name, Namespace string }
	if err := json.Unmarshal([]byte(c.Helm(t, "list", "--all-namespaces", "--all", "--output", "json")), &releases); err != nil {
		t.Fatal(err)
	}
	for _, release := range releases {
		// Nothing can be uninstalled by hooks where an earlier test's namespace is just ending: it takes the release along.
		if c.awaitEnding(t, release.Namespace) {
			continue
		}
		c.Helm(t, "uninstall", release.Name, "--namespace", release.Namespace, "--wait", "--timeout", "2m")
	}
	// A release that ended with its namespace leaves these, and the next one could not take them.
	c.Run(t, "kubectl", "delete", "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings",
		"--selector", "app.kubernetes.io/name=liveroom,app.kubernetes.io/managed-by=Helm")
}

// awaitEnding waits for the end of a namespace that is being deleted; false when it stays.
func (c *Cluster) awaitEnding(t testing.TB, name string) bool {
	t.Helper()
	namespaces := c.Kube.CoreV1().Namespaces()
	found, err := namespaces.Get(context.Background(), name, metav1.GetOptions{})
	if err == nil && found.DeletionTimestamp == nil {
		return false
	}
	kit.Await(t, 3*time.Minute, "namespace "+name+" has ended", func() (bool, string) {
		_, err := namespaces.Get(context.Background(), name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), ""
	})
	return true
}

// PackageChart packs the chart as a release has it and gives the path of the archive. An empty version is the chart's own.
func (c *Cluster) PackageChart(t testing.TB, version, appVersion string) string {
	t.Helper()
	folder := t.TempDir()
	arguments := []string{"package", kit.Chart(t), "--destination", folder}
	if version != "" {
		arguments = append(arguments, "--version", version, "--app-version", appVersion)
	}
	c.Helm(t, arguments...)
	files, err := filepath.Glob(filepath.Join(folder, "liveroom-*.tgz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("one archive of the chart is expected: %v %v", files, err)
	}
	return files[0]
}

// LoadImageAs gives the nodes the image of this build under another tag.
func (c *Cluster) LoadImageAs(t testing.TB, reference string) {
	t.Helper()
	archive := filepath.Join(t.TempDir(), "image.tar")
	retag(t, filepath.Join(kit.Root(t), "build", "release", "image", "liveroom.tar"), archive, reference)
	c.Run(t, "load", archive)
}

// retag copies an archive of docker's kind and gives its image another name.
func retag(t testing.TB, from, to, reference string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	reader, writer := tar.NewReader(in), tar.NewWriter(out)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		switch header.Name {
		case "repositories":
			continue
		case "manifest.json":
			content = rename(t, content, reference)
			header.Size = int64(len(content))
		}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(writer, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
}

func rename(t testing.TB, manifest []byte, reference string) []byte {
	t.Helper()
	var images []map[string]any
	if err := json.Unmarshal(manifest, &images); err != nil || len(images) != 1 {
		t.Fatalf("manifest.json: %v %s", err, strings.TrimSpace(string(manifest)))
	}
	images[0]["RepoTags"] = []string{reference}
	content, err := json.Marshal(images)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
