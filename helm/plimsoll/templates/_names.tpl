{{/* Names and labels. Selectors hold name, instance and component only: they can never change. */}}

{{- define "plimsoll.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "plimsoll.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "plimsoll.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "plimsoll.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of a component's objects: {root, component}. */}}
{{- define "plimsoll.objectName" -}}
{{- printf "%s-%s" (include "plimsoll.fullname" .root) .component | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* {root, component} */}}
{{- define "plimsoll.selector" -}}
app.kubernetes.io/name: {{ include "plimsoll.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* {root, component} */}}
{{- define "plimsoll.labels" -}}
{{ include "plimsoll.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: plimsoll
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: {root, component, name?, namespace?, annotations?, labels?} */}}
{{- define "plimsoll.metadata" -}}
name: {{ .name | default (include "plimsoll.objectName" .) }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "plimsoll.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.global.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* {root, component, values} */}}
{{- define "plimsoll.serviceAccountName" -}}
{{- if .values.serviceAccount.name -}}
{{- .values.serviceAccount.name -}}
{{- else if .values.serviceAccount.create -}}
{{- include "plimsoll.objectName" . -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- define "plimsoll.queryService" -}}
{{- printf "%s.%s.svc" (include "plimsoll.objectName" (dict "root" . "component" "query")) .Release.Namespace -}}
{{- end -}}
