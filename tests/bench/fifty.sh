#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# CPU and memory of many live streams at 8 Mbit/s, one process each: `capture` beside `curl -o`, HTTP and HTTPS, onto
# tmpfs, in turn.
#   tests/bench/fifty.sh [STREAMS, default 50] [ROUNDS, default 3] [SECONDS, default 15]
# Prints one JSON object: per cent of a core for all (schedstat of every thread while all run), the ratio of the two,
# and MiB a process: resident, its share of what is shared (PSS), and anonymous.
set -euo pipefail
cd "$(dirname "$0")/../.."
streams=${1:-50} rounds=${2:-3} seconds=${3:-15}
# shellcheck source=tests/bench/serve.sh
source tests/bench/serve.sh

nanoseconds() { # of all threads of the processes
  local pid
  for pid in "$@"; do cat /proc/"$pid"/task/*/schedstat; done | awk '{ sum += $1 } END { printf "%d", sum }'
}
measure() { # TOOL SCHEME
  local tool=$1 scheme=$2 url pids=() i before after
  url="$scheme://localhost:$(jq ".$scheme" "$work/ports")/direct/1.flv"
  rm -rf "$work/out"
  mkdir "$work/out"
  for ((i = 0; i < streams; i++)); do
    case $tool in
      capture) $bin/liveroom-recorder capture "$url" -o "$work/out/$i" --ca-file "$work/ca.pem" 2>/dev/null & ;;
      curl) curl -s --cacert "$work/ca.pem" -o "$work/out/$i.flv" "$url" & ;;
    esac
    pids+=($!)
  done
  sleep 5 # they have begun, and wake-ups have settled
  before=$(nanoseconds "${pids[@]}")
  sleep "$seconds"
  after=$(nanoseconds "${pids[@]}")
  for i in "${pids[@]}"; do cat /proc/"$i"/smaps_rollup; done |
    awk -v t="$tool" -v s="$scheme" -v n="$streams" -v p="$(awk -v ns=$((after - before)) -v s="$seconds" 'BEGIN { print ns / 1e7 / s }')" '
      /^Rss:/ { rss += $2 } /^Pss:/ { pss += $2 } /^Anonymous:/ { anonymous += $2 }
      END { print t, s, p, rss / n / 1024, pss / n / 1024, anonymous / n / 1024 }' >>"$work/results"
  kill "${pids[@]}"
  wait "${pids[@]}" 2>/dev/null || true
}

for ((round = 0; round < rounds; round++)); do
  for scheme in http https; do
    for tool in capture curl; do measure $tool $scheme; done
  done
done
python3 - "$work/results" "$streams" "$rounds" "$seconds" <<'PY'
import collections, json, statistics, sys
samples = collections.defaultdict(list)
for line in open(sys.argv[1], encoding='utf-8'):
    tool, scheme, *numbers = line.split()
    samples[scheme, tool].append([float(n) for n in numbers])
out = {'streams': int(sys.argv[2]), 'rounds': int(sys.argv[3]), 'seconds': int(sys.argv[4])}
for scheme in ('http', 'https'):
    out[scheme] = {}
    for tool in ('capture', 'curl'):
        of = samples[scheme, tool]
        middle = [statistics.median(column) for column in zip(*of)]
        out[scheme][tool] = {'percentOfACore': round(middle[0], 2), 'rssMiB': round(middle[1], 1),
                             'pssMiB': round(middle[2], 1), 'anonymousMiB': round(middle[3], 1)}
    ratios = [a[0] / b[0] for a, b in zip(samples[scheme, 'capture'], samples[scheme, 'curl'])]
    out[scheme]['captureToCurl'] = round(statistics.median(ratios), 2)
print(json.dumps(out))
PY
