#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a recorder costs while its room is offline: danmaku socket open over TLS, one message a second, default polls.
#   tests/bench/idle.sh [SECONDS, default 60]
# Prints one JSON line: resident and anonymous memory in MiB, CPU in milliseconds per second (schedstat of all threads).
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
bin=${BIN:-build/release/bin}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

tests/simulator/make-media.sh "$work/media.flv" 8 baseline
$bin/bilibili-simulator --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --self-signed "$work" --control 127.0.0.1:0 \
  --media "$work/media.flv" >"$work/ports.json" &
pids+=($!)
until [ -s "$work/ports.json" ]; do sleep 0.1; done
https=$(jq .https "$work/ports.json")
control=http://127.0.0.1:$(jq .control "$work/ports.json")
curl -sf "$control/rooms" -d '{"roomId": 23058, "title": "idle"}' >/dev/null

$bin/liveroom-recorder record 23058 -o "$work/out" --live-api "https://localhost:$https" --api "https://localhost:$https" \
  --ca-file "$work/ca.pem" 2>"$work/log" &
recorder=$!
pids+=("$recorder")
until grep -q 'danmaku connected' "$work/log"; do sleep 0.1; done
curl -sf "$control/rooms/23058/chat" -d "{\"perSecond\": 1, \"seconds\": $((seconds + 60))}" >/dev/null
sleep 10 # start-up is over

# Nanoseconds on a CPU, of all threads.
cpu() { cat /proc/"$recorder"/task/*/schedstat | awk '{ sum += $1 } END { printf "%d", sum }'; }
before=$(cpu)
sleep "$seconds"
after=$(cpu)
awk -v ns=$((after - before)) -v s="$seconds" '
  /^Rss:/ { rss = $2 } /^Anonymous:/ { anonymous = $2 }
  END { printf "{\"rssMiB\": %.1f, \"anonymousMiB\": %.1f, \"cpuMsPerSecond\": %.3f, \"seconds\": %d}\n", rss / 1024, anonymous / 1024, ns / 1e6 / s, s }
' /proc/"$recorder"/smaps_rollup
