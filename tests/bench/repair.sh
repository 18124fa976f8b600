#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How fast `liveroom-recorder repair` is beside `cp` of the same warm file, on tmpfs, in turns.
#   tests/bench/repair.sh [MEBIBYTES, default 1024] [ROUNDS, default 5]
# Prints one JSON line: medians in seconds, and the ratio of speeds (1 = as fast as cp). PROGRAM overrides the binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
mebibytes=${1:-1024}
rounds=${2:-5}
program=${PROGRAM:-build/release/bin/liveroom-recorder}
work=$(mktemp -d /dev/shm/liveroom-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

# A stream as rooms send it: 1080p30 of 8 Mbit/s with a key frame every two seconds, AAC of 128 kbit/s; no two frames are equal.
python3 - "$work/show.flv" "$mebibytes" <<'PYTHON'
import os
import struct
import sys


def tag(kind, time, body):
    head = struct.pack('>B', kind) + struct.pack('>I', len(body))[1:] + struct.pack('>I', time & 0xFFFFFF)[1:]
    return head + bytes([time >> 24 & 0xFF, 0, 0, 0]) + body + struct.pack('>I', len(body) + 11)


def picture(key, size):
    return bytes([0x17 if key else 0x27, 1, 0, 0, 0]) + struct.pack('>I', size) + bytes([0x65 if key else 0x41]) + os.urandom(size - 1)


path, mebibytes = sys.argv[1], int(sys.argv[2])
avc = bytes.fromhex('1700000000' '0142001EFFE1' '00096742001EF40A0FC800' '01000468CE3C80')
with open(path, 'wb') as out:
    out.write(b'FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00')
    out.write(tag(9, 0, avc))
    out.write(tag(8, 0, bytes.fromhex('AF001190')))
    frame = sound = 0
    while out.tell() < mebibytes << 20:
        time = frame * 1000 // 30
        while sound * 1024 * 1000 // 48000 <= time:
            out.write(tag(8, sound * 1024 * 1000 // 48000, b'\xaf\x01' + os.urandom(340)))
            sound += 1
        key = frame % 60 == 0
        out.write(tag(9, time, picture(key, 160_000 if key else 30_000)))
        frame += 1
PYTHON

seconds() {
  local start=$EPOCHREALTIME
  "$@" >/dev/null
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f\n", b - a }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for ((i = 0; i < rounds; i++)); do
  seconds cp "$work/show.flv" "$work/copy.flv" >>"$work/cp"
  rm "$work/copy.flv"
  seconds "$program" repair "$work/show.flv" -o "$work/out" >>"$work/repair"
  rm -r "$work/out"
done
awk -v cp="$(median <"$work/cp")" -v repair="$(median <"$work/repair")" -v size="$mebibytes" \
  'BEGIN { printf "{\"mebibytes\": %d, \"cpSeconds\": %.3f, \"repairSeconds\": %.3f, \"ratio\": %.2f}\n", size, cp, repair, cp / repair }'
