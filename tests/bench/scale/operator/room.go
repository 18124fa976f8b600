// SPDX-License-Identifier: Apache-2.0

package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "liveroom.dev", Version: "v1alpha1"}

// LiveRoom has the fields that this operator works with; the rest of the object is not kept.
type LiveRoom struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              Spec   `json:"spec"`
	Status            Status `json:"status,omitempty"`
}

type Spec struct {
	RoomID    int64     `json:"roomId"`
	Suspend   bool      `json:"suspend,omitempty"`
	Transport Transport `json:"transport,omitempty"`
}

type Transport struct {
	PollIntervalSeconds int64 `json:"pollIntervalSeconds,omitempty"`
}

type Status struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	PodName            string             `json:"podName,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type LiveRoomList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LiveRoom `json:"items"`
}

func (room *LiveRoom) DeepCopyObject() runtime.Object {
	copied := *room
	room.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	copied.Status.Conditions = append([]metav1.Condition(nil), room.Status.Conditions...)
	return &copied
}

func (list *LiveRoomList) DeepCopyObject() runtime.Object {
	copied := *list
	copied.Items = make([]LiveRoom, len(list.Items))
	for i := range list.Items {
		copied.Items[i] = *list.Items[i].DeepCopyObject().(*LiveRoom)
	}
	return &copied
}

func addToScheme(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(groupVersion, &LiveRoom{}, &LiveRoomList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
}
