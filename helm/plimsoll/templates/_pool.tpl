{{/* A pool of scorers over `scorerDefaults`: {root, name}. */}}
{{- define "plimsoll.pool" -}}
{{- mergeOverwrite (deepCopy .root.Values.scorerDefaults) (deepCopy (get .root.Values.scorers .name)) | toYaml -}}
{{- end -}}

{{/* The names of the pools that run, as a list in YAML. */}}
{{- define "plimsoll.pools" -}}
{{- $root := . -}}
{{- $names := list -}}
{{- range $name, $given := .Values.scorers -}}
{{- if not (kindIs "invalid" $given) -}}
{{- if (include "plimsoll.pool" (dict "root" $root "name" $name) | fromYaml).enabled -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- end -}}
names: {{ $names | toJson }}
{{- end -}}

{{/* What a pool reads: {root, pool}. */}}
{{- define "plimsoll.pool.topics" -}}
results: {{ .pool.topics.results | default .root.Values.config.topics.results | quote }}
rescores: {{ .pool.topics.rescores | default .root.Values.config.topics.rescores | quote }}
{{- end -}}
