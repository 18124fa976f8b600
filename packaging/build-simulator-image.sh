#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds build/release/image/bilibili-simulator.tar: the simulator and /media/show.flv, which is made by ffmpeg the first time. It is
# longer than any show of the tests and the demo: what comes round again would be taken for a server that repeats itself.
# Without B frames, so that a picture is one tag, in order, also where a stream is cut.
set -euo pipefail
cd "$(dirname "$0")/.."
media=build/release/image/media
mkdir -p "$media"
tests/simulator/make-media.sh "$media/show.flv" 240 baseline 640x360 500
exec packaging/build-image.sh --simulator "$media"
