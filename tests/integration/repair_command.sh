#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `liveroom-recorder repair` as a program, on media that ffmpeg encoded.
#   repair_command.sh PROGRAM
set -u
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
  printf 'FAILED: %s\n' "$*"
  failed=1
}

# decodes FILE: without a word from ffmpeg. frames FILE: hashes of its pictures and sounds, without times.
decodes() {
  local said
  said=$(ffmpeg -nostdin -v warning -xerror -i "$1" -f null - 2>&1) && [ -z "$said" ] || fail "$1 does not decode: $said"
}
frames() { ffmpeg -nostdin -v error -i "$1" -map 0 -c copy -f framemd5 - | sed -n 's/^\([01]\),.*, \([0-9a-f]*\)$/\1 \2/p' | sort -s -k 1,1; }
same_frames() { cmp -s <(frames "$1") <(for file in "${@:2}"; do frames "$file"; done | sort -s -k 1,1) || fail "$1 and ${*:2} differ in frames"; }
# repairs EXIT_CODE ARGUMENT...: standard output in $out
repairs() {
  local want=$1 status
  shift
  out=$("$program" repair "$@" 2>"$work/errors")
  status=$?
  [ $status -eq "$want" ] || fail "repair $*: exit code $status, want $want; $(cat "$work/errors")"
}
count() { jq -r ".counts.$1 // 0" <<<"$out"; }

ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=25:duration=20 -f lavfi -i "sine=frequency=440:beep_factor=2:duration=20" \
  -c:v libx264 -preset ultrafast -g 25 -b:v 800k -pix_fmt yuv420p -c:a aac -f flv "$work/show.flv" || exit 1

# One whole file: the same frames, an index, nothing to find; and again: the same bytes.
repairs 0 "$work/show.flv" -o "$work/once"
decodes "$work/once/show.flv"
same_frames "$work/show.flv" "$work/once/show.flv"
grep -q "^wrote $work/once/show.flv  0:00:" <<<"$out" || fail "the report does not name the file: $out"
repairs 0 "$work/once/show.flv" -o "$work/twice"
cmp "$work/once/show.flv" "$work/twice/show.flv" || fail "repairing its own output changes it"
grep -q 'nothing to repair' <<<"$out" || fail "its own output is found to be damaged: $out"

# --check writes nothing; nothing is overwritten.
repairs 0 --check --json "$work/show.flv"
[ "$(jq -r .written <<<"$out")" = false ] || fail "--check says that it wrote"
[ "$(ls "$work")" = "$(printf 'errors\nonce\nshow.flv\ntwice')" ] || fail "--check left something: $(ls "$work")"
repairs 0 "$work/show.flv" -o "$work/once"
cmp "$work/once/show.flv" "$work/once/show_2.flv" || fail "the second of a name is not NAME_2.flv"

# Two connections of one show: the first breaks inside a tag, the second begins before that. Every frame once.
size=$(stat -c %s "$work/show.flv")
head -c $((size * 2 / 3)) "$work/show.flv" >"$work/first.flv"
repairs 0 --json "$work/first.flv" "$work/show.flv" -o "$work/joined"
cmp "$work/once/show.flv" "$work/joined/first.flv" || fail "the joined file is not the whole one"
[ "$(count truncated_tag)" = 1 ] || fail "the cut tag was not found: $out"

# A page of zeros over the middle, garbage at the end: what is whole stays, and plays.
cp "$work/show.flv" "$work/zeros.flv"
dd if=/dev/zero of="$work/zeros.flv" bs=4096 seek=$((size / 8192)) count=1 conv=notrunc status=none
head -c 700 /dev/urandom >>"$work/zeros.flv"
repairs 0 --json "$work/zeros.flv" -o "$work/zeros"
[ "$(count resync)" -ge 1 ] || fail "the hole was not found: $out"
[ "$(ffprobe -v error -count_packets -select_streams a -show_entries stream=nb_read_packets -of csv=p=0 "$work/zeros/zeros.flv")" -gt 800 ] ||
  fail "too much is gone with the zeros"
repairs 0 "$work/zeros/zeros.flv" -o "$work/zeros-again"
cmp "$work/zeros/zeros.flv" "$work/zeros-again/zeros.flv" || fail "repairing a repaired file changes it"

# Limits: no file above, every frame once, each decodes.
repairs 0 --json --split-size 1Mi "$work/show.flv" -o "$work/small"
[ "$(jq '.files | length' <<<"$out")" -gt 1 ] || fail "no split by size: $out"
[ "$(jq '[.files[].bytes] | max' <<<"$out")" -le 1048576 ] || fail "a file is larger than the limit: $out"
mapfile -t parts < <(jq -r '.files[].file' <<<"$out")
same_frames "$work/show.flv" "${parts[@]}"
for part in "${parts[@]}"; do decodes "$part"; done
repairs 0 --json --split-seconds 10 "$work/show.flv" -o "$work/short"
[ "$(jq '[.files[].durationMs] | max' <<<"$out")" -le 10000 ] || fail "a file is longer than the limit: $out"

# refuses WORDS ARGUMENT...: exit code 2, and one line that holds the words.
refuses() {
  local words=$1 said
  shift
  repairs 2 "$@"
  said=$(cat "$work/errors")
  [ "$(wc -l <"$work/errors")" -eq 1 ] && [[ $said == *"$words"* ]] || fail "repair $*: want \"$words\" in one line; said: $said"
}
printf '<html>expired</html>' >"$work/page.flv"
: >"$work/empty.flv"
refuses "$work/none.flv" "$work/none.flv" -o "$work/no"
refuses "$work/page.flv" "$work/show.flv" "$work/page.flv" -o "$work/no"
refuses "$work/empty.flv" "$work/empty.flv" -o "$work/no"
refuses "$work/once" "$work/once" -o "$work/no"
refuses --output "$work/show.flv"
refuses --output "$work/show.flv" -o "$work/page.flv"
refuses files -o "$work/no"
refuses --split-size "$work/show.flv" -o "$work/no" --split-size big
refuses --split-seconds "$work/show.flv" -o "$work/no" --split-seconds 3
refuses --gaps "$work/show.flv" -o "$work/no" --gaps open
[ -e "$work/no" ] && fail "a refused command made its output folder"
printf 'FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00' >"$work/header.flv"
repairs 1 "$work/header.flv" -o "$work/no-media"
[ -e "$work/no-media" ] && fail "a file without media made a folder"
exit $failed
