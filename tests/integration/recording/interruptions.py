#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recordings that are interrupted: by kill -9, by SIGTERM, by lost connections, by a full disk, by a silent one.

  interruptions.py --recorder P --simulator P --media FILE.flv SCENARIO [--rounds N] [--seconds S] [--seed N]

Scenarios: kill, terminate (ROUNDS times at random moments), account (a few kills; what is missing is what is told),
drops (connections lost for SECONDS, each sends its last seconds again with times of its own), gap (connections that send
nothing again), damage (garbage, repeated headers, a looping server), disk (a full volume; mounts a small one in a
namespace of its own), stalled (a volume whose writes hang for half a minute: an ext4 image that is frozen; wants root),
hls (a recording from HLS, killed and stopped ROUNDS times each, once for longer than the server keeps segments).
Prints the seed and what was found.
"""
import argparse
import bisect
import errno
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

from kit import (ROOM, VIDEO, Failed, Recorder, Site, Source, check, check_files, files_in, last_files, missing, read_flv,
                 text_in, wait_for)

# A batch is one show: as long as the media last, nothing in it is the same twice.
BATCH = 10
SKIPPED = 77  # ctest's word for it
# Of the disk thread, and a piece that was handed over just below it.
QUEUE_LIMIT = (8 << 20) + (1 << 20)
MOST_GROWTH_MIB = 32


class Play:
    """One show: a simulator, a folder, recorder processes in it."""

    def __init__(self, options, source, form='flv', **live):
        self.options, self.source = options, source
        self.work = tempfile.mkdtemp(prefix='liveroom-interruptions.')
        self.out = os.path.join(options.out or self.work, f'out-{form}')
        self.site = Site(options.simulator, source.path, self.work)
        self.manifest, self.kind = None, '.flv'
        if form == 'fmp4':
            self.kind = '.mp4'
            self.site.call('/rooms', {'roomId': ROOM, 'title': 'test', 'formats': ['fmp4']})
            self.manifest = os.path.join(self.work, 'room.yaml')
            pathlib.Path(self.manifest).write_text(
                'apiVersion: liveroom.dev/v1alpha1\nkind: LiveRoom\nmetadata: {name: room}\n'
                f'spec: {{roomId: {ROOM}, stream: {{formats: [fmp4]}}}}\n')
        self.site.room('live', live)

    def recorder(self):
        return Recorder(self.options.recorder, self.site, self.out, self.manifest)

    def written(self):
        # Those of a name that changes at this moment are counted the next time.
        return sum(p.stat().st_size for p in pathlib.Path(self.out).rglob(f'*{self.kind}*') if p.exists())

    def connected(self):
        return self.site.room()['media']['now'] > 0

    def finish(self, recorder):
        """The show ends in good order; the recorder finds out and is stopped. Its last losses by cause."""
        self.site.room('stop', {'drainSeconds': 0.3})
        wait_for(lambda: recorder.metrics().get('liveroom_recording') == 0, 'the end of the recording')
        lost = recorder.lost()
        recorder.end(signal.SIGTERM)
        return lost

    def close(self):
        self.site.end()
        shutil.rmtree(self.work)


def by_process(connections, ends):
    """Which of the processes, that ended at these moments, a connection was of."""
    return {c['id']: next(i for i, end in enumerate(ends) if c['openedMs'] <= end) for c in connections}


def live_edge(source, files, places, connections):
    """Unix ms -> seconds in the recorded file: where the stream was then."""
    times = {place: tag.time for place, tag in zip(places, read_flv(files[0])[0])}
    sent = sorted((tag['wallMs'], tag['index']) for c in connections for tag in c['sent'])
    walls, edges, newest = [], [], -1
    for wall, index in sent:
        newest = max(newest, index)
        walls.append(wall)
        edges.append(newest)
    recorded = sorted(times)

    def at(wall):
        i = bisect.bisect_right(walls, wall) - 1
        j = bisect.bisect_right(recorded, edges[i]) - 1 if i >= 0 else -1
        return times[recorded[j]] / 1000 if j >= 0 else None
    return at


def check_chat(options, source, out, files, places, connections):
    """The chat goes on with its video: one document, every comment once, at the place where the stream was."""
    video = files[0]
    root = xml.parse(video.with_suffix('.xml')).getroot()
    check(root.tag == 'i', f'the root of the chat is {root.tag}')
    listed = json.loads(video.with_suffix('.json').read_text())['files']
    check(sorted(listed) == [video.name, video.with_suffix('.xml').name], f'STEM.json lists {listed}')
    at = live_edge(source, files, places, connections)
    numbers, last, worst = [], -1, 0
    for element in root.findall('d'):
        _, number, wall = element.text.split(' ')
        seconds = float(element.get('p').split(',')[0])
        check(seconds >= last - options.chat_tolerance, f'the chat goes from {last} s back to {seconds} s')
        last = max(last, seconds)
        numbers.append(int(number))
        place = at(int(wall))
        if place is not None:
            worst = max(worst, abs(seconds - place))
    check(numbers, 'no comment')
    check(numbers == sorted(set(numbers)), 'a comment is there twice or out of order')
    check(worst <= options.chat_tolerance, f'a comment is {worst:.2f} s from its place')
    return len(numbers), worst


def kills(options, source, rng, count, lives=(0.2, 4.0)):
    play = Play(options, source)
    play.site.room('chat', {'perSecond': 10})
    ends = []
    for _ in range(count):
        recorder = play.recorder()
        time.sleep(rng.uniform(*lives))
        ends.append(recorder.end(signal.SIGKILL))
    recorder = play.recorder()
    before = play.written()
    wait_for(lambda: play.connected() and play.written() > before, 'the recording goes on')
    play.finish(recorder)
    ends.append(int(time.time() * 1000))
    connections = play.site.connections()
    files, places = check_files(source, play.out)
    sessions = {text_in(read_flv(path)[1], 'Session') for path in files}
    owner = by_process(connections, ends)
    worst = 0
    for index, sent in missing(source, places, connections).items():
        # What the last process got can't be missing; what an earlier one got, only if it was just about to be written.
        age = max(ends[owner[c]] - wall for c, wall in sent) / 1000
        check(all(owner[c] < len(ends) - 1 for c, _ in sent), f'tag {index} was sent after the last start and is missing')
        worst = max(worst, age)
    result = {'kills': count, 'files': len(files), 'sessions': len(sessions), 'worst': worst}
    if len(files) == 1:
        comments, distance = check_chat(options, source, play.out, files, places, connections)
        print(f'{comments} comments, each once, placed to {distance:.2f} s')
        result['told'] = json.loads(files[0].with_suffix('.json').read_text())['lostMs'] / 1000
        result['real'] = sum(gap_of(source, places))
        check(result['told'] <= result['real'] + 0.1, f'{result["told"]} s lost, it says, and {result["real"]} s are missing')
    check(len(sessions) == 1, f'{len(sessions)} sessions')
    check(worst <= options.most_lost, f'a tag is lost that was sent {worst:.2f} s before a kill')
    play.close()
    return result


def terminations(options, source, rng, count):
    play = Play(options, source)
    ends, with_media = [], 0
    for number in range(count + 1):
        recorder = play.recorder()
        wait_for(recorder.metrics, 'the recorder is up and takes signals')
        if number == count:
            wait_for(play.connected, 'a connection')
        time.sleep(rng.uniform(0.2, 3.0))
        ends.append(recorder.end(signal.SIGTERM))
    connections = play.site.connections()
    files, places = check_files(source, play.out)
    owner = by_process(connections, ends)
    worst = 0
    for index, sent in missing(source, places, connections).items():
        worst = max(worst, max(ends[owner[c]] - wall for c, wall in sent) / 1000)
    with_media = len({owner[c['id']] for c in connections if c['tags'] > 0})
    parts = [int(float(text_in(read_flv(path)[1], 'Part'))) for path in files]
    sessions = {text_in(read_flv(path)[1], 'Session') for path in files}
    check(len(sessions) == 1, f'{len(sessions)} sessions')
    check(parts == list(range(1, len(parts) + 1)), f'parts {parts}')
    check(len(files) <= with_media, f'{len(files)} files of {with_media} processes')
    # What is on its way at that very moment is not received.
    check(worst <= 0.2, f'a tag is lost that was sent {worst:.2f} s before a stop')
    play.close()
    return {'stops': count, 'files': len(files), 'worst': worst}


def in_batches(run, options, source, rng):
    left, files, worst = options.rounds, 0, 0.0
    while left > 0:
        count = min(left, BATCH)
        result = run(options, source, rng, count)
        left -= count
        files += result['files']
        worst = max(worst, result['worst'])
        print(f'{options.rounds - left} of {options.rounds}: {files} files, worst loss {worst:.2f} s', flush=True)
    return files, worst


def kill(options, source, rng):
    files, worst = in_batches(kills, options, source, rng)
    batches = -(-options.rounds // BATCH)
    # Another file only where a kill came before the first one held ten tags, or a start took a minute.
    check(files == batches, f'{files} files of {batches} shows')


def account(options, source, rng):
    # Long enough for each process to know what was lost before it, and to note it.
    result = kills(options, source, rng, 3, (6.0, 8.0))
    check(result['files'] == 1, f'{result["files"]} files')
    print(f'{result["real"]:.3f} s missing, {result["told"]:.3f} s told')
    check(abs(result['told'] - result['real']) <= 0.1, 'what is missing is not what is told')


def terminate(options, source, rng):
    in_batches(terminations, options, source, rng)


def picture_hashes(path):
    out = subprocess.run(['ffmpeg', '-v', 'error', '-i', path, '-map', '0:v', '-f', 'framemd5', '-'], check=True,
                         capture_output=True, text=True)
    check(not out.stderr, f'ffmpeg complains of {path}: {out.stderr[:500]}')
    return [line.rsplit(',', 1)[1].strip() for line in out.stdout.splitlines() if not line.startswith('#')]


def packet_hashes(path):
    """Of the pictures as they are coded, whatever container they are in."""
    command = ['ffmpeg', '-v', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-copyinkf', '-f', 'framemd5', '-']
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.rsplit(',', 1)[1].strip() for line in out.splitlines() if not line.startswith('#')]


def decoded_together(paths, work):
    """What the files show when they are played one behind the other."""
    names = os.path.join(work, 'parts.txt')
    pathlib.Path(names).write_text(''.join(f"file '{path}'\n" for path in paths))
    out = subprocess.run(['ffmpeg', '-v', 'error', '-f', 'concat', '-safe', '0', '-i', names, '-map', '0:v', '-fps_mode',
                          'passthrough', '-f', 'framemd5', '-'], check=True, capture_output=True, text=True)
    check(not out.stderr, f'ffmpeg complains of the parts: {out.stderr[:500]}')
    return [line.rsplit(',', 1)[1].strip() for line in out.stdout.splitlines() if not line.startswith('#')]


def check_fragments(source, play):
    """Files of an HLS recording in order, each whole and described; their pictures, as places in the source."""
    folder = pathlib.Path(play.out)
    parts = [p for p in folder.rglob('*.part*') if '.liveroom' not in p.parts]
    check(not parts, f'leftovers: {parts}')
    records = {p: json.loads(p.with_suffix('.json').read_text()) for p in folder.rglob('*.mp4')}
    check(records, 'no file')
    files = sorted(records, key=lambda p: records[p]['part'])
    check(len({r['session'] for r in records.values()}) == 1, 'more than one session')
    numbers = [records[p]['part'] for p in files]
    check(numbers == sorted(set(numbers)), f'parts {numbers}')
    at = {digest: place for place, digest in enumerate(packet_hashes(source.path))}
    places = [at[digest] for path in files for digest in packet_hashes(path)]
    steps = [b - a for a, b in zip(places, places[1:])]
    check(min(steps) >= 1, f'pictures are there twice or out of order: {[s for s in steps if s < 1]}')
    return files, [records[p] for p in files], places, [s for s in steps if s != 1]


def interrupted_fragments(options, source, rng, how, pauses):
    play = Play(options, source, 'fmp4')
    # A window that is passed for sure by those who stay away for long.
    play.site.room('hls', {'window': 5})
    for pause in pauses:
        recorder = play.recorder()
        before = play.written()
        wait_for(lambda: play.written() > before, 'the recording goes on')
        time.sleep(rng.uniform(0.1, 3.0))
        recorder.end(how)
        time.sleep(pause)
    recorder = play.recorder()
    before = play.written()
    wait_for(lambda: play.written() > before, 'the recording goes on')
    time.sleep(6)  # what the start has cost is known and noted then
    lost = play.finish(recorder)
    files, records, places, holes = check_fragments(source, play)
    frame = 1000 / 30
    missing_ms = sum((hole - 1) * frame for hole in holes)
    told_ms = sum(record['lostMs'] for record in records)
    check(len(holes) == sum(1 for pause in pauses if pause > 0), f'{len(holes)} holes: {holes}')
    check(abs(told_ms - missing_ms) <= 2 * frame * max(1, len(holes)), f'{told_ms} ms told, {missing_ms:.0f} ms missing')
    gaps = [gap for record in records for gap in record['gaps']]
    check([gap['kind'] for gap in gaps] == ['segment_gap'] * len(holes), f'gaps {gaps}')
    check(not any(gap['estimated'] for gap in gaps), f'estimated: {gaps}')
    check(not lost or set(lost) == {'restart'}, f'causes {lost}')
    if not holes:
        shown, sent = decoded_together(files, play.work), picture_hashes(source.path)
        check(shown == sent[places[0]:places[0] + len(places)], 'the parts together do not show what was sent')
    print(f'{how.name}: {len(pauses)} times, {len(files)} files, {len(places)} pictures, each once; '
          f'{missing_ms:.0f} ms missing, {told_ms} ms told', flush=True)
    play.close()


def hls(options, source, rng):
    for how in (signal.SIGKILL, signal.SIGTERM):
        interrupted_fragments(options, source, rng, how, [0] * options.rounds)
        interrupted_fragments(options, source, rng, how, [12])


def drops(options, source, rng):
    play = Play(options, source)
    play.site.room('faults', {'media': [{'count': -1, 'randomBase': True}]})
    recorder = play.recorder()
    wait_for(lambda: play.connected() and play.written() > 100_000, 'a recording')
    play.site.room('drop', {'everySeconds': options.every})
    time.sleep(options.seconds)
    play.site.room('drop', {'how': 'close'})
    lost = play.finish(recorder)
    connections = play.site.connections()
    files, places = check_files(source, play.out)
    check(len(files) == 1, f'{len(files)} files')
    check(places and sorted(places) == list(range(min(places), max(places) + 1)), 'tags are missing')
    check(not lost, f'lost, says the recorder: {lost}')
    first = sum(1 for tag in source.tags[:min(places)] if tag.kind == VIDEO)
    got, sent = picture_hashes(files[0]), picture_hashes(source.path)
    check(got == sent[first:first + len(got)], 'pictures differ from those of the source')
    print(f'{len(connections)} connections, one file, {len(got)} pictures, each once')
    play.close()


def gap_of(source, places):
    """The longest pause between two recorded pictures, and the seconds in it that were never recorded."""
    pictures = sorted(p for p in places if source.tags[p].kind == VIDEO)
    steps = [(source.tags[b].time - source.tags[a].time, a, b) for a, b in zip(pictures, pictures[1:])]
    usual = sorted(step for step, _, _ in steps)[len(steps) // 2]
    return [(step - usual) / 1000 for step, _, _ in steps if step > 1.5 * usual]


def gap(options, source, rng):
    for fault, margin in (({'noCache': True}, 0.05), ({'noCache': True, 'randomBase': True}, 1.0)):
        play = Play(options, source)
        recorder = play.recorder()
        wait_for(lambda: play.connected() and play.written() > 100_000, 'a recording')
        play.site.room('faults', {'media': [dict(fault, count=-1)]})
        play.site.room('drop', {'how': 'reset'})
        time.sleep(6)
        lost = play.finish(recorder)
        files, places = check_files(source, play.out)
        real = gap_of(source, places)
        check(len(files) == 1 and len(real) == 1, f'{len(files)} files, {len(real)} gaps')
        check(set(lost) == {'connection'}, f'causes {lost}')
        check(abs(lost['connection'] - real[0]) <= margin, f'{lost["connection"]} s reported, {real[0]} s missing')
        told = last_files(play.out)['lastRecording']['lostSeconds']
        check(told == -(-int(lost['connection'] * 1000) // 1000), f'{told} s in the state')
        print(f'{fault}: {real[0]:.3f} s missing, {lost["connection"]:.3f} s reported')
        play.close()


def damage(options, source, rng):
    play = Play(options, source)
    recorder = play.recorder()
    wait_for(lambda: play.connected() and play.written() > 100_000, 'a recording')
    play.site.room('headers', {})
    play.site.room('damage', {'bytes': 5000, 'tags': 20})
    time.sleep(2)
    play.site.room('damage', {'bytes': 300})
    time.sleep(2)
    connections = play.site.room()['media']['total']
    check(connections == 1, f'{connections} connections: damage must not cost one')
    lost = recorder.lost()
    play.site.room('loop', {'seconds': 1, 'restamp': True})
    wait_for(lambda: play.site.room()['media']['total'] > connections, 'another connection, since the server repeats', 60)
    time.sleep(1)
    play.finish(recorder)
    files, places = check_files(source, play.out)
    check(len(files) == 1, f'{len(files)} files')
    real = gap_of(source, places)
    print(f'missing {real}, reported {lost}')
    check(abs(lost.get('damage', 0) - real[0]) <= 0.05, f'{lost} reported, {real[0]} s missing')
    play.close()


def fill_up(path):
    """Takes what a volume has left, while others write to it."""
    with open(path, 'wb', buffering=0) as file:
        for block in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(block))
            except OSError as error:
                check(error.errno == errno.ENOSPC, f'the volume is not full, but: {error}')


def disk(options, source, rng):
    if not options.out:
        # A volume of its own, in a mount namespace of its own.
        own = ['unshare', '--user', '--map-root-user', '--mount']
        if subprocess.call([*own, 'true'], stderr=subprocess.DEVNULL) != 0:
            print('skipped: no namespaces to mount a small volume in')
            sys.exit(SKIPPED)
        with tempfile.TemporaryDirectory(prefix='liveroom-volume.') as volume:
            script = 'mount -t tmpfs -o size=176m tmpfs "$0" && exec "$@"'
            code = subprocess.call([*own, 'sh', '-c', script, volume, sys.executable, *sys.argv, '--out', volume])
        sys.exit(code)
    ballast = os.path.join(options.out, 'ballast')
    play = Play(options, source)
    recorder = play.recorder()
    wait_for(lambda: play.connected() and play.written() > 100_000, 'a recording')
    fill_up(ballast)
    wait_for(lambda: recorder.metrics().get('liveroom_storage_writable') == 0, 'the full volume is noticed')
    wait_for(lambda: recorder.metrics().get('liveroom_recording') == 0, 'the recording ends')
    files, _ = files_in(play.out)
    check(len(files) == 1, f'{len(files)} files before')
    before = source.place(read_flv(files[0])[0])
    picture_hashes(files[0])
    os.unlink(ballast)
    begin = time.monotonic()
    wait_for(lambda: recorder.metrics().get('liveroom_recording') == 1, 'the recording resumes', 30)
    took = time.monotonic() - begin
    check(recorder.metrics()['liveroom_storage_writable'] == 1, 'StorageWritable is not told')
    size = play.written()
    wait_for(lambda: play.written() > size + 50_000, 'the recording goes on')
    lost = play.finish(recorder)
    files, places = check_files(source, play.out)
    check(len(files) == 2, f'{len(files)} files')
    check(places[:len(before)] == before, 'the first file has changed')
    real = gap_of(source, places)
    check(set(lost) == {'disk'}, f'causes {lost}')
    check(len(real) == 1 and abs(sum(lost.values()) - real[0]) <= 1.0, f'{lost} reported, {real} s missing')
    print(f'resumed {took:.1f} s after there was room; {real[0]:.2f} s missing, {lost["disk"]:.2f} s reported')
    play.close()


def frozen_volume(options):
    """This script again, on an ext4 image of its own that can be frozen."""
    with tempfile.TemporaryDirectory(prefix='liveroom-volume.') as work:
        image, folder = os.path.join(work, 'image'), os.path.join(work, 'volume')
        os.mkdir(folder)
        with open(image, 'wb') as file:
            file.truncate(512 << 20)
        if subprocess.call(['mkfs.ext4', '-q', '-F', image], stderr=subprocess.DEVNULL) != 0:
            print('skipped: no ext4 can be made')
            sys.exit(SKIPPED)
        own = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c']
        if subprocess.call([*own, 'mount -o loop "$0" "$1" && fsfreeze -f "$1" && fsfreeze -u "$1"', image, folder],
                           stderr=subprocess.DEVNULL) != 0:
            print('skipped: no volume can be mounted and frozen here')
            sys.exit(SKIPPED)
        # Whatever becomes of the test, the volume is let go.
        script = 'mount -o loop "$0" "$1" || exit 1; v=$1; shift; "$@"; c=$?; fsfreeze -u "$v" 2>/dev/null; umount -l "$v"; exit $c'
        sys.exit(subprocess.call([*own, script, image, folder, sys.executable, *sys.argv, '--out', folder]))


def resident_mib(process):
    pages = int(pathlib.Path(f'/proc/{process.pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGESIZE') / 2**20


def stalled(options, source, rng):
    if not options.out:
        frozen_volume(options)
    for form in ('flv', 'fmp4'):
        silent_volume(options, source, form)


def silent_volume(options, source, form):
    play = Play(options, source, form)
    recorder = play.recorder()
    wait_for(lambda: play.written() > 500_000, 'a recording')
    before = resident_mib(recorder.process)
    subprocess.run(['fsfreeze', '-f', options.out], check=True)
    begin = time.monotonic()
    said, queued, resident = None, 0, 0
    try:
        while time.monotonic() - begin < options.seconds:
            metrics = recorder.metrics()
            check(metrics, 'the recorder does not answer while its volume is silent')
            queued = max(queued, metrics.get('liveroom_buffer_bytes{buffer="disk"}', 0))
            resident = max(resident, resident_mib(recorder.process))
            if said is None and metrics['liveroom_storage_writable'] == 0:
                said = time.monotonic() - begin
            time.sleep(0.25)
        if form == 'flv':
            play.site.room('drop', {'how': 'reset'})
    finally:
        subprocess.run(['fsfreeze', '-u', options.out], check=True)
    check(said is not None and said <= 16, f'StorageWritable is told after {said} s')
    check(re.search('has not answered for [0-9]+ s', pathlib.Path(recorder.log_path).read_text()), 'the reason is not in the log')
    check(queued <= QUEUE_LIMIT, f'{queued} bytes wait for the volume')
    check(resident <= before + MOST_GROWTH_MIB, f'{before:.0f} MiB before, {resident:.0f} MiB while it was silent')
    begin = time.monotonic()
    wait_for(lambda: recorder.metrics().get('liveroom_storage_writable') == 1, 'the volume counts as writable again')
    size = play.written()
    wait_for(lambda: play.written() > size + 100_000, 'the recording goes on')
    took = time.monotonic() - begin
    time.sleep(2)
    lost = play.finish(recorder)
    if form == 'flv':
        files, places = check_files(source, play.out)
        missing_ms = 1000 * sum(gap_of(source, places))
        records = [json.loads(path.with_suffix('.json').read_text()) for path in files]
        pictures = sum(1 for place in places if source.tags[place].kind == VIDEO)
    else:
        files, records, places, holes = check_fragments(source, play)
        missing_ms = sum((hole - 1) * 1000 / 30 for hole in holes)
        pictures = len(places)
    told_ms = sum(record['lostMs'] for record in records)
    check(len(files) == 1, f'{len(files)} files')
    check(missing_ms == 0 or set(lost) == {'disk'}, f'causes {lost}')
    check(abs(told_ms - missing_ms) <= 70, f'{told_ms} ms told, {missing_ms:.0f} ms missing')
    check(sum(len(picture_hashes(path)) for path in files) == pictures, 'not every picture decodes')
    print(f'{form}: said after {said:.1f} s, {queued / 2**20:.1f} MiB waited, {resident - before:.1f} MiB more resident; on again '
          f'{took:.1f} s after; {pictures} pictures, each once, {missing_ms:.0f} ms missing, {told_ms} ms told', flush=True)
    play.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('scenario', choices=['kill', 'account', 'terminate', 'drops', 'gap', 'damage', 'disk', 'stalled', 'hls'])
    parser.add_argument('--recorder', required=True)
    parser.add_argument('--simulator', required=True)
    parser.add_argument('--media', required=True)
    parser.add_argument('--rounds', type=int, default=10)
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--every', type=float, default=5)
    parser.add_argument('--most-lost', type=float, default=1.0, help='seconds before a kill from which all must be there')
    parser.add_argument('--chat-tolerance', type=float, default=3.0, help='seconds; a busy machine delivers late')
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 32))
    parser.add_argument('--out', help='folder for recordings')
    options = parser.parse_args()
    print(f'{options.scenario}: seed {options.seed}', flush=True)
    try:
        globals()[options.scenario](options, Source(options.media), random.Random(options.seed))
    except Failed as failure:
        print(f'FAILED: {failure}')
        sys.exit(1)


if __name__ == '__main__':
    main()
