#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the FLV file that the simulator loops: H.264 and AAC, one key frame each 2 s, every picture different.
# The same arguments give the same bytes. An existing file of that name is kept.
#   make-media.sh OUT.flv [SECONDS] [PROFILE: baseline|high] [SIZE] [KBIT]
set -euo pipefail

out=${1:?usage: make-media.sh OUT.flv [SECONDS] [baseline|high] [SIZE] [KBIT]}
seconds=${2:-8}
profile=${3:-high}
size=${4:-640x360}
kbit=${5:-1000}

[ ! -s "$out" ] || exit 0
case $profile in
  baseline) pictures=(-profile:v baseline -bf 0) ;;
  high) pictures=(-profile:v high -bf 2) ;;
  *) echo "make-media.sh: the profile is baseline or high, not $profile" >&2; exit 2 ;;
esac

# The encoder delays sound a little; so much shorter, it ends with the pictures and the loop closes without a hole.
sound=$(awk -v s="$seconds" 'BEGIN { printf "%.3f", s - 0.1 }')

# A name of its own, so that two builders at a time do not write into one file.
unfinished=$(mktemp "$out.XXXXXX")
trap 'rm -f "$unfinished"' EXIT
ffmpeg -hide_banner -loglevel error -nostdin -y -fflags +bitexact \
  -f lavfi -i "testsrc2=size=$size:rate=30:duration=$seconds" \
  -f lavfi -i "sine=frequency=440:beep_factor=4:sample_rate=44100:duration=$sound" \
  -map 0:v -map 1:a -c:v libx264 "${pictures[@]}" -preset veryfast -pix_fmt yuv420p -threads 1 \
  -b:v "${kbit}k" -maxrate "${kbit}k" -bufsize "$((kbit * 2))k" -g 60 -keyint_min 60 -sc_threshold 0 \
  -c:a aac -b:a 96k -ac 2 -flags:v +bitexact -flags:a +bitexact -fflags +bitexact \
  -flvflags no_duration_filesize -f flv "$unfinished"
chmod 644 "$unfinished"
mv -f "$unfinished" "$out"
