#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/flv-repair.md speaks of every finding of recorder/flv and recorder/hls, of no other, and names tests that exist."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
page = (root / 'docs/flv-repair.md').read_text(encoding='utf-8')
header = (root / 'recorder/flv/finding.hpp').read_text(encoding='utf-8')
names = (root / 'recorder/flv/finding.cpp').read_text(encoding='utf-8')

body = re.search(r'enum class FindingKind[^{]*\{(.*?)\n\};', header, re.S).group(1)
kinds = set(re.findall(r'^\s*(\w+),', re.sub(r'//.*', '', body), re.M)) - {'count_'}
notable = {name for name, flag in re.findall(r'\{"(\w+)", (true|false)\}', names) if flag == 'true'}
tables = re.findall(r'^\| finding \|.*?(?=\n\n|\Z)', page, re.M | re.S)
rows = dict(re.findall(r'^\| `(\w+)`( ●)? \|', '\n'.join(tables), re.M))

hls = (root / 'recorder/hls/finding.cpp').read_text(encoding='utf-8')
hls_names = dict(re.findall(r'case FindingKind::(\w+):\s+return "(\w+)";', hls.split('bool is_notable')[0]))
counted = set(re.findall(r'kind != FindingKind::(\w+)', hls))
hls_table = re.search(r'^\| of segments \|.*?(?=\n\n|\Z)', page, re.M | re.S).group(0)
hls_rows = dict(re.findall(r'^\| `(\w+)`( ●)? \|', hls_table, re.M))

tests = set()
for path in (root / 'tests/unit').rglob('*.cpp'):
    tests |= {'.'.join(found) for found in re.findall(r'^TEST(?:_F|_P)?\((\w+), (\w+)\)', path.read_text(encoding='utf-8'), re.M)}

problems = [f'no row for {kind}' for kind in sorted(kinds - rows.keys())]
problems += [f'{kind} is no finding' for kind in sorted(rows.keys() - kinds)]
problems += [f'{kind}: the mark of notable findings is wrong' for kind, mark in sorted(rows.items())
             if kind in kinds and bool(mark) != (kind in notable)]
problems += [f'no row for {name}' for name in sorted(set(hls_names.values()) - hls_rows.keys())]
problems += [f'{name} is no finding' for name in sorted(hls_rows.keys() - set(hls_names.values()))]
problems += [f'{name}: the mark of notable findings is wrong' for kind, name in sorted(hls_names.items())
             if name in hls_rows and bool(hls_rows[name]) == (kind in counted)]
problems += [f'there is no test {name}' for name in sorted(set(re.findall(r'`([A-Z]\w+\.[A-Z]\w+)`', page)) - tests)]
for problem in problems:
    print(f'docs/flv-repair.md: {problem}')
sys.exit(1 if problems else 0)
