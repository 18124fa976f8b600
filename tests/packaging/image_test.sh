#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: image_test.sh ARCHIVE SBOM
# What the image of packaging/build-image.sh must be: labels, user, content, size, bill of materials; and the same bytes when it is built again.
set -euo pipefail
cd "$(dirname "$0")/../.."
source packaging/image-lib.sh
archive=$(realpath "$1") sbom=$(realpath "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/image-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0
expect() {
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "NOT: $what" >&2; failed=1; fi
}
is() { [ "$1" = "$2" ] || { echo "  $1, and not $2" >&2; return 1; }; }
empty() { [ -z "$1" ] || { printf '  %s\n' "$1" >&2; return 1; }; }

mkdir "$work/parts"
tar -C "$work/parts" -xf "$archive"
config=$work/parts/$(jq -r '.[0].Config' "$work/parts/manifest.json")
label() { jq -r --arg name "org.opencontainers.image.$1" '.config.Labels[$name]' "$config"; }
expect "the user is 65532" is "$(jq -r .config.User "$config")" 65532:65532
expect "no entry point, no command" is "$(jq -c '[.config.Entrypoint, .config.Cmd]' "$config")" '[null,null]'
expect "the version is that of the project" is "$(label version)" "$(scripts/version.sh)"
expect "the licence is named" is "$(label licenses)" Apache-2.0
expect "the title is named" is "$(label title)" liveroom
expect "the revision is the commit" is "$(label revision)" "$(git rev-parse HEAD 2>/dev/null || echo unknown)"
expect "the time is the commit's" is "$(label created)" "$(date -u -d "@$(source_epoch)" +%Y-%m-%dT%H:%M:%SZ)"

root=$work/root
unpack_archive "$archive" "$root"
expect "no shell" empty "$(find "$root" \( -name sh -o -name bash -o -name dash -o -name busybox \))"
expect "no package manager" empty "$(find "$root" \( -name 'dpkg*' -o -name 'apt*' -o -name apk -o -name rpm \) -type f)"
expect "no setuid or setgid file" empty "$(find "$root" -perm /6000)"
expect "nothing that others may write" empty "$(find "$root" ! -type l -perm /022)"
expect "only two programs" is "$(find "$root/usr/bin" -type f -printf '%f\n' | sort | tr '\n' ' ')" "liveroom-controller liveroom-recorder "
expect "no bundle of authorities" empty "$(find "$root/etc/ssl" -name '*.crt' -o -name '*.pem')"
expect "authorities by hash" test "$(find "$root/etc/ssl/certs" -name '????????.[0-9]' | wc -l)" -gt 100
expect "time zones" test -e "$root/usr/share/zoneinfo/Asia/Shanghai"
expect "at most 28 MiB" test "$(du -sk "$root" | cut -f1)" -le $((28 * 1024))
expect "the Dockerfile names no architecture" empty "$(grep -nE 'amd64|x86|arm64|aarch64' Dockerfile packaging/image-root.sh | grep -v '^[^:]*:[0-9]*: *#')"

# Each file of the image is in the bill of materials with its checksum, each library under a package with a version.
(cd "$root" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | awk '{ print $1, substr($0, 67) }') >"$work/files"
jq -r '.files[] | "\(.checksums[] | select(.algorithm == "SHA256").checksumValue) \(.fileName)"' "$sbom" | LC_ALL=C sort -k 2 >"$work/listed"
expect "the bill of materials lists exactly the files of the image" cmp "$work/files" "$work/listed"
expect "it is SPDX 2.3" is "$(jq -r .spdxVersion "$sbom")" SPDX-2.3
expect "every library belongs to a package" empty "$(jq -r '(.relationships | map(select(.spdxElementId == "SPDXRef-Image" and .relationshipType == "CONTAINS").relatedSpdxElement)) as $own
  | .files[] | select(.SPDXID as $id | $own | index($id)) | .fileName' "$sbom" | grep '\.so' || true)"
expect "every package has a version" empty "$(jq -r '.packages[] | select((.versionInfo // "") == "").name' "$sbom")"
expect "OpenSSL, the C library and Boost are among them" is \
  "$(jq -r '.packages[].name | select(. == "libssl3" or . == "libc6" or . == "libboost1.74-dev")' "$sbom" | sort | tr '\n' ' ')" "libboost1.74-dev libc6 libssl3 "
# Each header of /usr/include that the programs were made with is of a Debian source package that the bill of materials has something of: libraries linked as
# archives, or that are headers alone, have no file in the image that would tell. One header a folder is enough; the kernel's are an interface.
ninja -C build/release -t deps | awk '/^[^ ]/ { ours = /^(lib|controller|recorder)\// } ours && $1 ~ /^\/usr\/include\// { print $1 }' | LC_ALL=C sort -u |
  awk -F/ '{ folder = $4 ~ /-linux-gnu$/ ? $4 "/" $5 : $4; if (!(folder in seen)) { seen[folder]; print } }' | xargs dpkg-query -S | sed 's/[:,].*//' | sort -u |
  xargs dpkg-query -W -f '${source:Package}\n' | grep -vx linux | sort -u >"$work/compiled"
jq -r '.packages[].sourceInfo // empty' "$sbom" | sed -n 's/^Debian source package \([^ ]*\).*/\1/p' | sort -u >"$work/told"
expect "headers of several libraries are seen" test "$(wc -l <"$work/compiled")" -gt 10
expect "everything that was compiled in is in the bill of materials" empty "$(comm -23 "$work/compiled" "$work/told")"

sum=$(sha256sum <"$archive")
cp "$archive" "$work/first.tar"
cp "$sbom" "$work/first.json"
packaging/build-image.sh >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
expect "built again it is the same, byte for byte" is "$(sha256sum <build/release/image/liveroom.tar)" "$sum"
expect "so is the bill of materials" cmp build/release/image/liveroom.spdx.json "$work/first.json"
exit $failed
