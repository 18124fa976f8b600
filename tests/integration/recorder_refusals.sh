#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bad input ends liveroom-recorder with exit code 2 and one line that names what is wrong, and leaves nothing behind.
#   recorder_refusals.sh PROGRAM
set -u
program=$1
work=$(mktemp -d)
source "$(dirname "$0")/../support/account.sh"
trap 'rm -rf "$work"' EXIT
failed=0

# refuses WORDS ARGUMENT...: the line must hold the words.
refuses() {
  local words=$1 out status
  shift
  out=$("$program" "$@" 2>&1)
  status=$?
  printf '%s\n' "$out" >>"$work/said"
  if [ $status -ne 2 ] || [ "$(printf '%s\n' "$out" | wc -l)" -ne 1 ] || [[ $out != *"$words"* ]]; then
    printf 'FAILED: %s: exit code %d, want 2 and "%s" in one line; said: %s\n' "$*" $status "$words" "$out"
    failed=1
  fi
}
manifest() {
  printf 'apiVersion: liveroom.dev/v1alpha1\nkind: LiveRoom\nmetadata: {name: a}\nspec:\n%s\n' "$1" >"$work/room.yaml"
}
refuses_manifest() {
  manifest "$2"
  refuses "$1" record "$work/room.yaml" -o "$work/out"
}

refuses --bogus run --bogus
refuses --live-api record 6 -o "$work/out" --live-api nonsense
refuses "no-such-file.json" run --config "$work/no-such-file.json"
refuses "sixty" record sixty -o "$work/out"
refuses "no-such.yaml" record "$work/no-such.yaml" -o "$work/out"
refuses_manifest "spec.roomId" '  roomId: 0'
refuses_manifest "spec.roomId" '  roomId: six'
refuses_manifest "spec.recording.directory" '  {roomId: 6, recording: {directory: "../x"}}'
refuses_manifest "spec.storage" '  {roomId: 6, storage: {claimName: c, volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}}'
refuses_manifest "spec.sream" '  {roomId: 6, sream: {}}'
refuses_manifest "spec.recording.fileNameTemplate" '  {roomId: 6, recording: {fileNameTemplate: "{titel}.{ext}"}}'
refuses_manifest "line" '  {roomId: 6'
printf '{"roomId": "x"' >"$work/config.json"
refuses "config.json" run --config "$work/config.json"
if [ -e "$work/out" ]; then
  echo "FAILED: a refused command made its output folder"
  failed=1
fi
no_credential "$work" || failed=1
exit $failed
