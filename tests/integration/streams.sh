#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `capture` of FLV and HLS addresses, and HLS in a room's recording, as programs against the simulator. Each file is
# held against the media that was served: which of its pictures are there, in which order, and what was reported lost.
#   streams.sh RECORDER SIMULATOR MAKE_MEDIA.sh
set -u
recorder=$1 simulator=$2 make_media=$3
work=$(mktemp -d)
source "$(dirname "$0")/../support/account.sh"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
is() { [ "$2" = "$3" ] || fail "$1: $2, want $3"; }

# Longer than the test: media that comes round would be left out as a repeat.
"$make_media" "$work/media.flv" 40 high 320x180 400 || exit 1
"$simulator" --media "$work/media.flv" --control 127.0.0.1:0 >"$work/ports" &
pids+=($!)
until [ -s "$work/ports" ]; do sleep 0.1; done
site=http://127.0.0.1:$(jq .http "$work/ports")
control=http://127.0.0.1:$(jq .control "$work/ports")
ask() { curl -sf "$control/rooms$1" -d "$2" >/dev/null || fail "control $1 $2"; }
# Addresses as getRoomPlayInfo gives them: ROOM PROTOCOL FORMAT.
address() {
  curl -sf "$site/xlive/web-room/v2/index/getRoomPlayInfo?room_id=$1&protocol=$2&format=$3&codec=0&qn=10000" |
    jq -r '.data.playurl_info.playurl.stream[0].format[0].codec[0] | .url_info[0].host + .base_url + .url_info[0].extra'
}
# Payloads of the pictures, one hash a line.
pictures() { ffmpeg -nostdin -v fatal -i "$1" -map 0:v -c copy -copyinkf -f framemd5 - | grep -v '^#' | sed 's/.*, *//'; }
decoded() { ffmpeg -nostdin -v error -i "$1" -map 0:v -f framemd5 - 2>>"$work/decode-errors" | grep -v '^#' | sed 's/.*, *//'; }
pictures "$work/media.flv" >"$work/source"
decoded "$work/media.flv" >"$work/source-decoded"
count=$(wc -l <"$work/source")
is "pictures of the source" "$count" 1200
# Steps between the pictures of hash lists, in order, on the endless source: "1" each when nothing is lost or doubled.
# Prints how many pictures there are, then every other step.
steps() {
  awk -v n="$count" 'NR == FNR { at[$1] = FNR - 1; next }
    !($1 in at) { print "foreign"; next }
    seen++ { step = (at[$1] - last + n) % n; if (step != 1) odd = odd " " step }
    { last = at[$1] }
    END { print seen + 0 odd }' "$@"
}
# The published files of a folder, oldest first.
files() { find "$1" -name '*.flv' -o -name '*.mp4' | sort; }
nothing_left() { [ -z "$(find "$1" -name '*.part*')" ] || fail "$2: left behind: $(ls "$1")"; }
lost() { jq -s "[.[] | select(.finding == \"$2\") | .lost_ms] | add // 0" "$work/$1.log"; }
found() { jq -s "[.[] | select(.finding == \"$2\")] | length" "$work/$1.log"; }
near() { awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN { exit !(a - b <= t && b - a <= t) }' || fail "$1: $2, want $3 ± $4"; }

# held NAME: how many pictures the files of NAME have, open ones too.
held() {
  local sum=0 file
  while read -r file; do
    sum=$((sum + $(pictures "$file" 2>/dev/null | wc -l)))
  done < <(find "$work/$1" -name '*.flv*' -o -name '*.mp4*')
  echo $sum
}
# has NAME PICTURES: waits until there are so many.
has() {
  local end=$((SECONDS + 90)) seen=0
  while [ "$seen" -lt "$2" ]; do
    [ $SECONDS -lt $end ] || { fail "$1 has $seen pictures after 90 s, want $2"; return; }
    sleep 0.2
    seen=$(held "$1")
  done
}
# segments ROOM N: waits until the room's playlist has so many.
segments() {
  local end=$((SECONDS + 90))
  until [ "$(curl -sf "$(address "$1" 1 2)" | grep -c '^#EXTINF')" -ge "$2" ]; do
    [ $SECONDS -lt $end ] || { fail "no $2 segments of room $1 after 90 s"; return; }
    sleep 0.2
  done
}

# capture NAME ADDRESS: in the background.
capture() {
  "$recorder" capture "$2" -o "$work/$1" --log-format json --socket-timeout 20 2>"$work/$1.log" &
  pids+=($!)
  running[$1]=$!
}
declare -A running
# ended NAME CODE: waits for it.
ended() {
  wait "${running[$1]}"
  is "$1: exit code" $? "$2"
}
said() { grep -q -- "$2" "$work/$1.log" || fail "$1: wants \"$2\" in: $(tail -3 "$work/$1.log")"; }

# --- addresses that are no streams
ask '' '{"roomId": 1}'
capture absent "$site/direct/1.flv"
ended absent 1
said absent "status 404"
ask /1/live '{}'
ask /1/faults '{"media": [{"html": true}]}'
capture page "$site/direct/1.flv"
ended page 3
said page "text/html"
is "lines that a page is worth" "$(grep -c '^liveroom-recorder:' "$work/page.log")" 1
capture nobody http://127.0.0.1:1/x.flv
ended nobody 1
"$recorder" capture ftp://x/y.flv -o "$work/bad" 2>/dev/null
is "a bad address" $? 2
"$recorder" capture "$site/direct/1.flv" -o /proc/nowhere >/dev/null 2>&1
is "a folder that can not be written" $? 1
capture text "$site/direct/../xlive/web-room/v2/index.m3u8"
ended text 1
for name in absent page nobody bad text; do [ -z "$(files "$work/$name" 2>/dev/null)" ] || fail "$name left a file"; done

# --- FLV: flat out, broken off, interrupted
capture flat "$site/direct/1.flv?pace=0&bytes=1500000"
ended flat 0
nothing_left "$work/flat" flat
is "flat: files" "$(files "$work/flat" | wc -l)" 1
pictures "$(files "$work/flat")" >"$work/flat.list"
is "flat: steps" "$(steps "$work/source" "$work/flat.list" | cut -d' ' -f2-)" "$(wc -l <"$work/flat.list")"
capture cut "$(address 1 0 0)"
capture interrupted "$site/direct/1.flv"
has interrupted 60
kill -INT "${running[interrupted]}"
ended interrupted 0
ask /1/drop '{"how": "cut"}'
ended cut 1
said cut "ended early"
for name in cut interrupted; do
  nothing_left "$work/$name" "$name"
  pictures "$(files "$work/$name")" >"$work/$name.list"
  is "$name: steps" "$(steps "$work/source" "$work/$name.list" | cut -d' ' -f2-)" "$(wc -l <"$work/$name.list")"
done

# --- HLS: one room for each fault, all at once
declare -A fault=(
  [clean]='{}' [missing]='{"missing": 2}' [damaged]='{"damaged": 2}' [short]='{"cut": 2}'
  [unchecked]='{"cut": 2, "checks": false}' [window]='{"refuseSeconds": 13, "window": 5}'
  [restart]='{"restart": true}' [samemap]='{"map": "same"}' [othermap]='{"map": "other"}' [halfmap]='{}'
)
room=100
for name in "${!fault[@]}"; do
  room=$((room + 1))
  rooms[$room]=$name
  ask '' "{\"roomId\": $room, \"formats\": [\"fmp4\"]}"
  ask /$room/live '{"timestampBase": 5000000}'
  [ $name != halfmap ] || ask /$room/hls '{"halfMaps": 1}'
done
for room in "${!rooms[@]}"; do segments "$room" 1; done
for room in "${!rooms[@]}"; do capture "${rooms[$room]}" "$(address "$room" 1 2)"; done
for name in "${!fault[@]}"; do has "$name" 60; done
for room in "${!rooms[@]}"; do ask "/$room/hls" "${fault[${rooms[$room]}]}"; done
has clean 690
for room in "${!rooms[@]}"; do
  ask "/$room/hls" '{"endList": true}'
  ask "/$room/stop" '{"drainSeconds": 0}'
done
for name in "${!fault[@]}"; do
  ended $name 0
  nothing_left "$work/$name" $name
  : >"$work/decode-errors"
  : >"$work/$name.list"
  : >"$work/$name.decoded"
  while read -r file; do
    pictures "$file" >>"$work/$name.list"
    decoded "$file" >>"$work/$name.decoded"
    start=$(ffprobe -v error -show_entries format=start_time -of csv=p=0 "$file")
    near "$name: start of $file" "$start" 0.05 0.1
  done < <(files "$work/$name")
  steps "$work/source" "$work/$name.list" >"$work/$name.steps"
  [ "$name" = window ] || [ ! -s "$work/decode-errors" ] || fail "$name does not decode: $(head -2 "$work/decode-errors")"
  # A piece may end between a picture and those that are shown before it: then the last step is over these.
  [ "$name" = window ] || is "$name: decoded pictures" \
    "$(steps "$work/source-decoded" "$work/$name.decoded" | sed 's/ [23]$//')" "$(cat "$work/$name.steps")"
  read -r seen odd <"$work/$name.steps"
  [ "$seen" -ge 300 ] || fail "$name: only $seen pictures"
  case $name in
    missing | damaged | short | unchecked) # a whole group of pictures: two seconds
      is "$name: steps" "$odd" 61
      kind=segment_damaged
      [ $name != missing ] || kind=segment_missing
      is "$name: findings" "$(found $name $kind)" 1
      near "$name: lost" "$(lost $name $kind)" 2000 34 ;;
    window)
      near "$name: lost" "$(lost $name window_passed)" $(((odd - 1) * 100 / 3)) 34
      [ "$(found $name window_passed)" = 1 ] || fail "window: $(cat "$work/window.steps")" ;;
    *) is "$name: steps" "$odd" "" ;;
  esac
  expected=1
  case $name in restart | othermap) expected=2 ;; esac
  is "$name: files" "$(files "$work/$name" | wc -l)" $expected
done
is "restart: findings" "$(found restart sequence_restarted)" 1
is "samemap: findings" "$(found samemap init_changed)" 1
is "othermap: findings" "$(found othermap configuration_changed)" 1
is "halfmap: findings" "$(found halfmap init_unreadable)" 1

# --- HLS in a room's recording: the wanted format comes late, or never, and a kill
manifest() {
  printf 'apiVersion: liveroom.dev/v1alpha1\nkind: LiveRoom\nmetadata: {name: "%s"}\nspec: {roomId: %s, stream: {formats: [fmp4, flv]}}\n' \
    "$1" "$2" >"$work/$1.yaml"
}
record() {
  "$recorder" record "$work/$1.yaml" -o "$work/$1" --live-api "$site" --api "$site" --log-format json 2>>"$work/$1.log" &
  pids+=($!)
  running[$1]=$!
}
ask '' '{"roomId": 201, "formats": ["flv", "fmp4"], "fmp4DelaySeconds": 3}'
ask '' '{"roomId": 202, "formats": ["flv"]}'
manifest late 201
manifest never 202
for name in late never; do record $name; done
for name in late never; do until grep -q 'danmaku connected' "$work/$name.log"; do sleep 0.1; done; done
ask /201/live '{}'
ask /202/live '{}'
has late 150
kill -9 "${running[late]}"
wait "${running[late]}" 2>/dev/null
before=$(files "$work/late" | wc -l)
record late
until [ "$(files "$work/late" | wc -l)" -gt "$before" ]; do sleep 0.2; done # the leftover is published
has late $(($(held late) + 200))
has never 150
for name in late never; do
  kill -INT "${running[$name]}"
  ended $name 0
  nothing_left "$work/$name" $name
done
is "late: kinds of files" "$(files "$work/late" | sed 's/.*\.//' | sort -u | tr '\n' ' ')" "mp4 "
[ "$(files "$work/late" | wc -l)" -ge 2 ] || fail "late: the file from before the kill is not published"
is "never: kinds of files" "$(files "$work/never" | sed 's/.*\.//' | sort -u | tr '\n' ' ')" "flv "
: >"$work/decode-errors"
while read -r file; do
  pictures "$file" >>"$work/late.list"
  [ "$(pictures "$file" | wc -l)" -ge 30 ] || fail "late: $file is short"
done < <(files "$work/late")
is "late: steps over the kill" "$(steps "$work/source" "$work/late.list" | cut -d' ' -f2-)" "$(wc -l <"$work/late.list")"
# The part behind the kill may begin where the one before has the beginning of the pictures: decoded as one.
while read -r file; do
  ffmpeg -nostdin -v quiet -i "$file" -map 0:v -c copy -copyinkf -f h264 -
done < <(files "$work/late") >"$work/late.h264"
ffmpeg -nostdin -v error -f h264 -i "$work/late.h264" -fps_mode passthrough -f framemd5 - 2>>"$work/decode-errors" |
  grep -v '^#' | sed 's/.*, *//' >"$work/late.decoded"
is "late: decoded steps" "$(steps "$work/source-decoded" "$work/late.decoded" | sed 's/ [23]$//')" "$(wc -l <"$work/late.list")"
[ ! -s "$work/decode-errors" ] || fail "late does not decode: $(head -2 "$work/decode-errors")"

no_credential "$work" || failed=1
[ $failed = 0 ] || [ -z "${KEEP:-}" ] || { trap - EXIT; kill "${pids[@]}" 2>/dev/null; echo "kept: $work"; }
exit $failed
