#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the chart as plain YAML for people without Helm:  packaging/plain-yaml.sh [HELM TEMPLATE OPTION...] | kubectl apply --server-side -f -
# Needs helm: that of the PATH, or that of the test cluster.
set -euo pipefail
cd "$(dirname "$0")/.."
namespace=liveroom-system
helm=$(command -v helm || echo "$(tests/cluster/cluster tools)/helm")

cat <<YAML
# SPDX-License-Identifier: Apache-2.0
# liveroom $(scripts/version.sh):  kubectl apply --server-side -f THIS_FILE
# To take it away: delete the Deployment first, then this file; LiveRooms go with the definition, volumes stay.
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels:
    pod-security.kubernetes.io/enforce: restricted
YAML
# Hooks are Helm's; without Helm nobody would run them.
"$helm" template liveroom charts/liveroom --namespace $namespace --no-hooks --set crds.keep=false "$@" |
  sed 's|^\( *app.kubernetes.io/managed-by:\) Helm$|\1 kubectl|; /^ *helm.sh\/chart:/d'
