#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes anew everything that is made from something else; scripts/lint.sh fails while it is old.
set -euo pipefail
cd "$(dirname "$0")/.."
cp crds/liveroom.yaml charts/liveroom/files/liveroom.yaml
scripts/crd_reference.py
scripts/chart_readme.py
scripts/dashboards.py
