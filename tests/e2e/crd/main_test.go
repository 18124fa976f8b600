// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"context"
	"errors"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"liveroom.dev/liveroom/tests/e2e/internal/kit"
)

var install sync.Once

// rooms is the client for the LiveRooms of a new namespace on a server that has the definition.
func rooms(t *testing.T) dynamic.ResourceInterface {
	t.Helper()
	clients := kit.Connect(t)
	install.Do(func() { clients.InstallDefinition(t) })
	return clients.LiveRooms(clients.Namespace(t, "crd", nil))
}

var strict = metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}

func create(rooms dynamic.ResourceInterface, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return rooms.Create(context.Background(), object, strict)
}

func mustCreate(t *testing.T, rooms dynamic.ResourceInterface, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	created, err := create(rooms, object)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return created
}

// causes are the fields that a refusal names, each with its words.
func causes(err error) map[string][]string {
	found := map[string][]string{}
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Details != nil {
		for _, cause := range status.Status().Details.Causes {
			found[cause.Field] = append(found[cause.Field], cause.Message)
		}
	}
	return found
}
