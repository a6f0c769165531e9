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
{{- if include "plimsoll.kafka.sasl" . }}
sasl_password_file: /etc/plimsoll-kafka/user/password
{{- end }}
{{- if $security.caSecret.existingSecret }}
ssl_cafile: /etc/plimsoll-kafka/ca/ca.crt
{{- end }}
{{- if eq $security.mode "mtls" }}
ssl_certfile: /etc/plimsoll-kafka/user/tls.crt
ssl_keyfile: /etc/plimsoll-kafka/user/tls.key
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

{{/* Not empty where Strimzi makes a user for each component. */}}
{{- define "plimsoll.kafka.strimziUsers" -}}
{{- $kafka := .Values.kafka -}}
{{- if and (eq $kafka.provision.mode "strimzi") $kafka.provision.strimzi.users (has $kafka.security.mode (list "mtls" "scram")) -}}true{{- end -}}
{{- end -}}

{{/*
Who a component is on the brokers, as {secret, username, usernameKey, passwordKey, certKey, keyKey}; the username is in the
Secret where empty: {root, component, values}.
*/}}
{{- define "plimsoll.kafka.user" -}}
{{- $security := .root.Values.kafka.security -}}
{{- $own := .values.kafkaUser -}}
{{- $user := dict "usernameKey" $security.sasl.usernameKey -}}
{{- if include "plimsoll.kafka.strimziUsers" .root -}}
{{- $name := include "plimsoll.objectName" . -}}
{{- $user = merge $user (dict "secret" ($own.existingSecret | default $name) "username" ($own.username | default $name)) -}}
{{- $user = merge $user (dict "passwordKey" "password" "certKey" "user.crt" "keyKey" "user.key") -}}
{{- else -}}
{{- $shared := eq $security.mode "mtls" | ternary $security.mtls.existingSecret $security.sasl.existingSecret -}}
{{- $username := $own.username | default (empty $own.existingSecret | ternary $security.sasl.username "") -}}
{{- $user = merge $user (dict "secret" ($own.existingSecret | default $shared) "username" $username) -}}
{{- $user = merge $user (dict "passwordKey" $security.sasl.passwordKey "certKey" $security.mtls.certKey "keyKey" $security.mtls.keyKey) -}}
{{- end -}}
{{- $user | toJson -}}
{{- end -}}

{{/* Every component that logs in, with its values. */}}
{{- define "plimsoll.kafka.users" -}}
{{- $users := dict "indexer" .Values.indexer "query" .Values.query "jobs" .Values.jobs -}}
{{- if .Values.observer.enabled -}}
{{- $_ := set $users "observer" .Values.observer -}}
{{- end -}}
{{- range $name := (include "plimsoll.pools" . | fromYaml).names -}}
{{- $_ := set $users (printf "scorer-%s" $name) (include "plimsoll.pool" (dict "root" $ "name" $name) | fromYaml) -}}
{{- end -}}
{{- $users | toJson -}}
{{- end -}}

{{/* {root, user: of plimsoll.kafka.user} */}}
{{- define "plimsoll.kafka.env" -}}
{{- if include "plimsoll.kafka.sasl" .root }}
- name: PLIMSOLL_KAFKA__SASL_USERNAME
{{- if .user.username }}
  value: {{ .user.username | quote }}
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ .user.secret }}
      key: {{ .user.usernameKey }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "plimsoll.kafka.caVolume" -}}
{{- with .Values.kafka.security.caSecret }}
{{- if .existingSecret }}
- name: kafka-ca
  secret:
    secretName: {{ .existingSecret }}
    items:
      - key: {{ .key }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{/* What a container shows the brokers: {root, user, name: of the container}. */}}
{{- define "plimsoll.kafka.userVolume" -}}
{{- $sasl := include "plimsoll.kafka.sasl" .root }}
{{- if or $sasl (eq .root.Values.kafka.security.mode "mtls") }}
- name: kafka-user-{{ .name }}
  secret:
    secretName: {{ .user.secret }}
    defaultMode: 0440
    items:
      {{- if $sasl }}
      - key: {{ .user.passwordKey }}
        path: password
      {{- else }}
      - key: {{ .user.certKey }}
        path: tls.crt
      - key: {{ .user.keyKey }}
        path: tls.key
      {{- end }}
{{- end }}
{{- end -}}

{{/* {root, name: of the container} */}}
{{- define "plimsoll.kafka.mounts" -}}
{{- $security := .root.Values.kafka.security -}}
{{- if $security.caSecret.existingSecret }}
- name: kafka-ca
  mountPath: /etc/plimsoll-kafka/ca
  readOnly: true
{{- end }}
{{- if or (include "plimsoll.kafka.sasl" .root) (eq $security.mode "mtls") }}
- name: kafka-user-{{ .name }}
  mountPath: /etc/plimsoll-kafka/user
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

{{/* Who KEDA is on the brokers: its own user of Strimzi, or the pool's: {root, component, values}. */}}
{{- define "plimsoll.kafka.kedaUser" -}}
{{- if include "plimsoll.kafka.strimziUsers" .root -}}
{{- $name := include "plimsoll.objectName" (dict "root" .root "component" "keda") -}}
{{- dict "secret" $name "username" $name "passwordKey" "password" "certKey" "user.crt" "keyKey" "user.key" | toJson -}}
{{- else -}}
{{- include "plimsoll.kafka.user" . -}}
{{- end -}}
{{- end -}}

{{/* What KEDA reads from Secrets, as (parameter, Secret, key): {root, user}. */}}
{{- define "plimsoll.kafka.kedaSecrets" -}}
{{- $security := .root.Values.kafka.security -}}
{{- if include "plimsoll.kafka.sasl" .root }}
{{- if not .user.username }}
- parameter: username
  name: {{ .user.secret }}
  key: {{ .user.usernameKey }}
{{- end }}
- parameter: password
  name: {{ .user.secret }}
  key: {{ .user.passwordKey }}
{{- end }}
{{- if $security.caSecret.existingSecret }}
- parameter: ca
  name: {{ $security.caSecret.existingSecret }}
  key: {{ $security.caSecret.key }}
{{- end }}
{{- if eq $security.mode "mtls" }}
- parameter: cert
  name: {{ .user.secret }}
  key: {{ .user.certKey }}
- parameter: key
  name: {{ .user.secret }}
  key: {{ .user.keyKey }}
{{- end }}
{{- end -}}
