#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the pictures of docs/pictures: lets five rooms of a demo that was kept (KEEP=1 make demo) have shows, one with a broken line, and draws the dashboards from
# the answers of its Prometheus. Takes MINUTES (6). They are drawings: no Grafana is needed, and none was there.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${MINUTES:-6}
dir=${LIVEROOM_DEMO_DIR:-/tmp/liveroom-demo}
prometheus=${LIVEROOM_DEMO_PROMETHEUS:-127.0.0.1:9099}
cluster=tests/cluster/cluster
export KUBECONFIG=$dir/kubeconfig
PATH=$($cluster tools):$PATH
site=$(kubectl -n bilibili get service bilibili-simulator -o 'jsonpath={.spec.clusterIP}')

control() { $cluster exec --dir "$dir" -- curl -sSf -o /dev/null -X POST "http://$site:9090/$1" -d "$2"; }

names=(cooking chess singing drawing walking)
for number in "${!names[@]}"; do
  room=$((900100 + number))
  control rooms "{\"roomId\": $room, \"title\": \"${names[number]}\", \"anchor\": \"anchor $number\", \"uid\": $room}"
  kubectl -n rooms apply -f - <<YAML
apiVersion: liveroom.dev/v1alpha1
kind: LiveRoom
metadata: {name: ${names[number]}}
spec: {roomId: $room}
YAML
done
kubectl -n rooms wait liverooms --all --for=condition=Ready --timeout=60s
end=$((SECONDS + minutes * 60))
for number in 0 1 2 3; do
  sleep 15
  control rooms/$((900100 + number))/live '{}'
  control rooms/$((900100 + number))/chat "{\"perSecond\": $((number + 1))}"
done
sleep $((minutes * 15))
control rooms/900101/drop '{"how": "reset"}'
control rooms/900102/stall '{"seconds": 15, "lose": true}'
sleep $((minutes * 10))
control rooms/900103/stop '{"drainSeconds": 2}'
[ $SECONDS -ge $end ] || sleep $((end - SECONDS))
mkdir -p docs/pictures
scripts/draw_dashboards.py "$prometheus" docs/pictures "$minutes"
