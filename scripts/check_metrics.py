#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/metrics.md against the code: every series that the programs can expose has a row with its type, and every row
stands for one. And dashboards and alerts against the page: no series, and no label of one, that it lacks.

  check_metrics.py                 the page against the names in the sources, and what is asked against the page
  check_metrics.py --served FILE   a /metrics answer against the page: no family that it lacks, no other type"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PREFIXES = 'liveroom|kube|controller_runtime|workqueue|rest_client|leader_election|reflector'
NAME = re.compile(rf'"((?:{PREFIXES})_[a-z0-9_]+)"')
MADE = re.compile(rf'\b(counter|gauge|histogram)\(\s*"((?:{PREFIXES})_[a-z0-9_]+)"')


# What Prometheus or the scraping adds.
OF_TARGETS = {'job', 'instance', 'namespace', 'pod', 'liveroom'}


def lines():
    """(name, type, labels) of each row of the page."""
    for line in (ROOT / 'docs/metrics.md').read_text(encoding='utf-8').splitlines():
        row = re.match(r'\| ([a-z0-9_]+) \| (counter|gauge|histogram) \| ([a-z_, ]*)\|', line)
        if row:
            yield row.group(1), row.group(2), {label for label in re.split(r'[, ]+', row.group(3)) if label}


def page():
    return {name: kind for name, kind, _ in lines()}


def code():
    names, kinds = {}, {}
    for folder in ('lib', 'controller', 'recorder'):
        for path in sorted((ROOT / folder).rglob('*.[ch]pp')):
            text = path.read_text(encoding='utf-8')
            for name in NAME.findall(text):
                names.setdefault(name, path.relative_to(ROOT))
            for kind, name in MADE.findall(text):
                kinds[name] = kind
    return names, kinds


def check_sources():
    rows, (names, kinds) = page(), code()
    problems = [f'{path}: {name} is not in docs/metrics.md' for name, path in names.items() if name not in rows]
    problems += [f'docs/metrics.md: no code makes {name}' for name in rows if name not in names]
    problems += [f'docs/metrics.md: {name} is a {kind}' for name, kind in kinds.items() if rows.get(name, kind) != kind]
    problems += [f'docs/metrics.md: {name} ends in _total and is no counter' for name, kind in rows.items()
                 if name.endswith('_total') != (kind == 'counter')]
    return problems


def check_asked():
    """Series and labels in the queries of dashboards and alerts. Without the page a wrong name would only be an empty panel."""
    known = {}
    for name, kind, labels in lines():
        served = (f'{name}_bucket', f'{name}_sum', f'{name}_count') if kind == 'histogram' else (name,)
        known.update({one: labels | ({'le'} if one.endswith('_bucket') else set()) for one in served})
    problems = []
    chart = ROOT / 'charts/liveroom'
    for path in sorted([*chart.glob('dashboards/*.json'), *chart.glob('alerts/*.yaml')]):
        text = path.read_text(encoding='utf-8').replace('\\"', '"')
        found = 0
        for name, selector in re.findall(rf'(?<![\w/-])((?:{PREFIXES})_[a-z0-9_]+)(?:\{{([^}}]*)\}})?', text):
            found += 1
            asked = set(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)', selector))
            if name not in known:
                problems.append(f'{path.relative_to(ROOT)}: {name} is not in docs/metrics.md')
            elif asked - known[name] - OF_TARGETS:
                problems.append(f'{path.relative_to(ROOT)}: {name} has no label {", ".join(sorted(asked - known[name] - OF_TARGETS))}')
        if not found:
            problems.append(f'{path.relative_to(ROOT)}: no query is seen')
    return problems


def check_served(file):
    rows = page()
    problems = []
    for name, kind in re.findall(r'^# TYPE (\S+) (\S+)$', pathlib.Path(file).read_text(encoding='utf-8'), re.M):
        if rows.get(name) != kind:
            problems.append(f'{name} ({kind}) is served, docs/metrics.md says {rows.get(name, "nothing")}')
    return problems


def main():
    problems = check_served(sys.argv[2]) if sys.argv[1:2] == ['--served'] else check_sources() + check_asked()
    print('\n'.join(problems), end='\n' if problems else '')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
