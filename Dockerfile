# SPDX-License-Identifier: Apache-2.0
# The image of both programs, from source:  docker build -t localhost/liveroom:dev .
# For another architecture:  docker build --platform linux/arm64 …  Nothing here or in packaging/image-root.sh names one.
# `make image` (packaging/build-image.sh) builds it with docker or buildah; on Debian 12 it takes the programs of build/release and runs the last
# stage only. There is no shell and no entry point: a pod names /usr/bin/liveroom-controller or /usr/bin/liveroom-recorder as its command.
ARG DEBIAN=docker.io/library/debian:bookworm-slim

FROM ${DEBIAN} AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      g++ cmake ninja-build pkg-config binutils \
      libboost-dev libcpprest-dev libssl-dev nlohmann-json3-dev zlib1g-dev libbrotli-dev prometheus-cpp-dev \
      libspdlog-dev libfmt-dev libcli11-dev libyaml-cpp-dev libprotobuf-dev protobuf-compiler libxxhash-dev \
      libhowardhinnant-date-dev \
      openssl ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ARG JOBS=2
RUN cmake --preset release -DLIVE_BUILD_TESTS=OFF \
    && cmake --build --preset release -j "${JOBS}" --target liveroom-controller liveroom-recorder \
    && packaging/image-root.sh /image build/release/bin/liveroom-controller build/release/bin/liveroom-recorder

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="liveroom" \
      org.opencontainers.image.description="Records Bilibili live rooms on Kubernetes: controller and recorder" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /image/ /
USER 65532:65532
