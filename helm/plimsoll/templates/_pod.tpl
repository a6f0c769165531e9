{{/*
The one pod of every workload: {root, component, values, settings, config, containers, pool?, account?, grace?, restartPolicy?}. `values` are a component's,
which say what they say over `workload`; `settings` is whose settings it reads, and `config` the ConfigMap with them. A
container is {name, args, probes: consumer | query | none, secrets, side?: server | client of look-ups, within?,
preStop?, metrics?, metricsName?, resources?, kafka?: {component, values} where it is another on the brokers than its pod}.
*/}}
{{- define "plimsoll.pod" -}}
{{- $root := .root -}}
{{- $values := mergeOverwrite (deepCopy $root.Values.workload) (deepCopy .values) -}}
{{- $selector := dict "root" $root "component" .component -}}
{{- $pod := . -}}
metadata:
  labels:
    {{- /* Without versions: another chart with the same pods restarts none. */}}
    {{- include "plimsoll.selector" $selector | nindent 4 }}
    app.kubernetes.io/part-of: plimsoll
    {{- with $root.Values.global.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: {{ (first .containers).name }}
    checksum/config: {{ include "plimsoll.checksum" . }}
    {{- with merge (dict) $values.podAnnotations $root.Values.global.commonAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "plimsoll.serviceAccountName" (dict "root" $root "component" (.account | default .component) "values" .values) }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $root.Values.global.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  {{- with .grace }}
  terminationGracePeriodSeconds: {{ . }}
  {{- end }}
  {{- if not (kindIs "invalid" $values.hostUsers) }}
  hostUsers: {{ $values.hostUsers }}
  {{- end }}
  {{- with $values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml $values.podSecurityContext | nindent 4 }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if not .restartPolicy }}
  topologySpreadConstraints:
    {{- if $values.topologySpreadConstraints }}
    {{- toYaml $values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "plimsoll.selector" $selector | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
    {{- end }}
  {{- end }}
  containers:
    {{- range .containers }}
    {{- include "plimsoll.container" (dict "root" $root "component" $pod.component "values" $values "container" .) | nindent 4 }}
    {{- end }}
    {{- range $values.extraContainers }}
    - {{- toYaml (mergeOverwrite (dict "securityContext" $values.securityContext) (deepCopy .)) | nindent 6 }}
    {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .config }}
    - name: tmp
      emptyDir:
        sizeLimit: {{ $values.tmpSize }}
    - name: data
      {{- if and (include "plimsoll.trial" $root) (eq .component "query") $root.Values.store.sqlite.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ include "plimsoll.store.claim" $root }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- with include "plimsoll.kafka.caVolume" $root }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- range .containers }}
    {{- $who := .kafka | default (dict "component" $pod.component "values" $pod.values) }}
    {{- $user := include "plimsoll.kafka.user" (merge (dict "root" $root) $who) | fromJson }}
    {{- with include "plimsoll.kafka.userVolume" (dict "root" $root "user" $user "name" .name) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- range .containers }}
    {{- $who := .kafka | default (dict "component" $pod.component "values" $pod.values) }}
    {{- with include "plimsoll.watched" (merge (dict "root" $root "container" .) $who) | fromJsonArray }}
    {{- include "plimsoll.watched.volume" . | trim | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- with include "plimsoll.tls.volumes" (dict "root" $root "side" ((first .containers).side | default "none")) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- $secrets := list }}
    {{- range .containers }}
    {{- $secrets = concat $secrets .secrets }}
    {{- end }}
    {{- with include "plimsoll.store.volumes" (dict "root" $root "secrets" $secrets) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- with include "plimsoll.evidence.volumes" (dict "root" $root "secrets" $secrets) | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* {root, component, values, container} */}}
{{- define "plimsoll.container" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $who := .container.kafka | default (dict "component" .component "values" $values) -}}
{{- $user := include "plimsoll.kafka.user" (merge (dict "root" $root) $who) | fromJson -}}
{{- $watched := include "plimsoll.watched" (merge (dict "root" $root "container" .container) $who) | fromJsonArray -}}
{{- with .container -}}
- name: {{ .name }}
  image: {{ include "plimsoll.image" $root }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  args:
    {{- toYaml .args | nindent 4 }}
  env:
    - name: PLIMSOLL_CONFIG
      value: /etc/plimsoll/plimsoll.yaml
    {{- with include "plimsoll.kafka.env" (dict "root" $root "user" $user) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- if $watched }}
    - name: PLIMSOLL_WATCHED_SECRETS
      value: /etc/plimsoll-watched
    {{- end }}
    {{- range .secrets }}
    {{- with include (printf "plimsoll.%s.env" .) $root }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- with $values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $values.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if ne .probes "none" }}
  ports:
    {{- if eq .probes "query" }}
    - name: grpc
      containerPort: {{ $root.Values.ports.grpc }}
    - name: health
      containerPort: {{ $root.Values.ports.health }}
    {{- end }}
    - name: {{ .metricsName | default "metrics" }}
      containerPort: {{ .metrics | default $root.Values.ports.metrics }}
  {{- include "plimsoll.probes" (dict "root" $root "container" .) | nindent 2 }}
  {{- end }}
  {{- with .preStop }}
  lifecycle:
    preStop:
      sleep:
        seconds: {{ . }}
  {{- end }}
  resources:
    {{- toYaml (.resources | default $values.resources) | nindent 4 }}
  securityContext:
    {{- toYaml $values.securityContext | nindent 4 }}
  terminationMessagePolicy: FallbackToLogsOnError
  volumeMounts:
    - name: config
      mountPath: /etc/plimsoll
      readOnly: true
    - name: tmp
      mountPath: /tmp
    - name: data
      mountPath: /var/lib/plimsoll
    {{- with include "plimsoll.kafka.mounts" (dict "root" $root "name" .name) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- if $watched }}
    - name: watched-{{ .name }}
      mountPath: /etc/plimsoll-watched
      readOnly: true
    {{- end }}
    {{- with include "plimsoll.tls.mounts" (dict "root" $root "side" (.side | default "none")) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- with include "plimsoll.store.mounts" (dict "root" $root "secrets" .secrets) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- with include "plimsoll.evidence.mounts" (dict "root" $root "secrets" .secrets) | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with $values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}

{{/* Whether the loop turns says whether a consumer lives: brokers, store and judges have no part in it. */}}
{{- define "plimsoll.probes" -}}
{{- if eq .container.probes "query" -}}
startupProbe:
  grpc: {port: {{ .root.Values.ports.health }}, service: liveness}
  periodSeconds: 2
  timeoutSeconds: 5
  # On a busy node a start has taken a minute; five are none too many.
  failureThreshold: 150
livenessProbe:
  grpc: {port: {{ .root.Values.ports.health }}, service: liveness}
  periodSeconds: 10
  timeoutSeconds: 5
  # A minute without an answer: short of processor time a process answers late and is not dead.
  failureThreshold: 6
readinessProbe:
  grpc: {port: {{ .root.Values.ports.health }}, service: readiness}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- else -}}
{{- $port := .container.metricsName | default "metrics" -}}
startupProbe:
  httpGet: {path: /livez, port: {{ $port }}}
  periodSeconds: 2
  timeoutSeconds: 5
  # On a busy node a start has taken a minute; five are none too many.
  failureThreshold: 150
livenessProbe:
  httpGet: {path: "/livez?within_s={{ .container.within }}", port: {{ $port }}}
  periodSeconds: 10
  timeoutSeconds: 5
  # A minute without an answer: short of processor time a process answers late and is not dead.
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: {{ $port }}}
  periodSeconds: 5
  timeoutSeconds: 3
{{- end -}}
{{- end -}}

{{- define "plimsoll.judges.env" -}}
{{- with .Values.secrets.openaiApiKey }}
{{- if .existingSecret }}
- name: PLIMSOLL_OPENAI__API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- with .Values.secrets.judgeNonce }}
{{- if .existingSecret }}
- name: PLIMSOLL_JUDGES__NONCE_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Moves with the settings of the component, and with nothing else. */}}
{{- define "plimsoll.checksum" -}}
{{- include "plimsoll.configData" (dict "root" .root "component" .settings "pool" .pool) | sha256sum -}}
{{- end -}}
