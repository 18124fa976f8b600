// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type reconciler struct{ client client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var room LiveRoom
	if err := r.client.Get(ctx, request.NamespacedName, &room); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if room.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	var pod corev1.Pod
	err := r.client.Get(ctx, client.ObjectKey{Namespace: room.Namespace, Name: room.Name + "-recorder"}, &pod)
	if client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, err
	}
	exists := err == nil
	if exists && room.Spec.Suspend && pod.DeletionTimestamp == nil {
		return ctrl.Result{}, client.IgnoreNotFound(r.client.Delete(ctx, &pod, client.Preconditions{UID: &pod.UID}))
	}
	if !exists && !room.Spec.Suspend {
		if err := r.create(ctx, claimOf(&room)); err != nil {
			return ctrl.Result{}, err
		}
		pod = *podOf(&room)
		if err := r.create(ctx, &pod); err != nil {
			return ctrl.Result{}, err
		}
		exists = true
	}
	return ctrl.Result{}, r.report(ctx, &room, exists, &pod)
}

// create takes an object that is there already for the one that it would have made: names are fixed.
func (r *reconciler) create(ctx context.Context, object client.Object) error {
	if err := r.client.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

func (r *reconciler) report(ctx context.Context, room *LiveRoom, exists bool, pod *corev1.Pod) error {
	status := *room.Status.deepCopy()
	status.ObservedGeneration, status.PodName = room.Generation, ""
	ready, reason := metav1.ConditionFalse, "PodPending"
	if room.Spec.Suspend {
		reason = "Suspended"
	}
	if exists {
		status.PodName = pod.Name
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				ready, reason = metav1.ConditionTrue, "Ready"
			}
		}
	}
	suspended := metav1.ConditionFalse
	if room.Spec.Suspend {
		suspended = metav1.ConditionTrue
	}
	for _, condition := range []metav1.Condition{
		{Type: "Ready", Status: ready, Reason: reason}, {Type: "StorageReady", Status: metav1.ConditionFalse, Reason: "ClaimPending"},
		{Type: "UpToDate", Status: metav1.ConditionTrue, Reason: "UpToDate"}, {Type: "Suspended", Status: suspended, Reason: "Spec"},
	} {
		condition.ObservedGeneration = room.Generation
		meta.SetStatusCondition(&status.Conditions, condition)
	}
	if status.equal(&room.Status) {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"apiVersion": groupVersion.String(), "kind": "LiveRoom", "metadata": map[string]string{"name": room.Name}, "status": status})
	if err != nil {
		return err
	}
	target := &LiveRoom{ObjectMeta: metav1.ObjectMeta{Name: room.Name, Namespace: room.Namespace}}
	return r.client.Status().Patch(ctx, target, client.RawPatch("application/apply-patch+yaml", patch), client.ForceOwnership, client.FieldOwner("bench-operator"))
}

func (s *Status) deepCopy() *Status {
	copied := *s
	copied.Conditions = append([]metav1.Condition(nil), s.Conditions...)
	return &copied
}

func (s *Status) equal(other *Status) bool {
	if s.ObservedGeneration != other.ObservedGeneration || s.PodName != other.PodName || len(s.Conditions) != len(other.Conditions) {
		return false
	}
	for i, condition := range s.Conditions {
		if condition.Type != other.Conditions[i].Type || condition.Status != other.Conditions[i].Status || condition.Reason != other.Conditions[i].Reason ||
			condition.ObservedGeneration != other.Conditions[i].ObservedGeneration {
			return false
		}
	}
	return true
}

func labelsOf(room *LiveRoom) map[string]string {
	return map[string]string{"app.kubernetes.io/managed-by": "bench-operator", "liveroom.dev/room": room.Name}
}

func claimOf(room *LiveRoom) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: room.Name + "-recordings", Namespace: room.Namespace, Labels: labelsOf(room)},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("64Gi")}},
		},
	}
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
		PeriodSeconds: period, TimeoutSeconds: 5, FailureThreshold: failures}
}

func toleration(key string) corev1.Toleration {
	seconds := int64(3600)
	return corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds}
}

// podOf is as large as the pod that liveroom-controller makes: the server's work and the replies are the same.
func podOf(room *LiveRoom) *corev1.Pod {
	config, _ := json.Marshal(room.Spec)
	no, yes, user, hour := false, true, int64(65532), int64(3600)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: room.Name + "-recorder", Namespace: room.Namespace, Labels: labelsOf(room),
			Annotations:     map[string]string{"liveroom.dev/config": string(config)},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(room, groupVersion.WithKind("LiveRoom"))}},
		Spec: corev1.PodSpec{
			ServiceAccountName: "liveroom-recorder", AutomountServiceAccountToken: &no, EnableServiceLinks: &no,
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, FSGroup: &user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "recorder", Image: "liveroom.example/recorder:1", Command: []string{"/usr/bin/liveroom-recorder", "run", "--config", "/etc/liveroom/config.json"},
				Env:   []corev1.EnvVar{{Name: "LIVEROOM_NAME", Value: room.Name}, {Name: "LIVEROOM_OUTPUT", Value: "/recordings"}},
				Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("32Mi")},
					Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")}},
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
				StartupProbe:    probe("/healthz", 1, 300),
				LivenessProbe:   probe("/healthz", 20, 3),
				ReadinessProbe:  probe("/readyz", 10, 3),
				VolumeMounts: []corev1.VolumeMount{{Name: "recordings", MountPath: "/recordings"}, {Name: "config", MountPath: "/etc/liveroom", ReadOnly: true},
					{Name: "token", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true}},
			}},
			Tolerations: []corev1.Toleration{toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")},
			Volumes: []corev1.Volume{
				{Name: "recordings", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: room.Name + "-recordings"}}},
				{Name: "config", VolumeSource: corev1.VolumeSource{DownwardAPI: &corev1.DownwardAPIVolumeSource{Items: []corev1.DownwardAPIVolumeFile{
					{Path: "config.json", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.annotations['liveroom.dev/config']"}}}}}},
				{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
					{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: &hour}},
					{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
						Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
					{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
						{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}}},
				}}}},
			},
		},
	}
}
