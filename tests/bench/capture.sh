#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# CPU that recording one stream costs, flat out onto tmpfs, beside what else there is: `capture` (every repair on),
# `curl -o`, `ffmpeg -c copy`, and streamlink where it is installed. HTTP and HTTPS, tools in turn, medians.
#   tests/bench/capture.sh [ROUNDS, default 5] [MIB, default 512]
# Prints one JSON object: CPU seconds a GiB (user and kernel) of each tool, and its ratio to curl of the same run.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
bytes=$((${2:-512} << 20))
# shellcheck source=tests/bench/serve.sh
source tests/bench/serve.sh

# CPU seconds, user and kernel, of a command that must write at least the stream.
cpu() {
  python3 - "$work/cpu" "$@" <<'PY'
import os, subprocess, sys
with open(os.devnull, 'w') as null:
    child = subprocess.Popen(sys.argv[2:], stdin=null, stdout=null, stderr=null)
    _, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], 'a') as log:
    print(usage.ru_utime + usage.ru_stime, file=log)
if os.waitstatus_to_exitcode(status):
    sys.exit(f'{sys.argv[2]} failed')
PY
}
run() { # TOOL SCHEME
  local tool=$1 scheme=$2 url
  url="$scheme://localhost:$(jq ".$scheme" "$work/ports")/direct/1.flv?pace=0&bytes=$bytes"
  rm -rf "$work/out" "$work/cpu"
  mkdir "$work/out"
  case $tool in
    capture) cpu $bin/liveroom-recorder capture "$url" -o "$work/out" --ca-file "$work/ca.pem" ;;
    curl) cpu curl -s --cacert "$work/ca.pem" -o "$work/out/x.flv" "$url" ;;
    ffmpeg) cpu ffmpeg -v error -nostdin -i "$url" -c copy "$work/out/x.flv" ;;
    streamlink) cpu streamlink --http-no-ssl-verify -o "$work/out/x.flv" "httpstream://$url" best ;;
  esac
  local size
  size=$(du -cb "$work/out"/* | tail -1 | cut -f1)
  [ "$size" -gt $((bytes / 10 * 9)) ] || { echo "$tool: wrote $size of $bytes bytes" >&2; exit 1; }
  echo "$tool $scheme $(cat "$work/cpu")" >>"$work/results"
}

tools=(capture curl ffmpeg)
[ -z "$(type -P streamlink)" ] || tools+=(streamlink)
for ((round = 0; round < rounds; round++)); do
  for scheme in http https; do
    for tool in "${tools[@]}"; do
      run "$tool" "$scheme" || exit 1
    done
  done
done
python3 - "$work/results" "$bytes" "$rounds" <<'PY'
import collections, json, statistics, sys
samples = collections.defaultdict(list)
for line in open(sys.argv[1], encoding='utf-8'):
    tool, scheme, seconds = line.split()
    samples[scheme, tool].append(float(seconds))
gib = int(sys.argv[2]) / 2**30
out = {'mib': int(sys.argv[2]) >> 20, 'rounds': int(sys.argv[3])}
for scheme in ('http', 'https'):
    out[scheme] = {}
    for (s, tool), seconds in samples.items():
        if s != scheme:
            continue
        # Of each round by itself, since the machine's speed changes between rounds.
        ratios = [a / b for a, b in zip(seconds, samples[scheme, 'curl'])]
        out[scheme][tool] = {'cpuSecondsPerGiB': round(statistics.median(seconds) / gib, 2),
                             'toCurl': round(statistics.median(ratios), 2)}
print(json.dumps(out))
PY
