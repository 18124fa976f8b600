#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the image of both programs, or of the simulator, as an archive that docker, containerd and kind load.
#   packaging/build-image.sh [--from-source] [--platform linux/arm64] [--tag localhost/liveroom:1.2.3]
#                                                   build/release/image/liveroom.tar, localhost/liveroom:dev, and liveroom.spdx.json beside it
#   packaging/build-image.sh --simulator MEDIA_DIR  build/release/image/bilibili-simulator.tar, localhost/bilibili-simulator:dev,
#                                                   with the files of MEDIA_DIR in /media
# With a docker daemon if one answers, else with buildah. On Debian 12 the programs of build/release/bin go into the image: they are built for the
# same system as those of the Dockerfile's first stage. Elsewhere, or with --from-source, that stage builds them; --platform implies it, and needs an
# emulator (qemu-user-static) or a machine of that kind. The same programs and the same commit give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
source packaging/image-lib.sh

# The bar of the design for the image of both programs, with whole 4 KiB blocks for each file.
most_kib=$((28 * 1024))
name=liveroom
programs=(liveroom-controller liveroom-recorder)
from_source=no
media=
tag=
platform=()

while [ $# -gt 0 ]; do
  case $1 in
    --from-source) from_source=yes ;;
    --platform | --tag)
      [ $# -ge 2 ] || usage
      if [ "$1" = --tag ]; then tag=$2; else platform=(--platform "$2") from_source=yes; fi
      shift
      ;;
    --simulator)
      [ $# -ge 2 ] || usage
      name=bilibili-simulator programs=(bilibili-simulator) media=$2 most_kib=
      shift
      ;;
    *) usage ;;
  esac
  shift
done
[ -z "$media" ] || [ -d "$media" ] || fail "$media is not a folder"

if [ "$from_source" = no ] && ! is_debian_12; then
  [ -z "$media" ] || fail "the simulator's image needs Debian 12"
  from_source=yes
fi
[ "$from_source" = no ] || [ -z "$media" ] || fail "--from-source is not for the simulator's image"

folder=build/release/image
archive=$folder/$name.tar
tag=${tag:-localhost/$name:dev}
epoch=$(source_epoch)
mapfile -t labels < <(label_arguments "$epoch" "$(scripts/version.sh)")
mkdir -p "$folder"
work=$(mktemp -d "$folder/work.XXXXXX")
trap 'remove_tree "$work"' EXIT
engine=$(choose_engine)

if [ "$from_source" = yes ]; then
  say "building $tag from source with $engine"
  build_from_source "$engine" "$tag" "$work/image.tar"
else
  say "building $tag from build/release/bin with $engine"
  for program in "${programs[@]}"; do
    [ -x "build/release/bin/$program" ] || fail "build/release/bin/$program is missing: run make programs"
  done
  packaging/image-root.sh "$work/context/image" "${programs[@]/#/build/release/bin/}"
  if [ -n "$media" ]; then
    mkdir "$work/context/image/media"
    find "$media" -maxdepth 1 -type f -exec install -m 0644 -t "$work/context/image/media" {} +
  fi
  last_stage <Dockerfile >"$work/context/Dockerfile"
  build_context "$engine" "$tag" "$work/context" "$work/image.tar"
fi

unpack_archive "$work/image.tar" "$work/unpacked"
! has_shell "$work/unpacked" || fail "there is a shell in the image"
kib=$(du -sk "$work/unpacked" | cut -f1)
for program in "${programs[@]}"; do
  say "$(printf '%-20s %6d KiB' "$program" "$(du -k "$work/unpacked/usr/bin/$program" | cut -f1)")"
done
say "$(printf '%-20s %6d KiB' "libraries" "$(du -sk "$work/unpacked/usr/lib" | cut -f1)")"
say "$(awk -v kib="$kib" -v most="$most_kib" 'BEGIN {
  printf "%-20s %6d KiB unpacked (%.1f MiB%s)", "image", kib, kib / 1024, most ? sprintf(", at most %d", most / 1024) : "" }')"
[ -z "$most_kib" ] || [ "$kib" -le "$most_kib" ] || fail "the image is larger than $most_kib KiB"
[ -z "$(find "$work/unpacked" -perm /6000 -print -quit)" ] || fail "there is a setuid or setgid file in the image"
[ -n "$media" ] || packaging/sbom.py "$work/unpacked" --name "$name" --version "$(scripts/version.sh)" --epoch "$epoch" >"$folder/$name.spdx.json"
mv "$work/image.tar" "$archive"
say "$archive"
