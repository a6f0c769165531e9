{{/* Values that were renamed, or that stand elsewhere, with what to set instead (files/moved.yaml). */}}
{{- define "plimsoll.deprecations" -}}
{{- $moved := .Files.Get "files/moved.yaml" | fromYaml -}}
{{- $places := dict "" .Values "scorerDefaults." .Values.scorerDefaults -}}
{{- range $name, $pool := .Values.scorers -}}
{{- if $pool -}}
{{- $_ := set $places (printf "scorers.%s." $name) $pool -}}
{{- end -}}
{{- end -}}
{{- $wrong := list -}}
{{- range $place, $values := $places -}}
{{- range $name, $instead := $moved -}}
{{- if include "plimsoll.given" (dict "at" $values "parts" (splitList "." $name)) -}}
{{- $wrong = append $wrong (printf "%s%s has moved: set %s" $place $name $instead) -}}
{{- end -}}
{{- end -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}

{{/* Not empty where a value is given: {at: values, parts: of its name}. */}}
{{- define "plimsoll.given" -}}
{{- if kindIs "map" .at -}}
{{- if hasKey .at (first .parts) -}}
{{- if eq (len .parts) 1 -}}true{{- else -}}
{{- include "plimsoll.given" (dict "at" (get .at (first .parts)) "parts" (rest .parts)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
