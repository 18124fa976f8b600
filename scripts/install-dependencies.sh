#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that building, testing and the demo need; done in a moment when all are there.
# Also makes sure of Go, which Debian 12 has only in too old a version.
set -euo pipefail

need_go=1.24
packages=(
  g++ cmake ninja-build ccache clang-14 clang-format-14 libclang-rt-14-dev make pkg-config python3 git
  libboost-dev libcpprest-dev libssl-dev nlohmann-json3-dev zlib1g-dev libbrotli-dev prometheus-cpp-dev
  libspdlog-dev libfmt-dev libcli11-dev libyaml-cpp-dev libprotobuf-dev protobuf-compiler libxxhash-dev
  libhowardhinnant-date-dev libgtest-dev libgmock-dev libbenchmark-dev
  ffmpeg curl jq openssl ca-certificates tzdata iproute2 iptables conntrack util-linux procps
  containerd runc containernetworking-plugins buildah mmdebstrap
  python3-yaml prometheus
)

version=$(GOTOOLCHAIN=local go version 2>/dev/null | sed -n 's/^go version go\([0-9]*\.[0-9]*\).*/\1/p' || true)
if [ -z "$version" ] || [ "$(printf '%s\n%s\n' "$need_go" "$version" | sort -V | head -n 1)" != "$need_go" ]; then
  echo "liveroom: Go $need_go or newer is needed for the test Kubernetes (found: ${version:-none})." >&2
  echo "liveroom: get it from https://go.dev/dl/ , or on Debian 12 from bookworm-backports:" >&2
  echo "liveroom:   apt-get install -t bookworm-backports golang-1.24-go && export PATH=/usr/lib/go-1.24/bin:\$PATH" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
    installed) ;;
    *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "liveroom: this machine has no apt-get; install the equivalents of: ${missing[*]}" >&2
  exit 1
fi
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "liveroom: installing ${#missing[@]} packages: ${missing[*]}" >&2
$sudo apt-get update -qq >&2
# RUNLEVEL=1: of prometheus only the programs are wanted, not a service that listens.
$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
