#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a Prometheus on this machine that scrapes the liveroom of the cluster of $KUBECONFIG, until it is stopped:
#   scripts/prometheus.sh DIR [HOST:PORT]      default 127.0.0.1:9090; DIR keeps configuration, targets and data
# It goes through the API server (kubectl proxy), so that no address of a pod needs to be reachable. Debian's Prometheus can't ask Kubernetes for targets:
# they are written to files, each two seconds.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { sed -n '3,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
dir=$1
listen=${2:-127.0.0.1:9090}
command -v kubectl >/dev/null || PATH=$("$root/tests/cluster/cluster" tools):$PATH
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

children=()
clean_up() {
  trap - EXIT INT TERM
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait
}
trap clean_up EXIT
trap 'exit 0' INT TERM

: >"$dir/proxy.log"
kubectl proxy --port=0 >"$dir/proxy.log" 2>&1 &
children+=($!)
for _ in $(seq 100); do
  proxy=$(sed -n 's/^Starting to serve on //p' "$dir/proxy.log")
  [ -z "$proxy" ] || break
  sleep 0.1
done
[ -n "$proxy" ] || { cat "$dir/proxy.log" >&2; exit 1; }

# targets COMPONENT: the running pods of a component, with the labels that the chart's monitors give them.
targets() {
  kubectl get pods --all-namespaces -l "app.kubernetes.io/name=liveroom,app.kubernetes.io/component=$1" -o json |
    jq --arg proxy "$proxy" --arg job "liveroom-$1" '[.items[] | select(.status.phase == "Running") |
      .metadata as $pod | (.spec.containers[0].ports[] | select(.name == "http").containerPort | tostring) as $port |
      {targets: [$proxy], labels: ({job: $job, namespace: $pod.namespace, pod: $pod.name, instance: "\(.status.podIP):\($port)",
        liveroom: ($pod.labels["liveroom.dev/room"] // ""), __metrics_path__: "/api/v1/namespaces/\($pod.namespace)/pods/\($pod.name):\($port)/proxy/metrics"})}]'
}
refresh() {
  local component
  for component in controller recorder; do
    targets $component >"$dir/.$component.json" 2>/dev/null && mv "$dir/.$component.json" "$dir/$component.json" || true
  done
}
cat >"$dir/prometheus.yaml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 5s}
rule_files: ["$root/charts/liveroom/alerts/liveroom.yaml"]
scrape_configs:
- job_name: liveroom-recorder
  file_sd_configs: [{files: ["$dir/recorder.json"], refresh_interval: 1s}]
- job_name: liveroom-controller
  honor_labels: true  # kube_liveroom_* series name the namespace of their LiveRoom
  file_sd_configs: [{files: ["$dir/controller.json"], refresh_interval: 1s}]
YAML
refresh
(while sleep 2; do refresh; done) &
children+=($!)
prometheus --config.file="$dir/prometheus.yaml" --storage.tsdb.path="$dir/data" --web.listen-address="$listen" --log.level=warn &
children+=($!)
wait -n "${children[@]}"
