{{/* The roles that the gateway passes calls on to. */}}
{{- define "kiban.routed" -}}
{{- list "membership" "contract" "access" "order" "recruitment" "venture" "finance" "billing" "revenue-share" "service-catalogue" "deal-flow" "directory" | toJson -}}
{{- end -}}

{{/* Cut so that the longest role's name, and what Kubernetes adds to it, still fits into 63 characters. */}}
{{- define "kiban.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 34 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 34 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What never changes in the life of a release: selectors cannot. */}}
{{- define "kiban.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kiban.labels" -}}
{{ include "kiban.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "kiban.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{- define "kiban.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "kiban.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The roles that are deployed, each with the defaults under what it says itself: {name: role}. */}}
{{- define "kiban.roles" -}}
{{- $deployed := dict -}}
{{- range $name, $own := .Values.roles -}}
  {{- $wanted := and $own.enabled (or (eq $name "all") (not $.Values.roles.all.enabled)) -}}
  {{- if and $wanted (not (and (eq $name "event-log") (eq $.Values.eventLog.mode "esdb"))) -}}
    {{- $role := dict -}}
    {{- range $key, $value := $.Values.defaults -}}
      {{- $said := get $own $key -}}
      {{- if not (hasKey $own $key) -}}
        {{- $_ := set $role $key $value -}}
      {{- else if kindIs "map" $value -}}
        {{- $merged := dict -}}
        {{- range $k, $v := $value }}{{ $_ := set $merged $k $v }}{{ end -}}
        {{- range $k, $v := $said }}{{ $_ := set $merged $k $v }}{{ end -}}
        {{- $_ := set $role $key $merged -}}
      {{- else -}}
        {{- $_ := set $role $key $said -}}
      {{- end -}}
    {{- end -}}
    {{- $peers := ternary $.Values.trustedPeers list (has $name (include "kiban.routed" $ | fromJsonArray)) -}}
    {{- $_ := set $role "trustedPeers" (default $peers $own.trustedPeers) -}}
    {{- $_ := set $deployed $name $role -}}
  {{- end -}}
{{- end -}}
{{- $deployed | toJson -}}
{{- end -}}

{{/* Whether a role is where callers arrive, or else stands behind it. */}}
{{- define "kiban.isDoor" -}}
{{- if has . (list "all" "gateway") }}yes{{ end -}}
{{- end -}}

{{/* Whether a role reads the log over the network. */}}
{{- define "kiban.readsLog" -}}
{{- if not (has . (list "all" "event-log" "gateway")) }}yes{{ end -}}
{{- end -}}

{{- define "kiban.servesLog" -}}
{{- if and (eq .Values.eventLog.mode "embedded") (not .Values.roles.all.enabled) }}yes{{ end -}}
{{- end -}}

{{- define "kiban.secretName" -}}
{{- default (printf "%s-event-log-secret" (include "kiban.fullname" .)) .Values.eventLog.secret.existingSecret -}}
{{- end -}}

{{/* The command line of a role, as JSON: ["serve", "--role=…", …]. */}}
{{- define "kiban.arguments" -}}
{{- $root := .root -}}{{- $name := .name -}}{{- $role := .role -}}
{{- $values := $root.Values -}}{{- $fullname := include "kiban.fullname" $root -}}
{{- $arguments := list "serve" -}}
{{- if ne $name "all" -}}{{- $arguments = append $arguments (printf "--role=%s" $name) -}}{{- end -}}
{{- $arguments = concat $arguments (list "--listen=0.0.0.0:50051" "--data-dir=/var/lib/kiban") -}}
{{- if include "kiban.servesLog" $root -}}
  {{- if include "kiban.readsLog" $name -}}
    {{- $arguments = append $arguments (printf "--event-log=esdb://%s-event-log:50051?tls=false" $fullname) -}}
  {{- end -}}
  {{- if ne $name "gateway" -}}
    {{- $arguments = append $arguments "--event-log-secret-file=/etc/kiban/event-log/secret" -}}
  {{- end -}}
{{- else if and (include "kiban.readsLog" $name) $values.eventLog.esdb.url -}}
  {{- $arguments = append $arguments (printf "--event-log=%s" $values.eventLog.esdb.url) -}}
{{- end -}}
{{- if has $name (list "all" "event-log") -}}
  {{- range $values.eventLog.readers -}}{{- $arguments = append $arguments (printf "--event-log-readers=%s" .) -}}{{- end -}}
{{- end -}}
{{- if eq $name "gateway" -}}
  {{- range $routed := include "kiban.routed" $root | fromJsonArray -}}
    {{- if hasKey $.roles $routed -}}
      {{- $arguments = append $arguments (printf "--route=%s=http://%s-%s:50051" $routed $fullname $routed) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and $values.kafka.brokers (has $name (list "all" "relay")) -}}
  {{- $arguments = append $arguments (printf "--kafka=%s" (join "," $values.kafka.brokers)) -}}
  {{- if $values.kafka.existingSecret -}}
    {{- $arguments = append $arguments (printf "--kafka-config=/etc/kiban/kafka/%s" $values.kafka.key) -}}
  {{- end -}}
{{- end -}}
{{- if has $name (list "all" "billing" "revenue-share") -}}
  {{- $arguments = append $arguments (printf "--shards=%d" (int $values.shards)) -}}
{{- end -}}
{{- range $role.trustedPeers -}}{{- $arguments = append $arguments (printf "--trusted-peers=%s" .) -}}{{- end -}}
{{- if and $values.tls.existingSecret (include "kiban.isDoor" $name) -}}
  {{- $arguments = concat $arguments (list "--tls-cert=/etc/kiban/tls/tls.crt" "--tls-key=/etc/kiban/tls/tls.key") -}}
{{- end -}}
{{- if $values.metrics.enabled -}}{{- $arguments = append $arguments "--metrics-listen=0.0.0.0:9464" -}}{{- end -}}
{{- with $values.otlp.endpoint -}}{{- $arguments = append $arguments (printf "--otlp-endpoint=%s" .) -}}{{- end -}}
{{- concat $arguments $role.extraArgs | toJson -}}
{{- end -}}

{{/* What no schema can say: what must be said together. */}}
{{- define "kiban.check" -}}
{{- $roles := include "kiban.roles" . | fromJson -}}
{{- $secret := .Values.eventLog.secret -}}{{- $esdb := .Values.eventLog.esdb -}}
{{- if not $roles -}}
{{- fail "roles: none is enabled" -}}
{{- end -}}
{{- if and (hasKey $roles "all") (eq .Values.eventLog.mode "esdb") -}}
{{- fail "roles.all runs on the embedded log: set roles.all.enabled to false for eventLog.mode esdb" -}}
{{- end -}}
{{- if and .Values.kafka.existingSecret (not .Values.kafka.brokers) -}}
{{- fail "kafka.existingSecret: it is set, and kafka.brokers is not" -}}
{{- end -}}
{{- if and $secret.existingSecret $secret.value -}}
{{- fail "eventLog.secret: set existingSecret or value, not both" -}}
{{- end -}}
{{- if and $esdb.url $esdb.existingSecret -}}
{{- fail "eventLog.esdb: set url or existingSecret, not both" -}}
{{- end -}}
{{- if contains "@" $esdb.url -}}
{{- fail "eventLog.esdb.url: a URL with a password belongs into a Secret, set eventLog.esdb.existingSecret" -}}
{{- end -}}
{{- if and (eq .Values.eventLog.mode "embedded") (or $esdb.url $esdb.existingSecret) -}}
{{- fail "eventLog.esdb: it is set, and eventLog.mode is embedded" -}}
{{- end -}}
{{- if hasKey $roles "all" -}}
{{- else -}}
  {{- include "kiban.checkMany" (dict "root" . "roles" $roles) -}}
{{- end -}}
{{- end -}}

{{- define "kiban.checkMany" -}}
{{- $values := .root.Values -}}{{- $secret := $values.eventLog.secret -}}{{- $esdb := $values.eventLog.esdb -}}
{{- if eq $values.eventLog.mode "embedded" -}}
  {{- if not (hasKey .roles "event-log") -}}
  {{- fail "roles.event-log: it must be enabled for eventLog.mode embedded, nobody else would hold the log" -}}
  {{- end -}}
  {{- if not (or $secret.existingSecret $secret.value) -}}
  {{- fail "eventLog.secret: set existingSecret, or value, so that the roles can prove to the log that they are Kiban" -}}
  {{- end -}}
{{- else if not (or $esdb.url $esdb.existingSecret) -}}
  {{- fail "eventLog.esdb: set url or existingSecret for eventLog.mode esdb" -}}
{{- end -}}
{{- if and (hasKey .roles "relay") (not $values.kafka.brokers) -}}
{{- fail "kafka.brokers: roles.relay needs at least one" -}}
{{- end -}}
{{- if and $values.kafka.brokers (not (hasKey .roles "relay")) -}}
{{- fail "roles.relay: kafka.brokers is set, and nothing relays to them" -}}
{{- end -}}
{{- if not (hasKey .roles "gateway") -}}
{{- fail "roles.gateway: it must be enabled, callers would reach nobody" -}}
{{- end -}}
{{- range $routed := include "kiban.routed" .root | fromJsonArray -}}
  {{- if and (hasKey $.roles $routed) (not (get $.roles $routed).trustedPeers) -}}
  {{- fail (printf "trustedPeers: set it to the network of the pods, %s would believe no caller that the gateway names" $routed) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* The pods of some roles of this release, as peers of a NetworkPolicy. */}}
{{- define "kiban.podsOf" -}}
- podSelector:
    matchLabels:
      {{- include "kiban.selector" .root | nindent 6 }}
    matchExpressions:
      - {key: app.kubernetes.io/component, operator: In, values: [{{ join ", " .names }}]}
{{- end -}}
