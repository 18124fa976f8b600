// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Object reads one object from YAML.
func Object(t testing.TB, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return object
}

// Objects reads the documents of a YAML stream; empty ones are left out.
func Objects(t testing.TB, text []byte) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatal(err)
		}
		if object := Object(t, string(document)); len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// LiveRoom is a LiveRoom with the spec of the YAML text; an empty text means only a roomId.
func LiveRoom(t testing.TB, name, spec string) *unstructured.Unstructured {
	t.Helper()
	if spec == "" {
		spec = "{roomId: 6}"
	}
	object := Object(t, "{apiVersion: liveroom.dev/v1alpha1, kind: LiveRoom}")
	object.SetName(name)
	object.Object["spec"] = Object(t, spec).Object
	return object
}

// InstallDefinition applies crds/liveroom.yaml and waits until LiveRooms are served: a new kind answers 404 for about two seconds.
func (c *Clients) InstallDefinition(t testing.TB) {
	t.Helper()
	definition := Object(t, string(File(t, "crds", "liveroom.yaml")))
	options := metav1.ApplyOptions{FieldManager: "tests", Force: true}
	if _, err := c.Dynamic.Resource(Definitions).Apply(context.Background(), definition.GetName(), definition, options); err != nil {
		t.Fatalf("apply crds/liveroom.yaml: %v", err)
	}
	c.AwaitLiveRooms(t)
}

// AwaitLiveRooms waits until the API server serves LiveRooms.
func (c *Clients) AwaitLiveRooms(t testing.TB) {
	t.Helper()
	Await(t, 30*time.Second, "LiveRooms served", func() (bool, string) {
		_, err := c.Dynamic.Resource(LiveRooms).List(context.Background(), metav1.ListOptions{Limit: 1})
		if err != nil {
			return false, err.Error()
		}
		return true, ""
	})
}

// Namespace makes a namespace with a name of its own, and deletes it and its LiveRooms after the test. (On an API server alone, without controllers, the
// namespace stays in deletion, and only what is deleted by itself goes.)
func (c *Clients) Namespace(t testing.TB, prefix string, labels map[string]string) string {
	t.Helper()
	wanted := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-", Labels: labels}}
	namespace, err := c.Kube.CoreV1().Namespaces().Create(context.Background(), wanted, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.LiveRooms(namespace.Name).DeleteCollection(context.Background(), metav1.DeleteOptions{}, metav1.ListOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("delete the LiveRooms of %s: %v", namespace.Name, err)
		}
		if err := c.Kube.CoreV1().Namespaces().Delete(context.Background(), namespace.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("delete namespace %s: %v", namespace.Name, err)
		}
	})
	return namespace.Name
}
