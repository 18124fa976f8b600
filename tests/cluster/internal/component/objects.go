// SPDX-License-Identifier: Apache-2.0

package component

import (
	"fmt"

	"liveroom.dev/tests/cluster/internal/layout"
)

// Volumes that a cluster with a node offers.
const (
	VolumeCount  = 20
	VolumeSize   = "200Gi"
	StorageClass = "local"
)

// Object is something to create once the API server is there.
type Object struct {
	Path string // of the collection
	Body map[string]any
}

// StorageClassObject is the default class: its claims are bound when a pod
// that uses them is scheduled.
func StorageClassObject() Object {
	return Object{"/apis/storage.k8s.io/v1/storageclasses", object{
		"apiVersion": "storage.k8s.io/v1",
		"kind":       "StorageClass",
		"metadata": object{
			"name":        StorageClass,
			"annotations": object{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		"provisioner":       "kubernetes.io/no-provisioner",
		"volumeBindingMode": "WaitForFirstConsumer",
	}}
}

// VolumeObject is the volume of that number, a folder of the cluster's own.
func VolumeObject(dir layout.Dir, number int) Object {
	return Object{"/api/v1/persistentvolumes", object{
		"apiVersion": "v1",
		"kind":       "PersistentVolume",
		"metadata":   object{"name": fmt.Sprintf("pv%02d", number)},
		"spec": object{
			"capacity":                      object{"storage": VolumeSize},
			"accessModes":                   []string{"ReadWriteOnce", "ReadWriteMany"},
			"persistentVolumeReclaimPolicy": "Retain",
			"storageClassName":              StorageClass,
			"local":                         object{"path": dir.Volume(number)},
			"nodeAffinity": object{"required": object{"nodeSelectorTerms": []any{
				object{"matchExpressions": []any{
					object{"key": "kubernetes.io/hostname", "operator": "In", "values": []string{NodeName}},
				}},
			}}},
		},
	}}
}
