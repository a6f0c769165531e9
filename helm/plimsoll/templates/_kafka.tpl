{{/* How the brokers are reached: settings, environment, mounted files, and KEDA's view of the same. */}}

{{- define "plimsoll.kafka.settings" -}}
{{- $security := .Values.kafka.security -}}
bootstrap_servers: {{ .Values.kafka.bootstrapServers | quote }}
security_protocol: {{ include "plimsoll.kafka.protocol" . }}
{{- if eq $security.mode "scram" }}
sasl_mechanism: {{ $security.sasl.mechanism }}
{{- else if eq $security.mode "plain" }}
sasl_mechanism: PLAIN
{{- else if eq $security.mode "mskIam" }}
sasl_mechanism: AWS_MSK_IAM
aws_region: {{ $security.mskIam.region }}
{{- end }}
{{- if $security.caSecret.existingSecret }}
ssl_cafile: /etc/plimsoll-kafka/ca/ca.crt
{{- end }}
{{- if eq $security.mode "mtls" }}
ssl_certfile: /etc/plimsoll-kafka/client/tls.crt
ssl_keyfile: /etc/plimsoll-kafka/client/tls.key
{{- end }}
{{- end -}}

{{- define "plimsoll.kafka.protocol" -}}
{{- $security := .Values.kafka.security -}}
{{- if eq $security.mode "plaintext" -}}
PLAINTEXT
{{- else if has $security.mode (list "tls" "mtls") -}}
SSL
{{- else if or $security.sasl.tls (eq $security.mode "mskIam") -}}
SASL_SSL
{{- else -}}
SASL_PLAINTEXT
{{- end -}}
{{- end -}}

{{/* Not empty where a user name and a password are used. */}}
{{- define "plimsoll.kafka.sasl" -}}
{{- if has .Values.kafka.security.mode (list "scram" "plain") -}}true{{- end -}}
{{- end -}}

{{- define "plimsoll.kafka.env" -}}
{{- if include "plimsoll.kafka.sasl" . }}
{{- $sasl := .Values.kafka.security.sasl }}
- name: PLIMSOLL_KAFKA__SASL_USERNAME
{{- if $sasl.username }}
  value: {{ $sasl.username | quote }}
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ $sasl.existingSecret }}
      key: {{ $sasl.usernameKey }}
{{- end }}
- name: PLIMSOLL_KAFKA__SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $sasl.existingSecret }}
      key: {{ $sasl.passwordKey }}
{{- end }}
{{- end -}}

{{- define "plimsoll.kafka.volumes" -}}
{{- $security := .Values.kafka.security -}}
{{- with $security.caSecret.existingSecret }}
- name: kafka-ca
  secret:
    secretName: {{ . }}
    items:
      - key: {{ $security.caSecret.key }}
        path: ca.crt
{{- end }}
{{- if eq $security.mode "mtls" }}
- name: kafka-client
  secret:
    secretName: {{ $security.mtls.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ $security.mtls.certKey }}
        path: tls.crt
      - key: {{ $security.mtls.keyKey }}
        path: tls.key
{{- end }}
{{- end -}}

{{- define "plimsoll.kafka.mounts" -}}
{{- $security := .Values.kafka.security -}}
{{- if $security.caSecret.existingSecret }}
- name: kafka-ca
  mountPath: /etc/plimsoll-kafka/ca
  readOnly: true
{{- end }}
{{- if eq $security.mode "mtls" }}
- name: kafka-client
  mountPath: /etc/plimsoll-kafka/client
  readOnly: true
{{- end }}
{{- end -}}

{{/* Metadata of a `kafka` trigger that has to do with logging in: {root, keda}. */}}
{{- define "plimsoll.kafka.keda" -}}
{{- $security := .root.Values.kafka.security -}}
{{- if ne (include "plimsoll.kafka.protocol" .root) "PLAINTEXT" }}
{{- if contains "SSL" (include "plimsoll.kafka.protocol" .root) }}
tls: enable
{{- end }}
{{- if eq $security.mode "scram" }}
sasl: {{ eq $security.sasl.mechanism "SCRAM-SHA-512" | ternary "scram_sha512" "scram_sha256" }}
{{- else if eq $security.mode "plain" }}
sasl: plaintext
{{- else if eq $security.mode "mskIam" }}
sasl: oauthbearer
saslTokenProvider: aws_msk_iam
awsRegion: {{ $security.mskIam.region }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What KEDA reads from Secrets, as (parameter, Secret, key). */}}
{{- define "plimsoll.kafka.kedaSecrets" -}}
{{- $security := .Values.kafka.security -}}
{{- if include "plimsoll.kafka.sasl" . }}
{{- if not $security.sasl.username }}
- parameter: username
  name: {{ $security.sasl.existingSecret }}
  key: {{ $security.sasl.usernameKey }}
{{- end }}
- parameter: password
  name: {{ $security.sasl.existingSecret }}
  key: {{ $security.sasl.passwordKey }}
{{- end }}
{{- if $security.caSecret.existingSecret }}
- parameter: ca
  name: {{ $security.caSecret.existingSecret }}
  key: {{ $security.caSecret.key }}
{{- end }}
{{- if eq $security.mode "mtls" }}
- parameter: cert
  name: {{ $security.mtls.existingSecret }}
  key: {{ $security.mtls.certKey }}
- parameter: key
  name: {{ $security.mtls.existingSecret }}
  key: {{ $security.mtls.keyKey }}
{{- end }}
{{- end -}}
