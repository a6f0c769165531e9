{{/* Where scores and what judges said are kept. */}}

{{- define "plimsoll.store.settings" -}}
{{- if eq .Values.store.type "postgres" -}}
kind: postgres
{{- if .Values.store.postgres.passwordKey }}
postgres:
  password_file: /etc/plimsoll-postgres/scores/password
{{- else if .Values.store.postgres.awsIamRegion }}
postgres:
  aws_iam_region: {{ .Values.store.postgres.awsIamRegion }}
{{- end }}
{{- else -}}
path: /var/lib/plimsoll/scores.db
{{- end -}}
{{- end -}}

{{- define "plimsoll.judgeStore.settings" -}}
{{- if eq .Values.judgeStore.type "postgres" -}}
store:
  kind: postgres
  {{- if .Values.judgeStore.postgres.passwordKey }}
  postgres:
    password_file: /etc/plimsoll-postgres/judges/password
  {{- else if .Values.judgeStore.postgres.awsIamRegion }}
  postgres:
    aws_iam_region: {{ .Values.judgeStore.postgres.awsIamRegion }}
  {{- end }}
{{- else -}}
path: /var/lib/plimsoll/judges.db
{{- end -}}
{{- end -}}

{{- define "plimsoll.store.env" -}}
{{- if eq .Values.store.type "postgres" -}}
{{- with .Values.store.postgres -}}
- name: PLIMSOLL_STORE__POSTGRES__DSN
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .dsnKey }}
{{- if .readDsnKey }}
- name: PLIMSOLL_STORE__POSTGRES__READ_DSN
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .readDsnKey }}
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "plimsoll.judgeStore.env" -}}
{{- if eq .Values.judgeStore.type "postgres" -}}
- name: PLIMSOLL_JUDGES__STORE__POSTGRES__DSN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.judgeStore.postgres.existingSecret }}
      key: {{ .Values.judgeStore.postgres.dsnKey }}
{{- end -}}
{{- end -}}

{{/* Passwords as files: {root, secrets: which of store and judgeStore}. */}}
{{- define "plimsoll.store.volumes" -}}
{{- $secrets := .secrets -}}
{{- range $what, $place := dict "store" "scores" "judgeStore" "judges" }}
{{- $store := get $.root.Values $what }}
{{- if and (has $what $secrets) (eq $store.type "postgres") $store.postgres.passwordKey }}
- name: postgres-{{ $place }}
  secret:
    secretName: {{ $store.postgres.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ $store.postgres.passwordKey }}
        path: password
{{- end }}
{{- end }}
{{- end -}}

{{- define "plimsoll.store.mounts" -}}
{{- $secrets := .secrets -}}
{{- range $what, $place := dict "store" "scores" "judgeStore" "judges" }}
{{- $store := get $.root.Values $what }}
{{- if and (has $what $secrets) (eq $store.type "postgres") $store.postgres.passwordKey }}
- name: postgres-{{ $place }}
  mountPath: /etc/plimsoll-postgres/{{ $place }}
  readOnly: true
{{- end }}
{{- end }}
{{- end -}}

{{/* Whether indexer and query share one pod. */}}
{{- define "plimsoll.trial" -}}
{{- if eq .Values.store.type "sqlite" -}}true{{- end -}}
{{- end -}}

{{- define "plimsoll.store.claim" -}}
{{- .Values.store.sqlite.persistence.existingClaim | default (printf "%s-scores" (include "plimsoll.fullname" .)) -}}
{{- end -}}
