#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The version is said in one place, CMakeLists.txt. Fails where the chart or the change log say another one.

scripts/check_versions.py            checks
scripts/check_versions.py set X.Y.Z  writes it to CMakeLists.txt and to the chart; the change log is for people
"""
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "charts" / "liveroom" / "Chart.yaml"


def set_version(version):
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"{version} is not X.Y.Z")
    for path, pattern in ((ROOT / "CMakeLists.txt", r"(?<=^project\(liveroom VERSION )[\d.]+"), (CHART, r"(?<=^version: ).+"),
                          (CHART, r"(?<=^appVersion: ).+"), (CHART, r"(?<=^      image: localhost/liveroom:).+")):
        path.write_text(re.sub(pattern, version, path.read_text(), count=1, flags=re.MULTILINE))


def check():
    version = subprocess.run([ROOT / "scripts" / "version.sh"], capture_output=True, text=True, check=True).stdout.strip()
    chart = yaml.safe_load(CHART.read_text())
    images = [one["image"] for one in yaml.safe_load(chart["annotations"]["artifacthub.io/images"])]
    said = {
        "Chart.yaml, version": str(chart["version"]),
        "Chart.yaml, appVersion": str(chart["appVersion"]),
        "Chart.yaml, annotation artifacthub.io/images": images[0].rsplit(":", 1)[1],
        "CHANGELOG.md, newest section": re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group(1),
    }
    wrong = [f"{where}: {what}" for where, what in said.items() if what != version]
    if wrong:
        sys.exit("\n".join([f"CMakeLists.txt says {version}, but"] + wrong))


if sys.argv[1:2] == ["set"] and len(sys.argv) == 3:
    set_version(sys.argv[2])
elif sys.argv[1:]:
    sys.exit(__doc__)
else:
    check()
