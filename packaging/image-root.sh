#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: packaging/image-root.sh DIR PROGRAM...
# Collects in DIR, which must not exist yet, the whole file system of a container image: the programs (stripped, in /usr/bin), the shared
# libraries they load, certificate authorities, time zones, and the few files of /etc that the C library reads. No shell, no package manager.
# /var/lib/dpkg/status.d says which Debian packages that is (the form that image scanners know): NAME and NAME.md5sums.
# Runs on Debian, on a developer's machine or in the build stage of the Dockerfile.
set -euo pipefail
umask 022

fail() { echo "image-root: $*" >&2; exit 1; }

[ $# -ge 2 ] || { echo "Usage: $0 DIR PROGRAM..." >&2; exit 2; }
root=$1
shift
[ ! -e "$root" ] || fail "$root is already there"
authorities=/usr/share/ca-certificates/mozilla
zones=/usr/share/zoneinfo
[ -d "$authorities" ] || fail "$authorities is missing: install ca-certificates"
[ -f "$zones/Asia/Shanghai" ] || fail "$zones is incomplete: install tzdata"

# Which package a file of the image belongs to: lines "PACKAGE FILE", FILE as in the image without its slash.
owners=$(mktemp)
trap 'rm -f "$owners"' EXIT
# Compiled into the programs from headers or archives, so that no file of theirs is here.
header_packages=(libboost1.74-dev libcli11-dev libprotobuf-dev libspdlog-dev nlohmann-json3-dev)

mkdir -p "$root"/{etc/ssl/certs,usr/bin,usr/lib,usr/share/zoneinfo,proc,sys,dev}
ln -s usr/bin "$root/bin"
ln -s usr/lib "$root/lib"

# What ldd names is copied under the name it is looked for by, into the folder that the loader finds it in by itself: no cache, no links.
copy_libraries() {
  local name path
  ldd "$1" | awk '$2 == "=>" { print $1, $3 } $1 ~ /^\// { print $1, $1 }' | while read -r name path; do
    [ -f "$path" ] || fail "$1 needs $name, which is not there"
    case $name in
      /*) copy_loader "$name" ;;
      *) install_once "$path" "$root/usr/lib/$(library_folder "$path")$name" ;;
    esac
  done
}

# The path of a library's folder below /usr/lib, "" or "x86_64-linux-gnu/".
library_folder() {
  local folder
  folder=$(dirname "$(realpath "$1")")
  case $folder/ in
    /usr/lib/*) folder=${folder#/usr/lib}; folder=${folder#/}; echo "${folder:+$folder/}" ;;
    *) fail "$1 is outside /usr/lib: build with Debian's libraries" ;;
  esac
}

# The program's own loader is named by its full path, for example /lib64/ld-linux-x86-64.so.2.
copy_loader() {
  local folder
  folder=$(dirname "$1")
  if [ "$folder" != /lib ] && [ ! -e "$root$folder" ]; then
    mkdir -p "$root/usr$folder"
    ln -s "usr$folder" "$root$folder"
  fi
  install_once "$1" "$root$1"
}

install_once() {
  [ ! -e "$2" ] || return 0
  install -D -m 0755 "$1" "$2"
  echo "$(package_of "$1") $(realpath --relative-to="$root" "$2")" >>"$owners"
}

# dpkg knows a library by the path in its package, with or without /usr.
package_of() {
  local path
  path=$(realpath "$1")
  { dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "${path#/usr}"; } | sed 's/[:,].*//;q'
}

# Certificate authorities as files named by the hash of their subject, which OpenSSL reads one by one when it needs them. There is no bundle file:
# a program that finds one reads it whole.
copy_authorities() {
  local certificate hash number
  for certificate in "$authorities"/*.crt; do
    hash=$(openssl x509 -noout -subject_hash -in "$certificate")
    number=0
    while [ -e "$root/etc/ssl/certs/$hash.$number" ]; do number=$((number + 1)); done
    install -m 0644 "$certificate" "$root/etc/ssl/certs/$hash.$number"
    echo "ca-certificates etc/ssl/certs/$hash.$number" >>"$owners"
  done
  mkdir -p "$root/usr/lib/ssl"
  ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"  # OpenSSL's default folder on Debian
}

# Compiled zones only, each content once: its other names are links, which every tool that packs images keeps.
copy_zones() {
  local content file name
  local -A first=()
  while read -r content file; do
    name=${file#"$zones"/}
    mkdir -p "$root/usr/share/zoneinfo/$(dirname "$name")"
    if [ -n "${first[$content]:-}" ]; then
      ln -s -r "$root/usr/share/zoneinfo/${first[$content]}" "$root/usr/share/zoneinfo/$name"
    else
      install -m 0644 "$file" "$root/usr/share/zoneinfo/$name"
      first[$content]=$name
      echo "tzdata usr/share/zoneinfo/$name" >>"$owners"
    fi
  done < <(find -L "$zones" \( -path "$zones/posix" -o -path "$zones/right" -o -name localtime -o -name posixrules \) -prune -o \
    -type f -exec grep -la '^TZif' {} + | LC_ALL=C sort | xargs -d '\n' sha256sum)
}

write_accounts() {
  printf '%s\n' 'root:x:0:0:root:/:/nonexistent' 'liveroom:x:65532:65532:liveroom:/:/nonexistent' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'liveroom:x:65532:' >"$root/etc/group"
  printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

write_packages() {
  local folder=$root/var/lib/dpkg/status.d package
  mkdir -p "$folder"
  while read -r package; do
    dpkg-query -W -f 'Package: ${Package}\nStatus: install ok installed\nMaintainer: ${Maintainer}\nArchitecture: ${Architecture}
Source: ${source:Package} (${source:Version})\nVersion: ${Version}\nHomepage: ${Homepage}\n' "$package" >"$folder/$package"
    sed -n "s|^$package ||p" "$owners" | LC_ALL=C sort | (cd "$root" && xargs -r -d '\n' md5sum) >"$folder/$package.md5sums"
    [ -s "$folder/$package.md5sums" ] || rm "$folder/$package.md5sums"
  done < <({ cut -d ' ' -f 1 "$owners"; printf '%s\n' "${header_packages[@]}"; } | LC_ALL=C sort -u)
  install -m 0644 /usr/lib/os-release "$root/etc/os-release"
}

for program in "$@"; do
  [ -x "$program" ] || fail "$program is not a program"
  strip --strip-all -o "$root/usr/bin/$(basename "$program")" "$program"
  chmod 0755 "$root/usr/bin/$(basename "$program")"
  copy_libraries "$program"
done
copy_authorities
copy_zones
write_accounts
write_packages
