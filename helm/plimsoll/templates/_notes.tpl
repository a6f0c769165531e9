{{/* What is allowed and should be known. */}}
{{- define "plimsoll.notes" -}}
{{- $root := . -}}
{{- $notes := list -}}
{{- if eq .Values.store.type "sqlite" -}}
{{- $notes = append $notes "store.type sqlite is for a trial: one pod, and look-ups pause while it restarts." -}}
{{- end -}}
{{- if eq .Values.kafka.security.mode "plaintext" -}}
{{- $notes = append $notes "kafka.security.mode plaintext: whoever reaches the brokers may read and write." -}}
{{- end -}}
{{- if eq .Values.kafka.provision.mode "none" -}}
{{- $notes = append $notes "kafka.provision.mode none: topics have to be there already (plimsoll topics apply)." -}}
{{- end -}}
{{- if eq .Values.query.tls.mode "off" -}}
{{- $notes = append $notes "query.tls.mode off: look-ups go in plain text; fine behind a mesh." -}}
{{- end -}}
{{- if eq (dig "access" "mode" "none" .Values.config) "none" -}}
{{- $notes = append $notes "config.access.mode is none: every pod that reaches the query service sees every tenant's results." -}}
{{- else if not (or .Values.jobs.client.token.existingSecret .Values.jobs.client.certificate.existingSecret) -}}
{{- $notes = append $notes "helm test cannot show who it is: set jobs.client, or its look-up is refused." -}}
{{- end -}}
{{- if and (include "plimsoll.judges" (dict "config" .Values.config)) (eq (int .Values.judgeConcurrency) 0) -}}
{{- $notes = append $notes "judges are configured and judgeConcurrency is 0: nothing keeps scorers below your account's quota." -}}
{{- end -}}
{{- if and (include "plimsoll.judges" (dict "config" .Values.config)) (eq .Values.judgeStore.type "sqlite") -}}
{{- $notes = append $notes "judgeStore.type sqlite: what judges said is in each scorer's own file, where no erasure reaches it until the pod ends." -}}
{{- end -}}
{{- range $name := (include "plimsoll.pools" . | fromYaml).names -}}
{{- $pool := include "plimsoll.pool" (dict "root" $root "name" $name) | fromYaml -}}
{{- if eq $pool.autoscaling.mode "off" -}}
{{- $notes = append $notes (printf "scorers.%s has %v pods whatever the lag: autoscaling.mode keda follows it." $name $pool.replicas) -}}
{{- end -}}
{{- end -}}
notes: {{ $notes | toJson }}
{{- end -}}
