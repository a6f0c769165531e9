{{/* The query service's certificate, and what the chart's own look-ups show. */}}

{{- define "plimsoll.tls.secret" -}}
{{- .Values.query.tls.existingSecret | default (printf "%s-query-tls" (include "plimsoll.fullname" .)) -}}
{{- end -}}

{{- define "plimsoll.tls.access" -}}
{{- if ne .Values.query.tls.mode "off" -}}
certfile: /etc/plimsoll-query/tls/tls.crt
keyfile: /etc/plimsoll-query/tls/tls.key
{{- if .Values.query.tls.clientCASecret.existingSecret }}
client_cafile: /etc/plimsoll-query/clients/ca.crt
{{- end }}
{{- end -}}
{{- end -}}

{{- define "plimsoll.tls.sdk" -}}
{{- if ne .Values.query.tls.mode "off" }}
tls: true
{{- if .Values.query.tls.caKey }}
tls_cafile: /etc/plimsoll-query/ca/ca.crt
{{- end }}
{{- end }}
{{- with .Values.jobs.client }}
{{- if .token.existingSecret }}
token_file: /etc/plimsoll-query/token/token
{{- end }}
{{- if .certificate.existingSecret }}
tls_certfile: /etc/plimsoll-query/client/tls.crt
tls_keyfile: /etc/plimsoll-query/client/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{/* What is mounted below /etc/plimsoll-query, as {<place>: {secret, items: {<path>: <key>}}}: {root, side: server | client}. */}}
{{- define "plimsoll.tls.places" -}}
{{- $tls := .root.Values.query.tls -}}
{{- $client := .root.Values.jobs.client -}}
{{- $places := dict -}}
{{- if and (eq .side "server") (ne $tls.mode "off") -}}
{{- $_ := set $places "tls" (dict "secret" (include "plimsoll.tls.secret" .root) "items" (dict "tls.crt" $tls.certKey "tls.key" $tls.keyKey)) -}}
{{- if $tls.clientCASecret.existingSecret -}}
{{- $_ := set $places "clients" (dict "secret" $tls.clientCASecret.existingSecret "items" (dict "ca.crt" $tls.clientCASecret.key)) -}}
{{- end -}}
{{- else if eq .side "client" -}}
{{- if and (ne $tls.mode "off") $tls.caKey -}}
{{- $_ := set $places "ca" (dict "secret" (include "plimsoll.tls.secret" .root) "items" (dict "ca.crt" $tls.caKey)) -}}
{{- end -}}
{{- if $client.token.existingSecret -}}
{{- $_ := set $places "token" (dict "secret" $client.token.existingSecret "items" (dict "token" $client.token.key)) -}}
{{- end -}}
{{- if $client.certificate.existingSecret -}}
{{- $_ := set $places "client" (dict "secret" $client.certificate.existingSecret "items" (dict "tls.crt" $client.certificate.certKey "tls.key" $client.certificate.keyKey)) -}}
{{- end -}}
{{- end -}}
{{- $places | toJson -}}
{{- end -}}

{{- define "plimsoll.tls.volumes" -}}
{{- range $place, $what := include "plimsoll.tls.places" . | fromJson }}
- name: query-{{ $place }}
  secret:
    secretName: {{ $what.secret }}
    defaultMode: 0440
    items:
      {{- range $path, $key := $what.items }}
      - key: {{ $key }}
        path: {{ $path }}
      {{- end }}
{{- end }}
{{- end -}}

{{- define "plimsoll.tls.mounts" -}}
{{- range $place, $_ := include "plimsoll.tls.places" . | fromJson }}
- name: query-{{ $place }}
  mountPath: /etc/plimsoll-query/{{ $place }}
  readOnly: true
{{- end }}
{{- end -}}
