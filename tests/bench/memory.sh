#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Memory of one recorder, over TLS: its room offline; a show of 8 Mbit/s; a show of 32 Mbit/s beside 2,000 chat messages a second.
#   tests/bench/memory.sh [SECONDS of each, default 30]
# Prints one JSON line: the highest of ten looks a second, in MiB: resident, and of that anonymous (what the node can't take back). The default
# requests and limits of the chart are made of these.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-30}
bin=${BIN:-build/release/bin}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

tests/simulator/make-media.sh "$work/media.flv" 40 high 1920x1080 8000
$bin/bilibili-simulator --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --self-signed "$work" --control 127.0.0.1:0 \
  --media "$work/media.flv" --tag-records 0 >"$work/ports.json" &
pids+=($!)
until [ -s "$work/ports.json" ]; do sleep 0.1; done
https=$(jq .https "$work/ports.json")
control=http://127.0.0.1:$(jq .control "$work/ports.json")

# The highest of each field of /proc/PID/status, in KiB, as long as told.
highest() { # PID
  local end=$((SECONDS + seconds))
  while [ $SECONDS -lt $end ]; do
    cat "/proc/$1/status"
    sleep 0.1
  done | awk '/^VmRSS:/ && $2 > rss { rss = $2 } /^RssAnon:/ && $2 > anonymous { anonymous = $2 }
    END { printf "{\"rssMiB\": %.1f, \"anonymousMiB\": %.1f}", rss / 1024, anonymous / 1024 }'
}

scene() { # NAME ROOM PACE (0: offline) MESSAGES
  local name=$1 room=$2 pace=$3 messages=$4 recorder
  curl -sf "$control/rooms" -d "{\"roomId\": $room, \"title\": \"$name\"}" >/dev/null
  : >"$work/$name.log"
  $bin/liveroom-recorder record "$room" -o "$work/$name" --live-api "https://localhost:$https" --api "https://localhost:$https" \
    --ca-file "$work/ca.pem" 2>"$work/$name.log" &
  recorder=$!
  pids+=("$recorder")
  until grep -q 'danmaku connected' "$work/$name.log"; do sleep 0.1; done
  if [ "$pace" != 0 ]; then
    curl -sf "$control/rooms/$room/live" -d "{\"pace\": $pace}" >/dev/null
    until grep -q 'Stream is open' "$work/$name.log"; do sleep 0.1; done
  fi
  [ "$messages" = 0 ] || curl -sf "$control/rooms/$room/chat" -d "{\"perSecond\": $messages, \"seconds\": $seconds}" >/dev/null
  printf '"%s": %s' "$name" "$(highest "$recorder")"
  kill "$recorder"
  wait "$recorder" || true
  rm -rf "${work:?}/$name"
}

printf '{"seconds": %d, ' "$seconds"
scene offline 101 0 0
printf ', '
scene show 102 1 0
printf ', '
scene busy 103 4 2000
printf '}\n'
