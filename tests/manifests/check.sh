#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds what the chart renders, for each value set of its ci folder and as plain YAML, against Kubernetes 1.31 to 1.35: against its Go types, and with kubeconform, the
# examples too, against schemas made from the OpenAPI document in its source (versions/kubernetes says which source; 20 MB each, once).
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

CGO_ENABLED=0 GOWORK=off GOFLAGS= go build -modfile=versions/kubeconform.mod -mod=readonly -trimpath -buildvcs=false -o "$work/kubeconform" \
  github.com/yannh/kubeconform/cmd/kubeconform
# conforms FILE...: by the schemas in $work/schemas. Objects of prometheus-operator are held against its types in tests/monitoring.
conforms() {
  "$work/kubeconform" -strict -summary -schema-location "$work/schemas/{{.Group}}-{{.ResourceAPIVersion}}-{{.ResourceKind}}.json" \
    -skip monitoring.coreos.com/v1/ServiceMonitor,monitoring.coreos.com/v1/PodMonitor,monitoring.coreos.com/v1/PrometheusRule "$@"
}
while read -r version sum; do
  module=$(cd "$work" && GOWORK=off GOFLAGS= go mod download -json "k8s.io/kubernetes@$version")
  grep -qF "\"Sum\": \"$sum\"" <<<"$module" || { echo "k8s.io/kubernetes $version is not what it was: $module"; exit 1; }
  folder=$(sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p' <<<"$module")
  rm -rf "$work/schemas"
  mkdir "$work/schemas"
  ./schemas.py "$folder/api/openapi-spec/swagger.json" "$root/crds/liveroom.yaml" "$work/schemas"
  printf 'kubeconform, Kubernetes %s: ' "$version"
  conforms "$work"/*.yaml "$root"/examples/*.yaml
done <versions/kubernetes
# It would say so.
for wrong in 's/^  roomId:/  roomID:/' 's/^  roomId: .*/  roomId: six/'; do
  sed "$wrong" "$root/examples/liveroom.yaml" >"$work/wrong.yaml"
  ! conforms "$work/wrong.yaml" >/dev/null || { echo "kubeconform takes what is wrong: $wrong"; exit 1; }
done
