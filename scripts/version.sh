#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the version of the project, which CMakeLists.txt says; scripts/check_versions.py holds everything else against it.
set -euo pipefail
sed -n 's/^project(liveroom VERSION \([0-9.]*\) .*/\1/p' "$(dirname "$0")/../CMakeLists.txt" | grep .
