#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What packaging/release.sh makes: everything is there and fits together, and a second time it is the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
dist=build/release/dist
version=$(scripts/version.sh)
helm=$(tests/cluster/cluster tools)/helm
fail() { echo "release: $*" >&2; exit 1; }

packaging/release.sh
(cd $dist && sha256sum --check --quiet SHA256SUMS)
first=$(cat $dist/SHA256SUMS)
for kind in image-*.tar image-*.spdx.json crd.yaml changes.md; do
  compgen -G "$dist/liveroom-$version-$kind" >/dev/null || fail "no $kind"
done
[ "$(tar -xOf $dist/liveroom-"$version"-image-*.tar manifest.json | jq -r '.[0].RepoTags[0]')" = "localhost/liveroom:$version" ] || fail "the image has another name"
"$helm" lint --strict --quiet "$dist/liveroom-$version.tgz"
cmp <("$helm" template liveroom "$dist/liveroom-$version.tgz") <("$helm" template liveroom charts/liveroom) || fail "the chart renders something else"
grep -q "image: localhost/liveroom:$version\$" "$dist/liveroom-$version.yaml" || fail "the plain YAML names another image"
cmp -s "$dist/liveroom-$version-crd.yaml" crds/liveroom.yaml || fail "another definition"
[ -s "$dist/liveroom-$version-changes.md" ] || fail "nothing about the changes"
packaging/release.sh >/dev/null
[ "$first" = "$(cat $dist/SHA256SUMS)" ] || fail "a second time it is not the same: $(diff <(echo "$first") $dist/SHA256SUMS)"
# The tests after this one want the image under its usual name.
packaging/build-image.sh >/dev/null
echo "release $version: all is there, twice the same"
