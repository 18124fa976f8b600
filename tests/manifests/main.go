// SPDX-License-Identifier: Apache-2.0

// Command manifests reads YAML documents from standard input and holds each against the types of one version of Kubernetes: that of the module file it
// was built with (versions/). A field that the version doesn't know, twice the same key, or a value of another type is a failure. The CustomResourceDefinition
// is not looked into (a real API server takes it in other tests).
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// typeOf gives an empty object to decode into; nil for a kind that is not checked here, and an error for one that is unknown.
func typeOf(meta metav1.TypeMeta) (any, error) {
	known := map[string]any{
		"v1/ServiceAccount": &corev1.ServiceAccount{}, "v1/Service": &corev1.Service{}, "v1/ConfigMap": &corev1.ConfigMap{}, "v1/Pod": &corev1.Pod{},
		"v1/Namespace": &corev1.Namespace{}, "apps/v1/Deployment": &appsv1.Deployment{}, "batch/v1/Job": &batchv1.Job{},
		"rbac.authorization.k8s.io/v1/Role": &rbacv1.Role{}, "rbac.authorization.k8s.io/v1/RoleBinding": &rbacv1.RoleBinding{},
		"rbac.authorization.k8s.io/v1/ClusterRole": &rbacv1.ClusterRole{}, "rbac.authorization.k8s.io/v1/ClusterRoleBinding": &rbacv1.ClusterRoleBinding{},
		"policy/v1/PodDisruptionBudget": &policyv1.PodDisruptionBudget{}, "networking.k8s.io/v1/NetworkPolicy": &networkingv1.NetworkPolicy{},
		"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy":        &admissionv1.ValidatingAdmissionPolicy{},
		"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": &admissionv1.ValidatingAdmissionPolicyBinding{},
		"apiextensions.k8s.io/v1/CustomResourceDefinition":                 nil,
		"monitoring.coreos.com/v1/ServiceMonitor":                          nil,
		"monitoring.coreos.com/v1/PodMonitor":                              nil,
		"monitoring.coreos.com/v1/PrometheusRule":                          nil,
	}
	target, found := known[meta.APIVersion+"/"+meta.Kind]
	if !found {
		return nil, fmt.Errorf("%s %s is not known here", meta.APIVersion, meta.Kind)
	}
	return target, nil
}

func check(document []byte) (string, error) {
	var head struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(document, &head); err != nil || head.Kind == "" {
		return "", err
	}
	name := head.Kind + " " + head.Name
	target, err := typeOf(head.TypeMeta)
	if err != nil || target == nil {
		return name, err
	}
	return name, yaml.UnmarshalStrict(document, target)
}

func main() {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	count, failed := 0, 0
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		name, err := check(document)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			failed++
		}
		if name != "" {
			count++
		}
	}
	fmt.Printf("%d objects, %d wrong\n", count, failed)
	if failed > 0 || count == 0 {
		os.Exit(1)
	}
}
