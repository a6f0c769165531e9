{{/* Sealed evidence: master keys as a file, and the database of the keys that they wrap. */}}

{{- define "plimsoll.evidence.settings" -}}
{{- with .Values.evidence }}
{{- if .masterKeys.existingSecret }}
keys_file: /etc/plimsoll-evidence/keys
{{- end }}
{{- if .postgres.existingSecret }}
store:
  kind: postgres
  {{- if .postgres.passwordKey }}
  postgres:
    password_file: /etc/plimsoll-postgres/keys/password
  {{- else if .postgres.awsIamRegion }}
  postgres:
    aws_iam_region: {{ .postgres.awsIamRegion }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "plimsoll.keyStore.env" -}}
{{- with .Values.evidence.postgres -}}
{{- if .existingSecret -}}
- name: PLIMSOLL_EVIDENCE__STORE__POSTGRES__DSN
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .dsnKey }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "plimsoll.masterKeys.env" -}}
{{- end -}}

{{/* {root, secrets: which of keyStore and masterKeys} */}}
{{- define "plimsoll.evidence.volumes" -}}
{{- $secrets := .secrets -}}
{{- with .root.Values.evidence }}
{{- if and (has "keyStore" $secrets) .postgres.existingSecret .postgres.passwordKey }}
- name: postgres-keys
  secret:
    secretName: {{ .postgres.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .postgres.passwordKey }}
        path: password
{{- end }}
{{- if and (has "masterKeys" $secrets) .masterKeys.existingSecret }}
- name: evidence
  secret:
    secretName: {{ .masterKeys.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .masterKeys.key }}
        path: keys
{{- end }}
{{- end }}
{{- end -}}

{{- define "plimsoll.evidence.mounts" -}}
{{- $secrets := .secrets -}}
{{- with .root.Values.evidence }}
{{- if and (has "keyStore" $secrets) .postgres.existingSecret .postgres.passwordKey }}
- name: postgres-keys
  mountPath: /etc/plimsoll-postgres/keys
  readOnly: true
{{- end }}
{{- if and (has "masterKeys" $secrets) .masterKeys.existingSecret }}
- name: evidence
  mountPath: /etc/plimsoll-evidence
  readOnly: true
{{- end }}
{{- end }}
{{- end -}}
