#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An hour of chaos on an API server of its own: controllers killed each 30 s, two of them leading at a time, caches 5 s behind, leaders stopped until
# another has taken over. Prints what was done, what it cost in writes, and fails for what must never happen.
#   tests/bench/chaos.sh [SECONDS] [KILL_SECONDS] [ROOMS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
export LIVEROOM_CHAOS_SECONDS=${1:-3600} LIVEROOM_CHAOS_KILL=${2:-30} LIVEROOM_CHAOS_ROOMS=${3:-100} LIVEROOM_CHAOS_SEED=${4:-1}
build=build/release/e2e
mkdir -p "$build"
(cd tests/e2e && go test -c -o "$OLDPWD/$build/" ./chaos)
cd tests/e2e/chaos
exec "$OLDPWD/$build/chaos.test" -test.v -test.timeout 0 -test.run '^TestChaosMakesNoSecondRecorderAndCutsNoRecording$'
