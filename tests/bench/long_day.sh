#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A day of a controller in ten minutes, on an API server of its own: another token each ten minutes of the day (144), while the old one is no longer
# taken, and a restart of the API server each hour. Prints how long work waited after a restart, and the slope of the memory.
#   tests/bench/long_day.sh [HOURS] [SECONDS_AN_HOUR] [ROOMS]
set -euo pipefail
cd "$(dirname "$0")/../.."
export LIVEROOM_DAY_HOURS=${1:-24} LIVEROOM_DAY_HOUR_SECONDS=${2:-24} LIVEROOM_DAY_ROOMS=${3:-200}
build=build/release/e2e
mkdir -p "$build"
(cd tests/e2e && go test -c -o "$OLDPWD/$build/" ./chaos)
cd tests/e2e/chaos
exec "$OLDPWD/$build/chaos.test" -test.v -test.timeout 0 -test.run '^TestHoursOfTokensAndRestartsCostNothing$'
