#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows a LiveRoom becoming a recording on a real Kubernetes: cluster, images, chart, a simulated Bilibili, a show of
# 20 seconds, and the file that is left. Fails when anything that it shows is not true.
#   KEEP=1           leaves everything running and says what to try
#   KUBECONFIG=FILE  uses that cluster; its nodes must have localhost/liveroom:dev and localhost/bilibili-simulator:dev (archives of both: build/release/image,
#                    made by packaging/build-image.sh and build-simulator-image.sh), and it must not have the namespaces rooms, bilibili and liveroom-system
# Without it a cluster of its own is brought up, which needs root.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/release
cluster=tests/cluster/cluster
dir=${LIVEROOM_DEMO_DIR:-/tmp/liveroom-demo}
room=6
namespace=rooms
site=bilibili
system=liveroom-system
out=$build/demo
prometheus=${LIVEROOM_DEMO_PROMETHEUS:-127.0.0.1:9099}
prometheus_pid=
made=
own_cluster=1
[ -z "${KUBECONFIG:-}" ] || own_cluster=
started=$SECONDS
step_started=$SECONDS

step() {
  step_started=$SECONDS
  printf '\n\033[1m== %s\033[0m\n' "$*"
}
took() { printf '   (%d s; %d s in all)\n' $((SECONDS - step_started)) $((SECONDS - started)); }
fail() {
  printf '\nThe demo failed: %s\n' "$*" >&2
  exit 1
}
# await SECONDS WHAT COMMAND...: until the command succeeds.
await() {
  local limit=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "$what: not within $limit s"
    sleep 0.3
  done
}
condition() { kubectl -n $namespace get liveroom my-room -o "jsonpath={.status.conditions[?(@.type==\"$1\")].status}"; }
# of TYPE [FIELD]: a jsonpath into the conditions.
of() { printf '{.status.conditions[?(@.type=="%s")].%s}' "$1" "${2:-status}"; }
condition_is() { [ "$(condition "$1")" = "$2" ]; }

clean_up() {
  local status=$?
  trap - EXIT INT TERM
  [ -n "$made" ] || exit $status
  if [ $status -ne 0 ] && [ -n "${KUBECONFIG:-}" ]; then
    kubectl get pods -A -o wide || true
    kubectl -n $namespace get liveroom my-room -o yaml || true
    kubectl -n $namespace logs my-room-recorder --tail=30 || true
    kubectl -n $system logs -l app.kubernetes.io/name=liveroom --tail=30 || true
  fi
  if [ -n "${KEEP:-}" ] && [ $status -eq 0 ]; then
    exit 0
  fi
  if [ -n "$prometheus_pid" ]; then
    kill "$prometheus_pid" 2>/dev/null || true
    wait "$prometheus_pid" 2>/dev/null || true
  fi
  if [ -n "$own_cluster" ]; then
    step "Taking the cluster down"
    $cluster down --dir "$dir" || status=1
    took
  else
    kubectl delete namespace $namespace $site --wait=false >/dev/null 2>&1 || true
    helm uninstall liveroom -n $system >/dev/null 2>&1 || true
    kubectl delete namespace $system --wait=false >/dev/null 2>&1 || true
  fi
  exit $status
}
trap clean_up EXIT INT TERM

# What would fail after many minutes is said at once.
if [ -n "$own_cluster" ]; then
  [ "$(id -u)" -eq 0 ] || fail "a Kubernetes of its own needs root: run it as root (sudo make demo), or set KUBECONFIG to a cluster of yours"
  [ ! -e "$dir/state.json" ] || fail "an earlier demo is still there; end it with: $cluster down --dir $dir"
fi
! (: <>"/dev/tcp/${prometheus/://}") 2>/dev/null || fail "something listens at $prometheus already; set LIVEROOM_DEMO_PROMETHEUS=127.0.0.1:PORT"

step "Building the programs"
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target liveroom-controller liveroom-recorder bilibili-simulator
took

step "Building the images, and a stream of real H.264 and AAC"
packaging/build-image.sh
packaging/build-simulator-image.sh
took

if [ -n "$own_cluster" ]; then
  step "Bringing a Kubernetes up (the first time it is built, about six minutes)"
  $cluster build
  made=1
  eval "$($cluster up --dir "$dir")"
else
  step "Using the cluster of $KUBECONFIG"
fi
PATH=$($cluster tools):$PATH
export PATH
if [ -z "$own_cluster" ]; then
  # What the demo makes it also deletes, so nothing of these names may be there.
  for taken in $namespace $site $system; do
    ! kubectl get namespace "$taken" >/dev/null 2>&1 || fail "this cluster has a namespace $taken already, which the demo would delete at its end"
  done
  made=1
fi
kubectl get nodes
took

if [ -n "$own_cluster" ]; then
  step "Giving the images to the node"
  $cluster load --dir "$dir" $build/image/liveroom.tar
  $cluster load --dir "$dir" $build/image/bilibili-simulator.tar
  took
fi

step "Starting the simulated Bilibili: room $room goes live 5 s after a recorder listens, for 20 s"
kubectl create namespace $site --dry-run=client -o yaml | kubectl apply -f - >/dev/null
kubectl -n $site apply -f tests/simulator/demo.yaml
site_address=$(kubectl -n $site get service bilibili-simulator -o 'jsonpath={.spec.clusterIP}')
sed "s/SITE_ADDRESS/$site_address/" tests/simulator/demo-pod.yaml | kubectl -n $site apply -f -
kubectl -n $site wait --for=condition=Ready pod/bilibili-simulator --timeout=60s
took

step "Installing the chart"
helm upgrade --install liveroom charts/liveroom --namespace $system --create-namespace \
  --set image.tag=dev --set image.pullPolicy=IfNotPresent \
  --set "recorder.env[0].name=LIVEROOM_LIVE_API" --set "recorder.env[0].value=http://$site_address" \
  --set "recorder.env[1].name=LIVEROOM_API" --set "recorder.env[1].value=http://$site_address" >/dev/null
kubectl -n $system wait --for=condition=Available deployment --all --timeout=90s
await 30 "LiveRooms are served" kubectl get liverooms -A
took

step "Starting a Prometheus at http://$prometheus that scrapes both programs"
rm -rf "$out/prometheus"
mkdir -p "$out"
setsid scripts/prometheus.sh "$out/prometheus" "$prometheus" >"$out/prometheus.log" 2>&1 &
prometheus_pid=$!
await 30 "Prometheus is ready" curl -sf "http://$prometheus/-/ready"
took

step "kubectl apply -f examples/liveroom.yaml, in a namespace that enforces restricted pods"
kubectl create namespace $namespace --dry-run=client -o yaml | kubectl apply -f - >/dev/null
kubectl label --overwrite namespace $namespace pod-security.kubernetes.io/enforce=restricted >/dev/null
kubectl -n $namespace apply -f examples/liveroom.yaml
took

step "Watching: kubectl get liverooms"
recorded=
last=
end=$((SECONDS + 90))
layout='   %6s   %-8s %-7s %-8s %-10s %-15s %s\n'
# shellcheck disable=SC2059
printf "$layout" '' NAME READY LIVE RECORDING REASON TITLE
while [ $SECONDS -lt $end ]; do
  row=$(kubectl -n $namespace get liveroom my-room -o "jsonpath={.metadata.name}|$(of Ready)|$(of Live)|$(of Recording)|$(of Recording reason)|{.status.room.title}" || true)
  if [ "$row" != "$last" ]; then
    IFS='|' read -r -a cells <<<"$row"
    printf "$layout" "+$((SECONDS - step_started)) s" "${cells[@]}"
    last=$row
  fi
  case $row in
    *'|True|True|Recording|'*) recorded=1 ;;
    *'|False|False|NotLive|'*) [ -z "$recorded" ] || break ;;
  esac
  sleep 0.5
done
kubectl -n $namespace get liverooms
[ -n "$recorded" ] || fail "Recording never became True"
condition_is Ready True || fail "the LiveRoom is not Ready"
took

step "What is left: the file, as the status names it and as ffprobe sees it"
await 20 "a finished recording in the status" sh -c \
  "kubectl -n $namespace get liveroom my-room -o 'jsonpath={.status.lastRecording.files[0].file}' | grep -q flv"
kubectl -n $namespace get liveroom my-room -o 'jsonpath={.status.lastRecording}' | jq .
file=$(kubectl -n $namespace get liveroom my-room -o 'jsonpath={.status.lastRecording.files[0].file}')
volume=$(kubectl -n $namespace get pvc my-room-recordings -o 'jsonpath={.spec.volumeName}')
mkdir -p "$out"
if [ -n "$own_cluster" ]; then
  path=$(kubectl get pv "$volume" -o 'jsonpath={.spec.local.path}')/$file
  ls -l "$(dirname "$path")"
  cp "$path" "$out/recording.flv"
else
  kubectl -n $namespace run reader --image="${READER_IMAGE:-docker.io/library/busybox:stable}" --restart=Never --overrides="$(
    jq -n '{spec: {securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: "RuntimeDefault"}},
      containers: [{name: "reader", image: $image, command: ["sleep", "300"], securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]}},
      volumeMounts: [{name: "v", mountPath: "/v"}]}], volumes: [{name: "v", persistentVolumeClaim: {claimName: "my-room-recordings"}}]}}' \
      --arg image "${READER_IMAGE:-docker.io/library/busybox:stable}")" >/dev/null
  kubectl -n $namespace wait --for=condition=Ready pod/reader --timeout=120s
  kubectl -n $namespace exec reader -- cat "/v/$file" >"$out/recording.flv"
fi
ffprobe -v error -show_entries stream=codec_name,width,height,sample_rate:format=duration,size -of default=noprint_wrappers=1 "$out/recording.flv"
ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$out/recording.flv" | sort | tr '\n' ' ' | grep -q 'aac h264' \
  || fail "the file does not hold H.264 and AAC"
ffmpeg -v error -xerror -i "$out/recording.flv" -f null - || fail "the file does not decode"
duration=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$out/recording.flv")
awk -v d="$duration" 'BEGIN { exit !(d > 18 && d < 40) }' || fail "the file is $duration s long"
took

step "Three questions to Prometheus"
# ask QUESTION QUERY: the value, which must be there.
ask() {
  local value
  value=$(curl -sfG "http://$prometheus/api/v1/query" --data-urlencode "query=$2" | jq -r '.data.result[0].value[1] // empty')
  [ -n "$value" ] || return 1
  printf '%s\n   %s\n   = %s\n' "$1" "$2" "$value" | tee -a "$out/answers.txt"
}
rm -f "$out/answers.txt"
await 30 "the finished file is in the metrics" sh -c "curl -sfG http://$prometheus/api/v1/query --data-urlencode 'query=liveroom_files_total == 1' | jq -e '.data.result[0]'"
ask "How much of the show is on disk, in seconds?" 'sum(liveroom_recorded_seconds_total{liveroom="my-room"})' || fail "no answer"
ask "How long did it take from LIVE to the first media byte, in seconds?" \
  'liveroom_start_delay_seconds_sum{liveroom="my-room"} / liveroom_start_delay_seconds_count' || fail "no answer"
ask "How many seconds of it are lost?" 'sum(liveroom_lost_seconds_total{liveroom="my-room"})' || fail "no answer"
awk '/^ *= / { n++; v[n] = $2 } END { exit !(n == 3 && v[1] > 15 && v[2] < 3 && v[3] == 0) }' "$out/answers.txt" || fail "these are not the answers of a show that was recorded in full"
took

printf '\nThe demo ended well after %d s. The recording is %s\n' $((SECONDS - started)) "$out/recording.flv"
if [ -n "${KEEP:-}" ]; then
  cat <<TRY

Everything is still running. To try more:
  export KUBECONFIG=$KUBECONFIG PATH=\$($PWD/$cluster tools):\$PATH
  kubectl -n $namespace get liverooms -o wide
  kubectl -n $namespace describe liveroom my-room
  $cluster exec --dir $dir -- curl -X POST http://$site_address:9090/rooms/$room/live -d '{}'   # a show, until it is stopped
  $cluster exec --dir $dir -- curl -X POST http://$site_address:9090/rooms/$room/stop -d '{}'
  kubectl -n $namespace patch liveroom my-room --type=merge -p '{"spec":{"suspend":true}}'      # no pod any more; false resumes
Prometheus is at http://$prometheus (scripts/prometheus.sh, process $prometheus_pid). Dashboards: in a Grafana of yours add it as a data source, then
import charts/liveroom/dashboards/rooms.json and controller.json (Dashboards, New, Import).
and to end it:
  kill $prometheus_pid
  $cluster down --dir $dir
TRY
fi
