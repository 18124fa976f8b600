#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds build/release/image/bilibili-simulator.tar: the simulator and /media/demo.flv, which is made by ffmpeg the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
media=build/release/image/media
mkdir -p "$media"
tests/simulator/make-media.sh "$media/demo.flv"
exec packaging/build-image.sh --simulator "$media"
