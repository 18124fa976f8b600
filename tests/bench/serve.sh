# SPDX-License-Identifier: Apache-2.0
# For `source`, from the checkout's folder: a simulator with one live room, over HTTP and HTTPS, for as long as the script runs.
# Sets `bin`, `work` (a folder on tmpfs, removed at the end), and writes the ports to $work/ports, the authority to
# $work/ca.pem.
# shellcheck shell=bash
bin=${BIN:-build/release/bin}
work=$(mktemp -d /dev/shm/liveroom-bench.XXXXXX)
simulator=
trap '[ -z "$simulator" ] || kill "$simulator"; wait 2>/dev/null; rm -rf "$work"' EXIT

# MEDIA: a file that exists. Longer than what the repair remembers of key frames: media that comes round is left out as a repeat.
[ -z "${MEDIA:-}" ] || ln -s "$MEDIA" "$work/media.flv"
tests/simulator/make-media.sh "$work/media.flv" 40 high 1920x1080 8000
$bin/bilibili-simulator --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --self-signed "$work" --media "$work/media.flv" \
  --live 1 --tag-records 0 >"$work/ports" &
simulator=$!
until [ -s "$work/ports" ]; do sleep 0.1; done
