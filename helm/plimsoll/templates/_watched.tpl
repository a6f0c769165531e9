{{/*
Keys of Secrets that a service reads once, as a list of {volume, secret, key, path}: {root, component, values, container}. A Job ends by
itself.
*/}}
{{- define "plimsoll.watched" -}}
{{- $values := .root.Values -}}
{{- $reads := .container.secrets -}}
{{- $found := list -}}
{{- if and $values.secrets.watch (ne .container.probes "none") -}}
{{- if include "plimsoll.kafka.sasl" .root -}}
{{- $user := include "plimsoll.kafka.user" . | fromJson -}}
{{- if eq $values.kafka.security.mode "plain" -}}
{{- $found = append $found (dict "secret" $user.secret "key" $user.passwordKey "path" "kafka-password") -}}
{{- end -}}
{{- if not $user.username -}}
{{- $found = append $found (dict "secret" $user.secret "key" $user.usernameKey "path" "kafka-username") -}}
{{- end -}}
{{- end -}}
{{- if and (has "store" $reads) (eq $values.store.type "postgres") -}}
{{- $store := $values.store.postgres -}}
{{- $found = append $found (dict "secret" $store.existingSecret "key" $store.dsnKey "path" "store-dsn") -}}
{{- if $store.readDsnKey -}}
{{- $found = append $found (dict "secret" $store.existingSecret "key" $store.readDsnKey "path" "store-read-dsn") -}}
{{- end -}}
{{- end -}}
{{- if and (has "judgeStore" $reads) (eq $values.judgeStore.type "postgres") -}}
{{- $store := $values.judgeStore.postgres -}}
{{- $found = append $found (dict "secret" $store.existingSecret "key" $store.dsnKey "path" "judge-store-dsn") -}}
{{- end -}}
{{- with $values.evidence.postgres -}}
{{- if and (has "keyStore" $reads) .existingSecret -}}
{{- $found = append $found (dict "secret" .existingSecret "key" .dsnKey "path" "key-store-dsn") -}}
{{- end -}}
{{- end -}}
{{- if has "judges" $reads -}}
{{- with $values.secrets.openaiApiKey -}}
{{- if .existingSecret -}}
{{- $found = append $found (dict "secret" .existingSecret "key" .key "path" "openai-api-key") -}}
{{- end -}}
{{- end -}}
{{- with $values.secrets.judgeNonce -}}
{{- if .existingSecret -}}
{{- $found = append $found (dict "secret" .existingSecret "key" .key "path" "judge-nonce") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $named := list -}}
{{- range $found -}}
{{- $named = append $named (set . "volume" (printf "watched-%s" $.container.name)) -}}
{{- end -}}
{{- $named | toJson -}}
{{- end -}}

{{/* The list above, not empty. */}}
{{- define "plimsoll.watched.volume" -}}
- name: {{ (first .).volume }}
  projected:
    defaultMode: 0440
    sources:
      {{- range . }}
      - secret:
          name: {{ .secret }}
          items:
            - key: {{ .key }}
              path: {{ .path }}
      {{- end }}
{{- end -}}
