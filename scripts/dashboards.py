#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the Grafana dashboards of the chart, charts/liveroom/dashboards/*.json, from scripts/monitoring.

scripts/dashboards.py          writes them
scripts/dashboards.py --check  fails when they are not what would be written
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "monitoring"))
sys.dont_write_bytecode = True
import controller  # noqa: E402
import rooms  # noqa: E402

FOLDER = HERE.parent / "charts" / "liveroom" / "dashboards"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for name, module in (("rooms", rooms), ("controller", controller)):
        path = FOLDER / f"{name}.json"
        text = json.dumps(module.make(), indent=1, ensure_ascii=False) + "\n"
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what scripts/monitoring says; run scripts/dashboards.py")


main()
