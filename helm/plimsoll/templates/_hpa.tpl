{{/* On CPU: {root, component, scaling, down: seconds of less load before a pod goes}. */}}
{{- define "plimsoll.hpa" }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "plimsoll.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "plimsoll.objectName" . }}
  minReplicas: {{ .scaling.minReplicas }}
  maxReplicas: {{ .scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .scaling.targetCPUPercent }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: {{ .down }}
      policies:
        - {type: Pods, value: 1, periodSeconds: 120}
{{- end }}
