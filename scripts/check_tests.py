#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a page names a test that is not there, or a row of docs/operations.md names none.

Tests are named in code as `TestName` or `package/TestName` (Go), `Suite.Name` or `Suite.*` (GoogleTest), by the name that ctest has, or by a folder or script. Usage: scripts/check_tests.py
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs/operations.md", ROOT / "docs/kubernetes-client.md"]
GO_DEFAULT = "controller"  # the package of names without one


def go_tests():
    found = set()
    for file in (ROOT / "tests/e2e").rglob("*_test.go"):
        for name in re.findall(r"^func (Test\w+)\(t \*testing\.T\)", file.read_text(), flags=re.MULTILINE):
            found.add(f"{file.parent.name}/{name}")
    return found


def google_tests():
    found = set()
    for folder in ("tests/unit", "tests/integration"):
        for file in (ROOT / folder).rglob("*.cpp"):
            for suite, name in re.findall(r"^\s*TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", file.read_text(), flags=re.MULTILINE):
                found.add((suite, name))
    return found


def ctest_tests():
    """Tests that are programs. A name with a variable stands for one name for each word that its file calls a function or a loop with."""
    found = set()
    for file in (ROOT / "tests").rglob("CMakeLists.txt"):
        text = file.read_text()
        for name in re.findall(r"add_test\(\s*NAME\s+(\S+)", text):
            words = set(re.findall(r"\b\w+\b", text)) if "${" in name else {""}
            if not name.startswith("${"):
                found.update(re.sub(r"\$\{\w+\}", word, name) for word in words)
    return found


def problem(name, go, google, ctest):
    if (ROOT / name).is_dir() or (ROOT / name).is_file():
        return None
    if name.split("/")[-1].startswith("Test"):
        return None if (name if "/" in name else f"{GO_DEFAULT}/{name}") in go else "no such test"
    if name in ctest:
        return None
    if match := re.fullmatch(r"(\w+)\.(\w+|\*)", name):
        suite, test = match.groups()
        hit = any(s == suite and test in ("*", t) for s, t in google)
        return None if hit else "no such test"
    return "is not the name of a test"


def rows(page):
    """The last cell of each row of each table, with the row's number; heads and rules are left out."""
    table_head = True
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("|"):
            table_head = True
            continue
        if re.fullmatch(r"[|\s:-]+", line):
            continue
        if table_head:
            table_head = False
            last = re.split(r"(?<!\\)\|", line.strip().strip("|"))[-1].strip()
            continue
        if last in ("test", "tests"):
            yield number, re.split(r"(?<!\\)\|", line.strip().strip("|"))[-1]


go, google, ctest = go_tests(), google_tests(), ctest_tests()
complaints, named = [], 0
for page in PAGES:
    for number, cell in rows(page):
        names = re.findall(r"`([^`]+)`", cell)
        where = f"{page.relative_to(ROOT)}:{number}"
        if not names:
            complaints.append(f"{where}: no test")
        for name in names:
            named += 1
            if complaint := problem(name, go, google, ctest):
                complaints.append(f"{where}: {name}: {complaint}")
if complaints:
    sys.exit("\n".join(complaints))
if not named:
    sys.exit("no page names a test")
