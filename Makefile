# SPDX-License-Identifier: Apache-2.0
# The index of commands. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BUILD := build/release
JOBS ?= $(shell nproc)

.PHONY: build
build: dependencies ## Build the three programs and the tests (the default)
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS)

.PHONY: programs
programs: dependencies ## Build the three programs alone, into build/release/bin
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS) --target liveroom-controller liveroom-recorder bilibili-simulator

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: dependencies
dependencies: ## Install what building and testing need (Debian 12; at once when all is there)
	@scripts/install-dependencies.sh

.PHONY: cluster
cluster: dependencies ## Build the Kubernetes that the tests and the demo run on (once, cached)
	@tests/cluster/cluster build

.PHONY: image
image: programs ## Build the container image of both programs, localhost/liveroom:dev, into build/release/image
	@packaging/build-image.sh

.PHONY: release
release: programs ## Make image archive, bill of materials, chart, plain YAML and checksums in build/release/dist
	@packaging/release.sh

.PHONY: docs
docs: ## Write anew what is generated: CRD reference, values, dashboards
	@scripts/generate.sh

.PHONY: lint
lint: dependencies ## Check formatting, layers, coroutine forms, sizes, generated pages, alerts, links
	@scripts/lint.sh

.PHONY: test
test: dependencies ## Run every test: lint, unit, integration, end to end on a real Kubernetes (needs root; LABELS='lint|unit' does not)
	@scripts/test.sh

.PHONY: demo
demo: dependencies ## Show a LiveRoom becoming a recording on a real Kubernetes (KEEP=1 leaves it running; needs root)
	@scripts/demo.sh

.PHONY: format
format: dependencies ## Format all C++ files
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

.PHONY: clean
clean: ## Remove what was built (the cached Kubernetes stays)
	@rm -rf build
