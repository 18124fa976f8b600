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

{{- /* Labels and annotations of an object, below its metadata. Arguments: the root of the chart, own labels, own annotations (maps). */ -}}
{{- define "liveroom.metadata" -}}
{{- $root := index . 0 }}
{{- $labels := merge (dict) (index . 1) (fromYaml (include "liveroom.labels" $root)) }}
{{- $annotations := merge (dict) (index . 2) $root.Values.commonAnnotations -}}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
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
{{- if and .Values.monitoring.serviceMonitor.enabled (not .Values.service.enabled) }}
{{- fail "monitoring.serviceMonitor.enabled needs service.enabled" }}
{{- end }}
{{- /* Chart.yaml names no kubeVersion: without a cluster Helm would hold it against a version of its own. The resources of a version are known only where
there is a cluster. */}}
{{- if and (.Capabilities.APIVersions.Has "apps/v1/Deployment") (semverCompare "<1.31.0-0" .Capabilities.KubeVersion.Version) }}
{{- fail (printf "liveroom needs Kubernetes 1.31 or newer; this is %s" .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- end }}

{{- /* A token of the service account, valid for an hour: 3607 s, the usual number, would give one that is valid for a year. */ -}}
{{- define "liveroom.tokenVolume" -}}
- name: token
  projected:
    defaultMode: 0444
    sources:
    - serviceAccountToken:
        path: token
        expirationSeconds: 3600
    - configMap:
        name: kube-root-ca.crt
        items:
        - key: ca.crt
          path: ca.crt
    - downwardAPI:
        items:
        - path: namespace
          fieldRef:
            fieldPath: metadata.namespace
{{- end }}

{{- define "liveroom.tokenMount" -}}
- name: token
  mountPath: /var/run/secrets/kubernetes.io/serviceaccount
  readOnly: true
{{- end }}

{{- /* Pod of a hook, below spec: one command of the controller's program. Arguments: the chart's root, the account, the list of arguments. */ -}}
{{- define "liveroom.toolPod" -}}
{{- $root := index . 0 -}}
restartPolicy: Never
serviceAccountName: {{ index . 1 }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml $root.Values.podSecurityContext | nindent 2 }}
containers:
- name: tool
  image: {{ include "liveroom.controllerImage" $root }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  command: [/usr/bin/liveroom-controller]
  args:
  {{- range index . 2 }}
  - {{ . | quote }}
  {{- end }}
  resources:
    {{- toYaml $root.Values.resources | nindent 4 }}
  securityContext:
    {{- toYaml $root.Values.securityContext | nindent 4 }}
  volumeMounts:
  {{- include "liveroom.tokenMount" $root | nindent 2 }}
volumes:
{{ include "liveroom.tokenVolume" $root }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Times and relabelings of a scrape; the argument is a monitor's values. */ -}}
{{- define "liveroom.scraping" -}}
path: /metrics
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* DNS, and the API server wherever it is. */ -}}
{{- define "liveroom.egressToCluster" -}}
- ports:
  - port: 53
    protocol: UDP
  - port: 53
    protocol: TCP
- ports:
  {{- range .Values.networkPolicy.apiServerPorts }}
  - port: {{ . }}
    protocol: TCP
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
