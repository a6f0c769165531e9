{{/*
The settings file of a component: what `config` says, and over it what the chart decides.
{root, component: scorer | indexer | query | observer | trial | jobs, pool?}
*/}}
{{- define "plimsoll.config" -}}
{{- $values := .root.Values -}}
{{- $sections := get (include "plimsoll.sections" . | fromYaml) .component -}}
{{- $config := dict -}}
{{- range $key, $value := $values.config -}}
{{- if or (has $key $sections) (not (kindIs "map" $value)) -}}
{{- $_ := set $config $key (deepCopy $value) -}}
{{- end -}}
{{- end -}}
{{- with .pool -}}
{{- $config = mergeOverwrite $config (deepCopy .config) -}}
{{- end -}}
{{- $decided := include "plimsoll.decided" . | fromYaml -}}
{{- range $key, $value := $decided -}}
{{- if has $key $sections -}}
{{- $config = mergeOverwrite $config (dict $key $value) -}}
{{- end -}}
{{- end -}}
{{- if has .component (list "indexer" "trial") -}}
{{- /* It erases what judges said, and has nothing else to do with them. */}}
{{- $judges := mergeOverwrite (deepCopy ($values.config.judges | default dict)) ($decided.judges | default dict) -}}
{{- with pick $judges "store" -}}
{{- $_ := set $config "judges" . -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* What each component reads: a change of the rest does not restart it. */}}
{{- define "plimsoll.sections" -}}
scorer: [kafka, topics, scorer, bodies, models, sandbox, lineage, claims, strengths, judges, evidence, canaries, bedrock, openai, telemetry]
indexer: [kafka, topics, indexer, evidence, store, telemetry]
query: [kafka, topics, strengths, query, access, evidence, store, telemetry]
observer: [kafka, topics, observer]
trial: [kafka, topics, strengths, indexer, query, access, evidence, store, telemetry]
jobs: [kafka, topics, scorer, models, judges, evidence, bedrock, openai, indexer, query, observer, store, sdk]
{{- end -}}

{{/* The settings that values besides `config` decide. */}}
{{- define "plimsoll.decided" -}}
{{- $values := .root.Values -}}
{{- $pool := .pool | default dict -}}
kafka:
  {{- include "plimsoll.kafka.settings" .root | nindent 2 }}
{{- with $pool.topics }}
{{- if or .results .rescores }}
topics:
  {{- with .results }}
  results: {{ . | quote }}
  {{- end }}
  {{- with .rescores }}
  rescores: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}
scorer:
  telemetry_port: {{ $values.ports.metrics }}
  {{- with $pool }}
  group_id: {{ .group | quote }}
  drain_timeout_s: {{ .drainSeconds }}
  {{- end }}
  {{- if .plan }}
  plan_file: /etc/plimsoll/plan.yaml
  {{- end }}
judges:
  {{- include "plimsoll.judgeStore.settings" .root | nindent 2 }}
{{- with include "plimsoll.evidence.settings" .root | trim }}
evidence:
  {{- . | nindent 2 }}
{{- end }}
indexer:
  telemetry_port: {{ eq .component "trial" | ternary (add $values.ports.metrics 1) $values.ports.metrics }}
query:
  listen: 0.0.0.0:{{ $values.ports.grpc }}
  health_listen: 0.0.0.0:{{ $values.ports.health }}
  telemetry_port: {{ $values.ports.metrics }}
  drain_timeout_s: {{ $values.query.drainSeconds }}
observer:
  telemetry_port: {{ $values.ports.metrics }}
  drain_timeout_s: {{ $values.observer.drainSeconds }}
{{- with include "plimsoll.tls.access" .root }}
access:
  {{- . | nindent 2 }}
{{- end }}
sdk:
  query: {{ include "plimsoll.queryService" .root }}:{{ $values.query.service.port }}
  {{- include "plimsoll.tls.sdk" .root | nindent 2 }}
store:
  {{- include "plimsoll.store.settings" .root | nindent 2 }}
{{- end -}}

{{/* The plan of a pool, or the one of all. {root, pool?} */}}
{{- define "plimsoll.plan" -}}
{{- with .pool -}}
{{- .plan | default $.root.Values.plan -}}
{{- else -}}
{{- .root.Values.plan -}}
{{- end -}}
{{- end -}}

{{/* A ConfigMap's data. {root, component, pool?} */}}
{{- define "plimsoll.configData" -}}
{{- $plan := list "scorer" "jobs" | has .component | ternary (include "plimsoll.plan" .) "" -}}
plimsoll.yaml: |
  {{- include "plimsoll.config" (merge (dict "plan" $plan) .) | nindent 2 }}
{{- with $plan }}
plan.yaml: |
  {{- . | trim | nindent 2 }}
{{- end }}
{{- end -}}
