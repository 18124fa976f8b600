# SPDX-License-Identifier: Apache-2.0
# Functions of build-image.sh.

started=$SECONDS

say() { printf '[%4d s] %s\n' $((SECONDS - started)) "$*"; }
fail() { echo "build-image: $*" >&2; exit 1; }
usage() { sed -n '3,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }

is_debian_12() {
  local release
  release=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}")
  [ "$release" = "debian 12" ]
}

choose_engine() {
  if docker info >/dev/null 2>&1; then
    echo docker
  elif command -v buildah >/dev/null; then
    echo buildah
  else
    fail "neither a docker daemon nor buildah is here"
  fi
}

# buildah with a store of its own, FOLDER: no daemon, no rights, no overlay mounts are needed, and no other store is touched.
in_store() {
  local store=$1
  shift
  BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs buildah --root "$store/root" --runroot "$store/run" "$@"
}

# Files in a store of an ordinary user belong to users of its own.
remove_tree() {
  rm -rf "$1" 2>/dev/null || buildah unshare rm -rf "$1"
}

# The Dockerfile's last stage, with the files from the context in place of the first stage.
last_stage() {
  sed -n '/^FROM scratch$/,$ { s/^COPY --from=build /COPY /; p }'
}

# The moment of the last commit: the time of everything in the image, so that the same sources give the same bytes.
source_epoch() {
  echo "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
}

# What the labels of the image say, as build arguments.
label_arguments() {
  local epoch=$1 version=$2 revision
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  printf '%s\n' --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
}

build_context() {
  local engine=$1 tag=$2 context=$3 archive=$4
  case $engine in
    docker)
      find "$context" -exec touch -h -d "@$epoch" {} +
      SOURCE_DATE_EPOCH=$epoch docker build --quiet "${labels[@]}" --tag "$tag" "$context" >/dev/null
      docker save --output "$archive" "$tag"
      ;;
    buildah)
      in_store "$work/store" build --quiet --pull-never --timestamp "$epoch" "${labels[@]}" --tag "$tag" "$context" >/dev/null
      in_store "$work/store" push --quiet "$tag" "docker-archive:$archive:$tag"
      ;;
  esac
}

# The base image and the packages are many times larger than the result: the store is kept outside the checkout, and with it the base image.
build_from_source() {
  local engine=$1 tag=$2 archive=$3 store jobs
  jobs=${JOBS:-$(nproc)}
  case $engine in
    docker)
      SOURCE_DATE_EPOCH=$epoch docker build "${platform[@]}" "${labels[@]}" --build-arg "JOBS=$jobs" --tag "$tag" .
      docker save --output "$archive" "$tag"
      ;;
    buildah)
      store=${LIVEROOM_CACHE:-${HOME:?set HOME or LIVEROOM_CACHE}/.cache/liveroom}/buildah
      mkdir -p "$store"
      packaging/debian-base.sh "$store"
      in_store "$store" build --pull-never --network host --timestamp "$epoch" "${platform[@]}" "${labels[@]}" --build-arg "JOBS=$jobs" --tag "$tag" .
      in_store "$store" push --quiet "$tag" "docker-archive:$archive:$tag"
      in_store "$store" rmi "$tag" >/dev/null
      ;;
  esac
}

# What a node has on its disk of an image: the layers one over another.
unpack_archive() {
  local archive=$1 folder=$2 layer parts
  parts=$(mktemp -d "$work/parts.XXXXXX")
  mkdir "$folder"
  tar -C "$parts" -xf "$archive"
  jq -r '.[0].Layers[]' "$parts/manifest.json" | while read -r layer; do
    tar -C "$folder" --no-same-owner -xf "$parts/$layer"
  done
}

has_shell() {
  [ -n "$(find "$1" \( -name sh -o -name bash -o -name dash -o -name busybox \) -print -quit)" ]
}
