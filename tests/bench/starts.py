#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long after the press of the start button the first byte of the stream is on its way to a recorder: many rooms side by
side, each with a recorder process of its own, over TLS, in each of these states of the danmaku socket:

  push      it is open: LIVE tells
  closed    the server has just closed it, and LIVE was said to nobody
  refused   the server lets no one in: only polls tell
  halfOpen  it is open and dead: nothing comes any more

  starts.py --recorder PROGRAM --simulator PROGRAM [--starts 100] [--states push,closed,refused,halfOpen] [--over SECONDS]
            [--slack 1]

Shows begin at random within `over` seconds. Prints a line for each state, times in seconds; exit code 1 when a 99th percentile
is over `slack` times its bar."""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(SOURCE / 'tests/support'))
from recorder_kit import Recorder, Simulator, fail, wait_for  # noqa: E402

BARS = {'push': 3, 'closed': 40, 'refused': 40, 'halfOpen': 75}
ROOM = 1000  # the first one


def connected(simulator, rooms):
    reports = {room['roomId']: room for room in json.loads(simulator.call('/rooms'))['rooms']}
    return all(reports[room]['danmaku']['now'] == 1 for room in rooms)


def said(recorder, text):
    return text.encode() in recorder.log.read_bytes()


def press_start(simulator, room, state):
    if state in ('closed', 'halfOpen'):
        simulator.post(room, 'danmaku', do='close' if state == 'closed' else state)
    simulator.post(room, 'live')


def delay(simulator, room):
    """From the press of the button to the first tag that was sent; None before that."""
    report = simulator.report(room)
    streams = [c for c in report['connections'] if c['kind'] == 'media' and c.get('firstTag')]
    if not streams:
        return None
    return (min(c['firstTag']['wallMs'] for c in streams) - report['show']['startedMs']) / 1000


def delays_of(simulator, rooms, state, over):
    begin = time.monotonic()
    due = sorted((random.uniform(0, over), room) for room in rooms)
    waiting, delays = set(), {}
    while len(delays) < len(rooms):
        while due and time.monotonic() - begin >= due[0][0]:
            room = due.pop(0)[1]
            press_start(simulator, room, state)
            waiting.add(room)
        for room in sorted(waiting):
            measured = delay(simulator, room)
            if measured is not None:
                delays[room] = measured
                waiting.discard(room)
                simulator.post(room, 'stop', drainSeconds=0)
        if time.monotonic() - begin > over + 10 * BARS[state]:
            fail(f'{state}: {len(rooms) - len(delays)} rooms are not recorded')
        time.sleep(0.1)
    return sorted(delays.values())


def measure(arguments, state, work):
    work.mkdir()
    simulator = Simulator(arguments.simulator, arguments.media, '--tag-records', '0', tls_folder=work)
    rooms = range(ROOM, ROOM + arguments.starts)
    recorders = []
    try:
        for room in rooms:
            simulator.call('/rooms', {'roomId': room, 'title': f'room {room}', 'anchor': 'a'})
            if state == 'refused':
                simulator.call(f'/rooms/{room}/faults', {'danmaku': [{'count': -1, 'refuse': 503}]})
            spec = f'{{roomId: {room}}}'
            recorders.append(Recorder(arguments.recorder, simulator, spec, work / f'r{room}', work / f'r{room}.log', listen=False))
        limit = 60 + arguments.starts
        if state == 'refused':
            wait_for('the refusals', lambda: all(said(recorder, 'socket refused') for recorder in recorders), limit)
        else:
            wait_for('the sockets', lambda: connected(simulator, rooms), limit)
        delays = delays_of(simulator, rooms, state, arguments.over)
        for recorder in recorders:
            wait_for('the published file', lambda folder=recorder.folder: list(folder.rglob('*.flv')))
    finally:
        for recorder in recorders:
            recorder.end()
        simulator.stop()
    return delays


def at_share(sorted_values, share):
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--recorder', required=True)
    parser.add_argument('--simulator', required=True)
    parser.add_argument('--starts', type=int, default=100)
    parser.add_argument('--states', default=','.join(BARS))
    parser.add_argument('--over', type=float, default=40)
    parser.add_argument('--slack', type=float, default=1)
    arguments = parser.parse_args()
    late = False
    with tempfile.TemporaryDirectory(prefix='liveroom-starts-') as work:
        work = pathlib.Path(work)
        arguments.media = str(work / 'media.flv')
        subprocess.run([SOURCE / 'tests/simulator/make-media.sh', arguments.media, '8', 'baseline'], check=True)
        for state in arguments.states.split(','):
            delays = measure(arguments, state, work / state)
            worst = at_share(delays, 0.99)
            print(f'{state}: {len(delays)} starts, p50 {at_share(delays, 0.5):.2f}, p99 {worst:.2f}, max {delays[-1]:.2f}', flush=True)
            late |= worst > BARS[state] * arguments.slack
    sys.exit(1 if late else 0)


if __name__ == '__main__':
    main()
