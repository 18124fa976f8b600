#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes what a release consists of in build/release/dist: image archive, bill of materials, chart, plain YAML, the definition alone, checksums.
# Everything in it depends on the commit alone. The programs must be built (make programs).
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/image-lib.sh
scripts/check_versions.py
version=$(scripts/version.sh)
dist=build/release/dist
architecture=$(dpkg --print-architecture)
helm=$(command -v helm || echo "$(tests/cluster/cluster tools)/helm")

rm -rf "$dist"
mkdir -p "$dist"
packaging/build-image.sh --tag "localhost/liveroom:$version"
mv build/release/image/liveroom.tar "$dist/liveroom-$version-image-$architecture.tar"
mv build/release/image/liveroom.spdx.json "$dist/liveroom-$version-image-$architecture.spdx.json"
# Packed again, since Helm's archive has the time of packing in it.
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
"$helm" package charts/liveroom --destination "$unpacked" >/dev/null
tar -C "$unpacked" -xzf "$unpacked/liveroom-$version.tgz"
tar -C "$unpacked" --sort=name --mtime="@$(source_epoch)" --owner=0 --group=0 --numeric-owner --mode=go=rX,u=rwX -c liveroom | gzip -n9 >"$dist/liveroom-$version.tgz"
packaging/plain-yaml.sh >"$dist/liveroom-$version.yaml"
cp crds/liveroom.yaml "$dist/liveroom-$version-crd.yaml"
awk -v want="## $version" '/^## / { on = ($0 == want); next } on' CHANGELOG.md >"$dist/liveroom-$version-changes.md"
(cd "$dist" && sha256sum -- * >SHA256SUMS)
ls -l "$dist"
