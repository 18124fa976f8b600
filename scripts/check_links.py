#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails for links of the Markdown pages that lead nowhere: files of the project, headings in them, and code that names a file which is not there.

Links to other sites are not followed. Usage: scripts/check_links.py FILE.md...
"""
import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def without_code(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@functools.cache
def anchors(path):
    """GitHub's names for the headings of a page; a second heading of the same text gets -1 and so on."""
    found = {}
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ +(.*)$", text, flags=re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
    return {name if number == 0 else f"{name}-{number}" for name, last in found.items() for number in range(last + 1)}


def check(path):
    text = without_code(path.read_text())
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        if not other.exists():
            yield f"{path.relative_to(ROOT)}: {target}: no such file"
        elif anchor and other.suffix == ".md" and anchor not in anchors(other):
            yield f"{path.relative_to(ROOT)}: {target}: no such heading"


problems = [problem for name in sys.argv[1:] for problem in check(pathlib.Path(name).resolve())]
if problems:
    sys.exit("\n".join(problems))
