#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every check that needs no build. Prints each failure and goes on, so that one run shows all of them.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
step() {
  local name=$1
  shift
  if output=$("$@" 2>&1); then
    printf '%-12s ok\n' "$name"
  else
    printf '%-12s FAILED\n%s\n' "$name" "$output"
    status=1
  fi
}
mapfile -t cpp < <(git ls-files '*.cpp' '*.hpp')
mapfile -t go < <(git ls-files '*.go')
mapfile -t pages < <(git ls-files '*.md')
mapfile -t shell < <(git ls-files '*.sh' '.ci/run' 'tests/cluster/cluster')

gofmt_clean() {
  local unformatted
  unformatted=$(gofmt -l "${go[@]}") && [ -z "$unformatted" ] || { printf '%s\n' "$unformatted"; return 1; }
}
shell_parses() {
  local file bad=0
  for file in "${shell[@]}"; do bash -n "$file" || bad=1; done
  return $bad
}
definition_copied() {
  cmp crds/liveroom.yaml charts/liveroom/files/liveroom.yaml || { echo 'run make docs'; return 1; }
}

step format clang-format-14 --dry-run -Werror "${cpp[@]}"
step layers scripts/check_layers.py "${cpp[@]}"
step coroutines scripts/check_coroutines.py "${cpp[@]}"
step findings scripts/check_findings.py
step metrics scripts/check_metrics.py
step sizes scripts/check_sizes.py "${cpp[@]}" "${go[@]}"
[ ${#go[@]} -eq 0 ] || step gofmt gofmt_clean
[ ${#shell[@]} -eq 0 ] || step shell shell_parses
step versions scripts/check_versions.py
step definition definition_copied
step crd-page scripts/crd_reference.py --check
step values scripts/chart_readme.py --check
step dashboards scripts/dashboards.py --check
step monitoring scripts/check_monitoring.py
step tests scripts/check_tests.py
step links scripts/check_links.py "${pages[@]}"
exit $status
