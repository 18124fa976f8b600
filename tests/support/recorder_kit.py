# SPDX-License-Identifier: Apache-2.0
"""Simulator and recorders as real processes on loopback, for tests and measurements.

Every recorder records as an account. Of its cookie nothing may appear in what the recorder writes: its log, its files and,
where it serves them, its metrics. Recorder.end() looks for it."""
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SECRET = 'never-to-be-seen'
COOKIE = f'SESSDATA={SECRET}-1; bili_jct={SECRET}-2; DedeUserID=20000001'


def fail(problem):
    print(f'FAILED: {problem}', file=sys.stderr)
    sys.exit(1)


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    fail(f'{what} did not come within {seconds} s')


def look_for_cookie(*places):
    for place in places:
        files = [place] if place.is_file() else [f for f in place.rglob('*') if f.is_file()]
        for file in files:
            if SECRET.encode() in file.read_bytes():
                fail(f'the cookie is in {file}')


def cookie_file():
    """Exists until it is closed."""
    file = tempfile.NamedTemporaryFile('w', prefix='liveroom-cookie-')
    file.write(COOKIE)
    file.flush()
    return file


class Simulator:
    def __init__(self, program, media, *options, tls_folder=None):
        tls = ['--tls-listen', '127.0.0.1:0', '--self-signed', str(tls_folder)] if tls_folder else []
        self.process = subprocess.Popen(
            [program, '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--media', media, *tls, *options],
            stdout=subprocess.PIPE, text=True)
        ports = json.loads(self.process.stdout.readline())
        self.api = f'https://localhost:{ports["https"]}/' if tls else f'http://127.0.0.1:{ports["http"]}/'
        self.ca_file = str(tls_folder / 'ca.pem') if tls else None
        self.control = f'http://127.0.0.1:{ports["control"]}'

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.control + path, data=data), timeout=60) as answer:
            return answer.read()

    def post(self, room, command, **body):
        return json.loads(self.call(f'/rooms/{room}/{command}', body))

    def report(self, room):
        return json.loads(self.call(f'/rooms/{room}'))

    def tags(self, room, connection):
        lines = self.call(f'/rooms/{room}/connections/{connection}/tags').splitlines()
        return [json.loads(line) for line in lines]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Recorder:
    """`spec`: of the LiveRoom, as YAML in braces. The log is appended to; without `listen` there are no metrics."""

    def __init__(self, program, simulator, spec, folder, log, listen=True):
        self.folder, self.log = folder, log
        self.cookie = cookie_file()
        folder.mkdir(exist_ok=True)
        manifest = folder.parent / f'{folder.name}.yaml'
        manifest.write_text(f'apiVersion: liveroom.dev/v1alpha1\nkind: LiveRoom\nmetadata: {{name: {folder.name}}}\nspec: {spec}\n')
        command = [program, 'record', str(manifest), '-o', str(folder), '--live-api', simulator.api, '--api', simulator.api,
                   '--cookie-file', self.cookie.name, '--log-format', 'json']
        self.address = None
        if listen:
            with socket.socket() as free:
                free.bind(('127.0.0.1', 0))
                self.address = f'127.0.0.1:{free.getsockname()[1]}'
            command += ['--listen', self.address]
        if simulator.ca_file:
            command += ['--ca-file', simulator.ca_file]
        with open(log, 'ab') as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def save_metrics(self, file):
        with urllib.request.urlopen(f'http://{self.address}/metrics', timeout=20) as answer:
            file.write_bytes(answer.read())
        look_for_cookie(file)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(60)
        self.cookie.close()
        look_for_cookie(self.folder, pathlib.Path(self.log))
