#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the layers of docs/architecture.md against the #include lines: base < net < kube < liveroom < controller;
base < flv, hls; base, net < bilibili; the recorder on top, in it connection, show, reporting < recording. Heavy libraries stay in the files that may use them."""
import os
import re
import sys

RECORDER_PARTS = ['base', 'net', 'kube', 'liveroom', 'recorder/flv', 'recorder/hls', 'recorder/bilibili', 'recorder/storage']
LAYERS = {  # folder: folders whose headers it may include, beside its own
    'lib/base': [],
    'lib/net': ['base'],
    'lib/kube': ['base', 'net'],
    'lib/liveroom': ['base'],
    'controller': ['base', 'net', 'kube', 'liveroom'],
    'recorder/flv': ['base'],
    'recorder/hls': ['base'],
    'recorder/bilibili': ['base', 'net'],
    'recorder/storage': ['base', 'recorder/flv', 'recorder/hls'],
    'recorder/connection': RECORDER_PARTS + ['recorder/reporting'],
    'recorder/show': RECORDER_PARTS,
    'recorder/recording': RECORDER_PARTS + ['recorder/connection', 'recorder/show', 'recorder/reporting'],
    'recorder/reporting': RECORDER_PARTS,
    'recorder/retention': RECORDER_PARTS + ['recorder/reporting'],
    'recorder/notifications': RECORDER_PARTS,
    'recorder/repair': RECORDER_PARTS,
    'recorder': RECORDER_PARTS + ['recorder'],
}
PROJECT = ('base/', 'net/', 'kube/', 'liveroom/', 'controller/', 'recorder/', 'support/', 'simulator/')
FLV_MAY_USE = {'base/bytes.hpp', 'base/result.hpp'}
HEAVY = [  # include pattern, where it may stand, name
    (r'boost/beast', r'lib/net/[^/]+\.cpp|tests/.*', 'Beast'),
    (r'cpprest/|pplx/', r'lib/net/cpprest_http\.cpp', 'cpprestsdk'),
    (r'boost/asio\.hpp', r'$^', 'all of Asio'),
    (r'nlohmann/json\.hpp', r'lib/base/json\.hpp', 'nlohmann/json.hpp (use base/json.hpp)'),
    (r'spdlog/', r'lib/base/log\.cpp', 'spdlog (use base/log.hpp)'),
]


def folder_of(path):
    best = ''
    for folder in LAYERS:
        if path.startswith(folder + '/') and len(folder) > len(best):
            best = folder
    return best


def check(path):
    problems = []
    folder = folder_of(path)
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if not match:
                continue
            header = match.group(1)
            for pattern, where, name in HEAVY:
                if re.match(pattern, header) and not re.fullmatch(where, path):
                    problems.append((number, f'{name} may not be included here'))
            if not folder or not header.startswith(PROJECT):
                continue
            own = folder.removeprefix('lib/')
            allowed = LAYERS[folder] + [own]
            target = os.path.dirname(header)
            if not any(target == a or target.startswith(a + '/') for a in allowed):
                problems.append((number, f'{folder} may not include {header}'))
            if folder == 'recorder/flv' and target == 'base' and header not in FLV_MAY_USE:
                problems.append((number, f'recorder/flv stands on its own: not {header}'))
    for number, text in problems:
        print(f'{path}:{number}: {text}')
    return len(problems)


if __name__ == '__main__':
    sys.exit(1 if sum(check(os.path.relpath(p)) for p in sys.argv[1:]) else 0)
