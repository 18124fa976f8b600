#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The controller beside an operator in Go on controller-runtime that does the same work (scale/operator), on a real API
# server: cold start and burst of ROOMS LiveRooms, one at a time, an idle minute. Each has an empty API server of its own
# for each round; rounds alternate, and medians are printed with their ratios. With STEADY ("5m") LiveRooms are then made at
# 10 a second for so long. 2000 ROOMS give the figures for 4,000, 450 those for a minute at rest with 1,000.
#   tests/bench/scale.sh [ROOMS] [ROUNDS] [STEADY]
set -euo pipefail
unset KUBECONFIG KUBEBUILDER_ASSETS
cd "$(dirname "$0")/../.."
rooms=${1:-500} rounds=${2:-3} steady=${3:-0}
controller=${LIVEROOM_CONTROLLER:-build/release/bin/liveroom-controller}
work=$(mktemp -d "${TMPDIR:-/tmp}/liveroom-scale.XXXXXX")
cluster=tests/cluster/cluster

clean_up() {
  "$cluster" down --dir "$work/api" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT

(cd tests/bench/scale && go build -o "$work/" ./...)
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

for round in $(seq "$rounds"); do
  for name in liveroom go; do
    eval "$("$cluster" up --fresh --api-only --dir "$work/api")"
    port=$(free_port)
    if [ $name = liveroom ]; then
      command=("$controller" run --recorder-image liveroom.example/recorder:1 --namespaces bench --lease-namespace bench --listen "127.0.0.1:$port")
    else
      command=("$work/operator" --namespace bench --listen "127.0.0.1:$port")
    fi
    "$work/drive" -name $name -rooms "$rooms" -crd crds/liveroom.yaml -metrics "$port" -steady "$steady" -- "${command[@]}" | tee -a "$work/results"
    "$cluster" down --dir "$work/api" >/dev/null
    unset KUBECONFIG
  done
done

python3 - "$work/results" "$rooms" "$rounds" <<'END'
import json, statistics, sys
results = [json.loads(line) for line in open(sys.argv[1])]
print(f"\nmedians of {sys.argv[3]} rounds, {sys.argv[2]} LiveRooms cold and as many in the burst")
print(f"{'':16}{'liveroom':>10}{'Go':>10}{'ratio':>8}")
for key in (k for k in results[0] if k not in ('Name', 'Rooms')):
    ours, theirs = (statistics.median(r[key] for r in results if r['Name'] == name) for name in ('liveroom', 'go'))
    print(f"{key:16}{ours:10.2f}{theirs:10.2f}{ours / theirs if theirs else float('nan'):8.2f}")
END
