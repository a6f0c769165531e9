{{/* What the schema cannot say: how values belong together. All that is wrong is told at once. */}}
{{- define "plimsoll.validate" -}}
{{- $wrong := concat
  (include "plimsoll.deprecations" . | fromYaml).wrong
  (include "plimsoll.validate.kafka" . | fromYaml).wrong
  (include "plimsoll.validate.stores" . | fromYaml).wrong
  (include "plimsoll.validate.scorers" . | fromYaml).wrong
  (include "plimsoll.validate.rest" . | fromYaml).wrong
  (include "plimsoll.validate.kinds" . | fromYaml).wrong -}}
{{- if $wrong -}}
{{- fail (printf "\n\nplimsoll cannot be installed like this:\n\n  - %s\n" (join "\n  - " $wrong)) -}}
{{- end -}}
{{- end -}}

{{- define "plimsoll.validate.kafka" -}}
{{- $wrong := list -}}
{{- $kafka := .Values.kafka -}}
{{- $security := $kafka.security -}}
{{- if not $kafka.bootstrapServers -}}
{{- $wrong = append $wrong "kafka.bootstrapServers is empty: name your brokers as host:port,host:port (this chart brings no Kafka)" -}}
{{- end -}}
{{- if include "plimsoll.kafka.strimziUsers" . -}}
{{- $shared := eq $security.mode "mtls" | ternary "mtls" "sasl" -}}
{{- if get (get $security $shared) "existingSecret" -}}
{{- $wrong = append $wrong (printf "kafka.provision.strimzi.users makes a user for each component, and pods take the Secrets of these: take kafka.security.%s.existingSecret away, or set users to false" $shared) -}}
{{- end -}}
{{- else if has $security.mode (list "mtls" "scram" "plain") -}}
{{- $missing := list -}}
{{- range $component, $values := include "plimsoll.kafka.users" . | fromJson -}}
{{- if not (include "plimsoll.kafka.user" (dict "root" $ "component" $component "values" $values) | fromJson).secret -}}
{{- $missing = append $missing $component -}}
{{- end -}}
{{- end -}}
{{- if and $missing (eq $security.mode "mtls") -}}
{{- $wrong = append $wrong (printf "kafka.security.mode mtls needs kafka.security.mtls.existingSecret: a Secret with the client certificate and its key (or a kafkaUser.existingSecret of %s)" (join ", " $missing)) -}}
{{- else if $missing -}}
{{- $wrong = append $wrong (printf "kafka.security.mode %s needs kafka.security.sasl.existingSecret: a Secret with the password (kubectl create secret generic plimsoll-kafka --from-literal=username=... --from-literal=password=...), or a kafkaUser.existingSecret of %s" $security.mode (join ", " $missing)) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $security.mode "mskIam") (not $security.mskIam.region) -}}
{{- $wrong = append $wrong "kafka.security.mode mskIam needs kafka.security.mskIam.region, as eu-central-1" -}}
{{- end -}}
{{- if and (eq $kafka.provision.mode "strimzi") (not $kafka.provision.strimzi.cluster) -}}
{{- $wrong = append $wrong "kafka.provision.mode strimzi needs kafka.provision.strimzi.cluster: the name of your Kafka resource" -}}
{{- end -}}
{{- if and (eq $kafka.provision.mode "strimzi") $kafka.provision.strimzi.users (eq $security.mode "scram") (ne $security.sasl.mechanism "SCRAM-SHA-512") -}}
{{- $wrong = append $wrong "Strimzi's users are SCRAM-SHA-512: set kafka.security.sasl.mechanism to it" -}}
{{- end -}}
{{- if and .Values.certManager.kafkaClient (not $security.mtls.existingSecret) (eq $security.mode "mtls") -}}
{{- $wrong = append $wrong "certManager.kafkaClient needs kafka.security.mtls.existingSecret: where the certificate goes" -}}
{{- end -}}
{{- if and .Values.certManager.kafkaClient (ne $security.mode "mtls") -}}
{{- $wrong = append $wrong "certManager.kafkaClient makes a client certificate, which only kafka.security.mode mtls uses" -}}
{{- end -}}
{{- if and (or .Values.certManager.kafkaClient (eq .Values.query.tls.mode "certManager")) (not .Values.certManager.issuerRef.name) -}}
{{- $wrong = append $wrong "certificates of cert-manager need certManager.issuerRef.name" -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}

{{- define "plimsoll.validate.stores" -}}
{{- $wrong := list -}}
{{- if and (eq .Values.store.type "postgres") (not .Values.store.postgres.existingSecret) -}}
{{- $wrong = append $wrong "store.postgres.existingSecret is empty: name a Secret with your database's address (kubectl create secret generic plimsoll-store --from-literal=dsn='postgresql://user:password@host:5432/plimsoll?sslmode=verify-full'), or set store.type to sqlite for a trial in one pod" -}}
{{- end -}}
{{- if and (eq .Values.judgeStore.type "postgres") (not .Values.judgeStore.postgres.existingSecret) -}}
{{- $wrong = append $wrong "judgeStore.type postgres needs judgeStore.postgres.existingSecret: a Secret with that database's address" -}}
{{- end -}}
{{- if and .Values.evidence.masterKeys.existingSecret (not .Values.evidence.postgres.existingSecret) -}}
{{- $wrong = append $wrong "evidence.masterKeys needs evidence.postgres.existingSecret: a Secret with the address of a database for keys, which would end with their pod elsewhere" -}}
{{- end -}}
{{- range $what := list "store" "judgeStore" "evidence" -}}
{{- $postgres := (get $.Values $what).postgres -}}
{{- if and $postgres.passwordKey $postgres.awsIamRegion -}}
{{- $wrong = append $wrong (printf "%s.postgres: passwordKey and awsIamRegion are two ways to log in: keep one" $what) -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.store.type "sqlite" -}}
{{- if ne .Values.query.autoscaling.mode "off" -}}
{{- $wrong = append $wrong "store.type sqlite is one pod with one file: set query.autoscaling.mode to off, or store.type to postgres" -}}
{{- end -}}
{{- end -}}
{{- if .Values.externalSecrets.enabled -}}
{{- if not .Values.externalSecrets.storeRef.name -}}
{{- $wrong = append $wrong "externalSecrets.enabled needs externalSecrets.storeRef.name" -}}
{{- end -}}
{{- if not .Values.externalSecrets.secrets -}}
{{- $wrong = append $wrong "externalSecrets.enabled needs externalSecrets.secrets: which Secrets to make, and of what" -}}
{{- end -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}

{{/* Whether any judge is named: {config} */}}
{{- define "plimsoll.judges" -}}
{{- $bedrock := dig "bedrock" "judges" dict .config -}}
{{- $openai := dig "openai" "judges" dict .config -}}
{{- if or $bedrock $openai -}}{{- len (merge dict $bedrock $openai) -}}{{- end -}}
{{- end -}}

{{- define "plimsoll.validate.scorers" -}}
{{- $root := . -}}
{{- $wrong := list -}}
{{- $names := (include "plimsoll.pools" . | fromYaml).names -}}
{{- if not $names -}}
{{- $wrong = append $wrong "scorers has no pool that is enabled: nothing would score" -}}
{{- end -}}
{{- $taken := dict -}}
{{- range $name := $names -}}
{{- if gt (len $name) 20 -}}
{{- $wrong = append $wrong (printf "scorers.%s: a pool's name has 20 characters at most" $name) -}}
{{- end -}}
{{- $pool := include "plimsoll.pool" (dict "root" $root "name" $name) | fromYaml -}}
{{- $topics := include "plimsoll.pool.topics" (dict "root" $root "pool" $pool) | fromYaml -}}
{{- range $what, $value := dict "group" $pool.group "topics.results" $topics.results "topics.rescores" $topics.rescores -}}
{{- $key := printf "%s %s" $what $value -}}
{{- if hasKey $taken $key -}}
{{- $wrong = append $wrong (printf "scorers.%s.%s is %s, which is the pool %s's: each pool needs its own, or results would be scored twice or at random" $name $what $value (get $taken $key)) -}}
{{- else -}}
{{- $_ := set $taken $key $name -}}
{{- end -}}
{{- end -}}
{{- $needed := addf $pool.drainSeconds 15 -}}
{{- if lt (float64 $pool.terminationGracePeriodSeconds) $needed -}}
{{- $wrong = append $wrong (printf "scorers.%s.terminationGracePeriodSeconds is %v, which has to be at least 15 more than drainSeconds (%v): what is in work would be cut off" $name $pool.terminationGracePeriodSeconds $pool.drainSeconds) -}}
{{- end -}}
{{- $config := mergeOverwrite (deepCopy $root.Values.config) (deepCopy $pool.config) -}}
{{- $judges := include "plimsoll.judges" (dict "config" $config) -}}
{{- $scaling := $pool.autoscaling -}}
{{- $most := eq $scaling.mode "off" | ternary $pool.replicas $scaling.maxReplicas | int -}}
{{- if $judges -}}
{{- $attempt := dig "judges" "attempt_timeout_s" 20.0 $config -}}
{{- if lt (float64 $pool.drainSeconds) (float64 $attempt) -}}
{{- $wrong = append $wrong (printf "scorers.%s.drainSeconds is %v, shorter than a judge may take (config.judges.attempt_timeout_s, %v): every stop would pay for answers twice" $name $pool.drainSeconds $attempt) -}}
{{- end -}}
{{- if and (gt $most 1) (eq $root.Values.judgeStore.type "sqlite") -}}
{{- $wrong = append $wrong (printf "scorers.%s asks judges from up to %d pods: budgets and quotas are shared by judgeStore.type postgres only" $name $most) -}}
{{- end -}}
{{- $each := add (mul (len (dig "bedrock" "judges" dict $config)) (dig "bedrock" "permits" 32 $config | int)) (mul (len (dig "openai" "judges" dict $config)) (dig "openai" "permits" 32 $config | int)) -}}
{{- $calls := mul $most $each -}}
{{- if and (gt (int $root.Values.judgeConcurrency) 0) (gt $calls (int64 $root.Values.judgeConcurrency)) -}}
{{- $wrong = append $wrong (printf "scorers.%s: %d pods with %d calls of judges each are %d at once, and judgeConcurrency is %v: lower autoscaling.maxReplicas or config.bedrock.permits" $name $most $each $calls $root.Values.judgeConcurrency) -}}
{{- end -}}
{{- end -}}
{{- if gt $most (int $root.Values.kafka.partitions) -}}
{{- $wrong = append $wrong (printf "scorers.%s: %d pods at most, but kafka.partitions is %v: the rest would be idle" $name $most $root.Values.kafka.partitions) -}}
{{- end -}}
{{- if ne $scaling.mode "off" -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- $wrong = append $wrong (printf "scorers.%s.autoscaling: minReplicas %v is more than maxReplicas %v" $name $scaling.minReplicas $scaling.maxReplicas) -}}
{{- end -}}
{{- if and (eq $scaling.mode "hpa") (lt (int $scaling.minReplicas) 1) -}}
{{- $wrong = append $wrong (printf "scorers.%s.autoscaling.minReplicas 0 needs mode keda" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $scaling.mode "keda") (eq $scaling.keda.identity "roleArn") (not $scaling.keda.roleArn) -}}
{{- $wrong = append $wrong (printf "scorers.%s.autoscaling.keda.identity roleArn needs autoscaling.keda.roleArn" $name) -}}
{{- end -}}
{{- if and (eq $scaling.mode "keda") (eq $scaling.keda.identity "workload") (eq $root.Values.kafka.security.mode "mskIam") (not (hasKey $pool.serviceAccount.annotations "eks.amazonaws.com/role-arn")) -}}
{{- $wrong = append $wrong (printf "scorers.%s.autoscaling.keda.identity workload reads the annotation eks.amazonaws.com/role-arn of the scorer's service account (IRSA), which is missing: with EKS Pod Identity take operator or roleArn" $name) -}}
{{- end -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}

{{- define "plimsoll.validate.rest" -}}
{{- $wrong := list -}}
{{- $query := .Values.query -}}
{{- if lt (float64 $query.terminationGracePeriodSeconds) (addf $query.preStopSeconds $query.drainSeconds 15) -}}
{{- $wrong = append $wrong (printf "query.terminationGracePeriodSeconds is %v, which has to be at least 15 more than preStopSeconds (%v) and drainSeconds (%v): calls would be cut off" $query.terminationGracePeriodSeconds $query.preStopSeconds $query.drainSeconds) -}}
{{- end -}}
{{- if lt (float64 .Values.observer.terminationGracePeriodSeconds) (addf .Values.observer.drainSeconds 15) -}}
{{- $wrong = append $wrong (printf "observer.terminationGracePeriodSeconds is %v, which has to be at least 15 more than drainSeconds (%v)" .Values.observer.terminationGracePeriodSeconds .Values.observer.drainSeconds) -}}
{{- end -}}
{{- if and (ne $query.autoscaling.mode "off") (gt (int $query.autoscaling.minReplicas) (int $query.autoscaling.maxReplicas)) -}}
{{- $wrong = append $wrong (printf "query.autoscaling: minReplicas %v is more than maxReplicas %v" $query.autoscaling.minReplicas $query.autoscaling.maxReplicas) -}}
{{- end -}}
{{- if and $query.gateway.enabled (not $query.gateway.parentRefs) -}}
{{- $wrong = append $wrong "query.gateway.enabled needs query.gateway.parentRefs: the Gateway that the route hangs on" -}}
{{- end -}}
{{- if and (eq $query.tls.mode "secret") (not $query.tls.existingSecret) -}}
{{- $wrong = append $wrong "query.tls.mode secret needs query.tls.existingSecret: a Secret with certificate and key" -}}
{{- end -}}
{{- if and (eq $query.tls.mode "off") $query.tls.clientCASecret.existingSecret -}}
{{- $wrong = append $wrong "query.tls.clientCASecret needs query.tls.mode secret or certManager: clients are asked over TLS" -}}
{{- end -}}
{{- $access := dig "access" "mode" "none" .Values.config -}}
{{- if and (eq $access "mtls") (not $query.tls.clientCASecret.existingSecret) -}}
{{- $wrong = append $wrong "config.access.mode mtls needs query.tls.clientCASecret.existingSecret: the CA that signs clients' certificates" -}}
{{- end -}}
{{- $ports := list .Values.ports.grpc .Values.ports.health .Values.ports.metrics (int (add .Values.ports.metrics 1)) -}}
{{- if ne (len ($ports | uniq)) 4 -}}
{{- $wrong = append $wrong (printf "ports: %v, %v, %v and the one after it have to differ" .Values.ports.grpc .Values.ports.health .Values.ports.metrics) -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}

{{/* Custom resources that the cluster does not know would fail with a message that helps nobody. */}}
{{- define "plimsoll.validate.kinds" -}}
{{- $wrong := list -}}
{{- if not .Values.skipCrdCheck -}}
{{- $wanted := dict -}}
{{- $root := . -}}
{{- range $name := (include "plimsoll.pools" . | fromYaml).names -}}
{{- if eq (include "plimsoll.pool" (dict "root" $root "name" $name) | fromYaml).autoscaling.mode "keda" -}}
{{- $_ := set $wanted "keda.sh/v1alpha1/ScaledObject" (printf "scorers.%s.autoscaling.mode keda needs KEDA" $name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.metrics.podMonitor.enabled -}}
{{- $_ := set $wanted "monitoring.coreos.com/v1/PodMonitor" "metrics.podMonitor.enabled needs the Prometheus Operator" -}}
{{- end -}}
{{- if .Values.metrics.rules.enabled -}}
{{- $_ := set $wanted "monitoring.coreos.com/v1/PrometheusRule" "metrics.rules.enabled needs the Prometheus Operator" -}}
{{- end -}}
{{- if .Values.query.gateway.enabled -}}
{{- $_ := set $wanted "gateway.networking.k8s.io/v1/GRPCRoute" "query.gateway.enabled needs the Gateway API" -}}
{{- end -}}
{{- if eq .Values.kafka.provision.mode "strimzi" -}}
{{- $_ := set $wanted "kafka.strimzi.io/v1/KafkaTopic" "kafka.provision.mode strimzi needs Strimzi" -}}
{{- end -}}
{{- if .Values.externalSecrets.enabled -}}
{{- $_ := set $wanted "external-secrets.io/v1/ExternalSecret" "externalSecrets.enabled needs the External Secrets Operator" -}}
{{- end -}}
{{- if or .Values.certManager.kafkaClient (eq .Values.query.tls.mode "certManager") -}}
{{- $_ := set $wanted "cert-manager.io/v1/Certificate" "certManager.kafkaClient and query.tls.mode certManager need cert-manager" -}}
{{- end -}}
{{- range $kind, $text := $wanted -}}
{{- if not ($root.Capabilities.APIVersions.Has $kind) -}}
{{- $wrong = append $wrong (printf "%s: this cluster does not know %s (with `helm template`: --api-versions %s, or skipCrdCheck)" $text $kind $kind) -}}
{{- end -}}
{{- end -}}
{{- end -}}
wrong: {{ $wrong | toJson }}
{{- end -}}
