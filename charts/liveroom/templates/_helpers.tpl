{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- define "liveroom.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "liveroom.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "liveroom.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "liveroom.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Name of everything that is the controller's. */ -}}
{{- define "liveroom.controller" -}}
{{- printf "%s-controller" (include "liveroom.fullname" .) }}
{{- end }}

{{- define "liveroom.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "liveroom.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "liveroom.controller" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "liveroom.selectorLabels" -}}
app.kubernetes.io/name: {{ include "liveroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end }}

{{- define "liveroom.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "liveroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: liveroom
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Reference of an image {registry, repository, tag, digest}; the arguments are the chart's root and the image. */ -}}
{{- define "liveroom.imageReference" -}}
{{- $root := index . 0 }}
{{- $image := index . 1 }}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default $root.Chart.AppVersion $image.tag }}{{ end }}
{{- end }}

{{- define "liveroom.controllerImage" -}}
{{- include "liveroom.imageReference" (list . .Values.image) }}
{{- end }}

{{- /* The recorder's tag or digest replaces both of the controller's image. */ -}}
{{- define "liveroom.recorderImage" -}}
{{- $own := .Values.recorder.image }}
{{- $image := dict
      "registry" (default .Values.image.registry $own.registry)
      "repository" (default .Values.image.repository $own.repository)
      "tag" $own.tag
      "digest" $own.digest }}
{{- if not (or $own.tag $own.digest) }}
{{- $image = merge (dict "tag" .Values.image.tag "digest" .Values.image.digest) $image }}
{{- end }}
{{- include "liveroom.imageReference" (list . $image) }}
{{- end }}

{{- /* Contradictions that the schema of the values can't express. */ -}}
{{- define "liveroom.check" -}}
{{- if and (not .Values.leaderElection.enabled) (gt (int .Values.replicas) 1) }}
{{- fail "replicas above 1 needs leaderElection.enabled" }}
{{- end }}
{{- end }}

{{- /* Rights of the controller on what belongs to LiveRooms, in a ClusterRole or in a namespace's Role. */ -}}
{{- define "liveroom.controllerRules" -}}
- apiGroups: [liveroom.dev]
  resources: [liverooms]
  verbs: [get, list, watch]
- apiGroups: [liveroom.dev]
  resources: [liverooms/status]
  verbs: [patch]
- apiGroups: [liveroom.dev]
  resources: [liverooms/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- /* The only right of a recorder. */ -}}
{{- define "liveroom.recorderRules" -}}
- apiGroups: [liveroom.dev]
  resources: [liverooms/status]
  verbs: [patch]
{{- end }}
