#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No hand-written source file above 600 lines; the median at or under 150; an SPDX line at the head of each."""
import statistics
import sys

LONGEST = 600
MEDIAN = 150

failed = False
sizes = []
for path in sys.argv[1:]:
    with open(path, encoding='utf-8') as file:
        lines = file.readlines()
    sizes.append(len(lines))
    if len(lines) > LONGEST:
        print(f'{path}: {len(lines)} lines, the limit is {LONGEST}')
        failed = True
    if not any('SPDX-License-Identifier: Apache-2.0' in line for line in lines[:3]):
        print(f'{path}: no SPDX line at the head')
        failed = True
if sizes and statistics.median(sizes) > MEDIAN:
    print(f'the median file has {statistics.median(sizes)} lines, the limit is {MEDIAN}')
    failed = True
sys.exit(1 if failed else 0)
