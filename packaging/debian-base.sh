#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: packaging/debian-base.sh STORE
# Sees to it that a store of buildah has docker.io/library/debian:bookworm-slim: pulled, or, where no registry can be reached, made of Debian's
# packages with mmdebstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/image-lib.sh

[ $# -eq 1 ] || { echo "Usage: $0 STORE" >&2; exit 2; }
store=$1
base=docker.io/library/debian:bookworm-slim

! in_store "$store" inspect --type image "$base" >/dev/null 2>&1 || exit 0
if in_store "$store" pull --quiet --retry 0 "$base" >/dev/null 2>&1; then
  say "pulled $base"
  exit 0
fi
say "$base can't be pulled: making it with mmdebstrap"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing"
work=$(mktemp -d "${TMPDIR:-/tmp}/debian-base.XXXXXX")
container=
trap '[ -z "$container" ] || in_store "$store" rm "$container" >/dev/null; rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/root.tar" \
  'deb http://deb.debian.org/debian bookworm main' \
  'deb http://deb.debian.org/debian bookworm-updates main' \
  'deb http://deb.debian.org/debian-security bookworm-security main'
container=$(in_store "$store" from scratch)
in_store "$store" add --quiet "$container" "$work/root.tar" / >/dev/null
in_store "$store" config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
in_store "$store" commit --quiet "$container" "$base" >/dev/null
say "made $base"
