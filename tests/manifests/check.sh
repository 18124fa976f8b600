#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds what the chart renders, for each value set of its ci folder and as plain YAML, against the types of Kubernetes 1.31 to 1.35.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
helm=$("$root/tests/cluster/cluster" tools)/helm
work=$(mktemp -d "${TMPDIR:-/tmp}/manifests.XXXXXX")
trap 'rm -rf "$work"' EXIT
for values in "$root"/charts/liveroom/ci/*-values.yaml; do
  "$helm" template liveroom "$root/charts/liveroom" --namespace system --values "$values" >"$work/$(basename "$values")"
done
"$root/packaging/plain-yaml.sh" >"$work/plain.yaml"
for module in versions/1.31.mod versions/1.32.mod versions/1.33.mod go.mod versions/1.35.mod; do
  version=$(sed -n 's|^\tk8s.io/api v0\.|1.|p' $module)
  CGO_ENABLED=0 GOWORK=off GOFLAGS= go build -modfile=$module -mod=readonly -trimpath -buildvcs=false -o "$work/manifests" .
  for rendered in "$work"/*.yaml; do
    printf 'Kubernetes %s, %s: ' "$version" "$(basename "$rendered")"
    "$work/manifests" <"$rendered"
  done
done
