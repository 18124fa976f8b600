#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ROOMS rooms that record and as many that are idle, on a node of their own, through an image that is nowhere, an upgrade and a drain. Prints times, and
# fails when a recording is cut. Root; build first: make image && packaging/build-simulator-image.sh
#   tests/bench/upgrade.sh [ROOMS]
set -euo pipefail
unset KUBECONFIG
cd "$(dirname "$0")/../.."
export LIVEROOM_UPGRADE_ROOMS=${1:-20}
root=$PWD build=$PWD/build/release cluster=$PWD/tests/cluster/cluster
work=$(mktemp -d "${TMPDIR:-/tmp}/liveroom-upgrade.XXXXXX")
trap '"$cluster" down --dir "$work/full" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
mkdir -p "$build/e2e"
(cd tests/e2e && go test -c -o "$build/e2e/" ./install)
up=$("$cluster" up --dir "$work/full")
LIVEROOM_E2E_KUBECONFIG=$(eval "$up" && echo "$KUBECONFIG")
export LIVEROOM_E2E_KUBECONFIG LIVEROOM_E2E_CLUSTER=$work/full
for image in liveroom bilibili-simulator; do "$cluster" load --dir "$work/full" "$build/image/$image.tar"; done
cd "$root/tests/e2e/install"
"$build/e2e/install.test" -test.v -test.timeout 0 -test.run '^TestAnUpgradeAndADrainCutNoRecording$'
