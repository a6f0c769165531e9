{{/* The pod of a job: {root, name, args, account?, restartPolicy?}. `account` names its service account's and ConfigMap's component. */}}
{{- define "plimsoll.jobPod" -}}
{{- $container := dict "name" .name "args" .args "probes" "none" "side" "client" "secrets" (list "store" "judges" "judgeStore" "keyStore") -}}
{{- $account := .account | default "jobs" -}}
{{- include "plimsoll.pod" (dict "root" .root "component" "jobs" "account" $account "values" .root.Values.jobs "settings" "jobs" "config" (include "plimsoll.objectName" (dict "root" .root "component" $account)) "restartPolicy" (.restartPolicy | default "OnFailure") "containers" (list $container)) -}}
{{- end -}}

{{/* The spec of a Job with that pod: {root, pod}. */}}
{{- define "plimsoll.jobSpec" -}}
backoffLimit: 6
activeDeadlineSeconds: {{ .root.Values.jobs.activeDeadlineSeconds }}
ttlSecondsAfterFinished: {{ .root.Values.jobs.ttlSecondsAfterFinished }}
template:
  {{- .pod | nindent 2 }}
{{- end -}}
