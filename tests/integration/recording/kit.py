# SPDX-License-Identifier: Apache-2.0
"""The simulator and the recorder as processes, and FLV files held against what was sent."""
import atexit
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / 'support'))
import recorder_kit  # noqa: E402

ROOM = 23058
AUDIO, VIDEO = 8, 9


class Failed(Exception):
    pass


def start(command, **options):
    """A process that does not outlive this one."""
    process = subprocess.Popen(command, **options)
    atexit.register(process.kill)
    return process


def check(holds, message):
    if not holds:
        raise Failed(message)


def wait_for(condition, what, limit=30.0):
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < end, f'not within {limit} s: {what}')
        time.sleep(0.02)


class Tag:
    def __init__(self, kind, time_ms, body):
        self.kind, self.time, self.key = kind, time_ms, kind == VIDEO and body[0] >> 4 == 1
        self.digest = hashlib.blake2b(body, digest_size=12).digest()


def read_flv(path):
    """Media tags and the script body; fails on a file that is not whole."""
    data = pathlib.Path(path).read_bytes()
    check(data[:3] == b'FLV', f'{path} is no FLV')
    at, tags, script = 13, [], b''
    while at < len(data):
        check(at + 11 <= len(data), f'{path}: a torn tag at {at}')
        kind, size = data[at] & 0x1F, int.from_bytes(data[at + 1:at + 4], 'big')
        stamp = int.from_bytes(data[at + 4:at + 7], 'big') | data[at + 7] << 24
        body = data[at + 11:at + 11 + size]
        check(at + 15 + size <= len(data), f'{path}: a torn tag at {at}')
        pointer = struct.unpack('>I', data[at + 11 + size:at + 15 + size])[0]
        check(pointer == size + 11, f'{path}: a wrong back pointer at {at}')
        if kind == 18:
            script = script or body
        elif body[1] != 0 or (kind == AUDIO and body[0] >> 4 != 10):
            tags.append(Tag(kind, stamp, body))
        at += 15 + size
    return tags, script


def number_in(script, key):
    """A number of the script's metadata."""
    at = script.index(struct.pack('>H', len(key)) + key.encode() + b'\0') + 2 + len(key) + 1
    return struct.unpack('>d', script[at:at + 8])[0]


def text_in(script, key):
    at = script.index(struct.pack('>H', len(key)) + key.encode() + b'\2') + 2 + len(key) + 1
    size = struct.unpack('>H', script[at:at + 2])[0]
    return script[at + 2:at + 2 + size].decode()


class Source:
    """The file that the simulator plays; every picture in it is different."""

    def __init__(self, path):
        self.path = path
        self.tags, _ = read_flv(path)
        start = self.tags[0].time
        for tag in self.tags:
            tag.time -= start
        self.by_digest = {}
        for index, tag in enumerate(self.tags):
            self.by_digest.setdefault((tag.kind, tag.digest), []).append(index)
        pictures = [tag for tag in self.tags if tag.kind == VIDEO]
        check(len({tag.digest for tag in pictures}) == len(pictures), 'pictures of the source are not different')

    def place(self, tags):
        """Indices of recorded tags. Where sounds are equal, the first one behind the sound before."""
        places, last = [], {AUDIO: -1, VIDEO: -1}
        for tag in tags:
            found = self.by_digest.get((tag.kind, tag.digest))
            check(found, f'a tag at {tag.time} ms that was never sent')
            later = [index for index in found if index > last[tag.kind]]
            check(later, f'a tag of the source at {self.tags[found[-1]].time} ms is there twice or out of order')
            last[tag.kind] = later[0]
            places.append(later[0])
        return places


class Site:
    def __init__(self, program, media, work):
        self.work = work
        self.process = start(
            [program, '--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0', '--self-signed', work, '--control',
             '127.0.0.1:0', '--media', media, '--tag-records', '2000000'],
            stdout=subprocess.PIPE)
        self.ports = json.loads(self.process.stdout.readline())
        self.call('/rooms', {'roomId': ROOM, 'title': 'test'})

    def call(self, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        url = f'http://127.0.0.1:{self.ports["control"]}{path}'
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20) as answer:
            return answer.read().decode()

    def room(self, command=None, body=None):
        path = f'/rooms/{ROOM}' + (f'/{command}' if command else '')
        return json.loads(self.call(path, body if command is None or body is not None else {}))

    def connections(self):
        """Media connections, oldest first, each with the tags that it was sent."""
        found = [c for c in self.room()['connections'] if c['kind'] == 'media']
        found.sort(key=lambda c: c['id'])
        for connection in found:
            lines = self.call(f'/rooms/{ROOM}/connections/{connection["id"]}/tags').splitlines()
            connection['sent'] = [t for t in map(json.loads, lines) if t['index'] >= 0]
        return found

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        check(self.process.wait(20) == 0, 'the simulator ends badly')


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Recorder:
    def __init__(self, program, site, out, manifest=None):
        self.port = free_port()
        self.log_path = os.path.join(site.work, 'recorder.log')
        self.log = open(self.log_path, 'a')
        self.out = pathlib.Path(out)
        self.cookie = recorder_kit.cookie_file()
        address = f'https://localhost:{site.ports["https"]}'
        self.process = start(
            [program, 'record', manifest or str(ROOM), '-o', out, '--live-api', address, '--api', address, '--ca-file',
             os.path.join(site.work, 'ca.pem'), '--cookie-file', self.cookie.name, '--listen', f'127.0.0.1:{self.port}'],
            stderr=self.log, stdout=subprocess.DEVNULL)

    def end(self, number):
        """Unix ms of the signal."""
        check(self.process.poll() is None, f'the recorder has ended by itself; see {self.log_path}')
        moment = int(time.time() * 1000)
        self.process.send_signal(number)
        code = self.process.wait(60)
        check(code == (0 if number == signal.SIGTERM else -number), f'the recorder ends with {code}')
        self.cookie.close()
        recorder_kit.look_for_cookie(self.out, pathlib.Path(self.log_path))
        return moment

    def metrics(self):
        """Samples by name and labels as they are written; nothing while it does not answer yet."""
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/metrics', timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            return {}
        check(recorder_kit.SECRET not in text, 'the cookie is in the metrics')
        return {m[1]: float(m[2]) for m in re.finditer(r'^([^#\s]\S*) (\S+)$', text, re.M)}

    def lost(self):
        """Seconds by cause."""
        found = {}
        for name, value in self.metrics().items():
            match = re.match(r'liveroom_lost_seconds_total\{cause="(\w+)"\}', name)
            if match and value > 0:
                found[match[1]] = value
        return found


def files_in(out):
    """Published files, in the order of their parts; leftovers beside them."""
    whole = sorted(pathlib.Path(out).rglob('*.flv'), key=lambda p: int(text_in(read_flv(p)[1], 'Part')))
    return whole, sorted(pathlib.Path(out).rglob('*.part'))


def last_files(out):
    """What the recorder's state says of the newest recording."""
    return json.loads(pathlib.Path(out, '.liveroom', 'state.json').read_text())['last']['files']


def check_files(source, out):
    """Every file plays, no frame is in them twice; returns the paths and the indices of what they hold."""
    files, parts = files_in(out)
    parts = [p for p in parts if '.liveroom' not in p.parts]
    check(not parts, f'leftovers: {parts}')
    check(files, 'no file')
    everything = []
    for path in files:
        tags, script = read_flv(path)
        times = [tag.time for tag in tags]
        check(times == sorted(times), f'{path}: times step back')
        check(abs(number_in(script, 'duration') * 1000 - times[-1]) < 1, f'{path}: a wrong duration')
        everything += tags
    return files, source.place(everything)


def missing(source, places, connections):
    """Tags that were sent and are in no file, between the first and the last of them: index and when each was sent
    last by which connection."""
    have = set(places)
    lowest, highest = min(places), max(places)
    gone = {}
    for connection in connections:
        for tag in connection['sent']:
            if tag['index'] not in have and lowest <= tag['index'] <= highest:
                gone.setdefault(tag['index'], []).append((connection['id'], tag['wallMs']))
    return gone
