#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every test of the project in one run of ctest, which prints the totals: checks, unit tests, integration tests on a real
# API server, end-to-end tests on a real Kubernetes. What was brought up is taken down again, however the run ends.
#   LABELS='unit|lint' scripts/test.sh     runs only these (no cluster is needed for unit and lint)
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/release
labels=${LABELS:-.}
work=$(mktemp -d "${TMPDIR:-/tmp}/liveroom-test.XXXXXX")
cluster=tests/cluster/cluster
started=$SECONDS

say() { printf '[%4d s] %s\n' $((SECONDS - started)) "$*"; }
wants() { [[ $1 =~ $labels ]]; }

clean_up() {
  local status=$?
  trap - EXIT INT TERM
  for dir in "$work"/full "$work"/api; do
    [ -d "$dir" ] && "$cluster" down --dir "$dir" >"$work/down.log" 2>&1 || true
  done
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT INT TERM

if wants e2e && [ "$(id -u)" -ne 0 ]; then
  echo "The end-to-end tests bring up a whole Kubernetes, which needs root. The others: LABELS='lint|unit|integration' make test" >&2
  exit 1
fi
say "building"
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)"

if wants integration || wants e2e; then
  say "building the test Kubernetes (cached after the first time)"
  "$cluster" build
  say "building the tests in Go"
  mkdir -p "$build/e2e"
  (cd tests/e2e && go vet ./... && go test -c -o "$OLDPWD/$build/e2e/" ./...)
  say "starting an API server"
  eval "$("$cluster" up --api-only --dir "$work/api")"
fi
if wants e2e; then
  say "building the images"
  packaging/build-image.sh
  packaging/build-simulator-image.sh
  say "starting a Kubernetes"
  up=$(unset KUBECONFIG; "$cluster" up --audit --dir "$work/full")
  LIVEROOM_E2E_KUBECONFIG=$(eval "$up" && echo "$KUBECONFIG")
  export LIVEROOM_E2E_KUBECONFIG LIVEROOM_E2E_CLUSTER=$work/full
  for image in "$build"/image/liveroom.tar "$build"/image/bilibili-simulator.tar; do
    "$cluster" load --dir "$work/full" "$image"
  done
fi

say "running the tests"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" -L "$labels"
say "done"
