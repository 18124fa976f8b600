#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A show of the simulator recorded with splitSeconds and splitOnTitleChange: each file plays, begins with a key frame at 0 and
# keeps its limit; together they hold what one connection was sent, every frame once.
#   recording_splits.sh RECORDER SIMULATOR MAKE_MEDIA
set -u
recorder=$1 simulator=$2 make_media=$3
work=$(mktemp -d)
source "$(dirname "$0")/../support/account.sh"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
failed=0
fail() {
  printf 'FAILED: %s\n' "$*"
  failed=1
}
wait_for() { # wait_for SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { fail "never: $*"; return 1; }
    sleep 0.2
  done
}

"$make_media" "$work/media.flv" 60 || exit 1
"$simulator" --listen 127.0.0.1:0 --control 127.0.0.1:0 --media "$work/media.flv" >"$work/ports.json" &
pids+=($!)
wait_for 30 test -s "$work/ports.json" || exit 1
http=http://127.0.0.1:$(jq .http "$work/ports.json")
room=http://127.0.0.1:$(jq .control "$work/ports.json")/rooms
curl -sf "$room" -d '{"roomId": 23058, "title": "before"}' >/dev/null
curl -sf "$room/23058/live" -d '{"pace": 4}' >/dev/null

cat >"$work/room.yaml" <<'YAML'
apiVersion: liveroom.dev/v1alpha1
kind: LiveRoom
metadata: {name: splits}
spec:
  roomId: 23058
  recording: {directory: splits, splitSeconds: 10, splitOnTitleChange: true, fileNameTemplate: "{title}_{part}.{ext}"}
YAML
"$recorder" record "$work/room.yaml" -o "$work/out" --live-api "$http" --api "$http" 2>"$work/log" &
pids+=($!)
files() { find "$work/out" -name "$1" | wc -l; }
at_least() { [ "$(files "$2")" -ge "$1" ]; }
wait_for 60 at_least 2 'before_*.flv' || tail -5 "$work/log"
curl -sf "$room/23058/change" -d '{"title": "after"}' >/dev/null
wait_for 60 at_least 1 'after_*.flv' || tail -5 "$work/log"
curl -sf "$room/23058/stop" -d '{"drainSeconds": 0}' >/dev/null
ended() { grep -q 'Recording ends\|Recording has ended' "$work/log"; }
no_part() { [ "$(files '*.part')" -eq 0 ]; }
wait_for 30 no_part || tail -5 "$work/log"

mapfile -t parts < <(find "$work/out" -name '*.flv' | sort -t_ -k 2 -n)
[ ${#parts[@]} -ge 3 ] || fail "want 3 files or more: ${parts[*]}"
frames() { ffmpeg -nostdin -v error -i "$1" -map 0:v -c copy -f framemd5 - | sed -n 's/^0,.*, //p'; }
for part in "${parts[@]}"; do
  said=$(ffmpeg -nostdin -v warning -xerror -i "$part" -f null - 2>&1) && [ -z "$said" ] || fail "$part does not decode: $said"
  first=$(ffprobe -v error -select_streams v -read_intervals %+#1 -show_entries packet=pts_time,flags -of csv=p=0 "$part")
  [[ $first == *K* ]] || fail "$part does not begin with a key frame: $first"
  frames "$part" >>"$work/got"
  length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$part")
  awk -v l="$length" 'BEGIN { exit !(l <= 10.1) }' || fail "$part is longer than its limit: $length s"
done
# The pictures are those of the media, in a row, from some key frame on.
frames "$work/media.flv" >"$work/media"
cat "$work/media" "$work/media" "$work/media" >"$work/looped"
start=$(grep -n -m 1 -F "$(head -n 1 "$work/got")" "$work/looped" | cut -d: -f1)
[ -n "$start" ] || fail "the first picture is none of the show's"
cmp -s <(tail -n "+${start:-1}" "$work/looped" | head -n "$(wc -l <"$work/got")") "$work/got" || fail "a picture is missing or doubled at a cut"
no_credential "$work" || failed=1
exit $failed
