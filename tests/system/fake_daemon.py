"""
A sidecar that misbehaves as its flags say: the one daemon of all tests that look at how sidecard supervises.

Everything that it does is written to --journal as lines "MONOTONIC_NS NAME PID WHAT", so that a test can see what happened
without asking sidecard: the clock is the system's, the same for all processes. It needs nothing but Python and starts fast.
"""

import argparse
import json
import os
import resource
import select
import signal
import socket
import sys
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default=os.environ.get("SIDECARD_NAME", "?"))
    parser.add_argument("--journal", help="tells here what it does")
    parser.add_argument("--dump", help="writes here, as JSON, how it was started")
    parser.add_argument("--port", type=int, help="listens here, on 127.0.0.1")
    parser.add_argument("--listen-after", type=int, default=0, metavar="MS", help="until then nobody listens")
    parser.add_argument("--ready-path", default="/", help="what answers with --status; everything else is 404")
    parser.add_argument("--status", type=int, default=200)
    parser.add_argument("--status-file", help="once this file exists, its text is the status")
    parser.add_argument("--silent", action="store_true", help="accepts and never answers")
    parser.add_argument("--out", action="append", default=[], metavar="TEXT", help="a line on stdout, at once")
    parser.add_argument("--err", action="append", default=[], metavar="TEXT", help="a line on stderr, at once")
    parser.add_argument("--lines", type=int, default=0, help="so many numbered lines on stdout, at once")
    parser.add_argument("--exit-after", type=int, metavar="MS")
    parser.add_argument("--exit-code", type=int, default=1)
    parser.add_argument("--fail-while", metavar="FILE", help="exits at once, with --exit-code, while this file exists")
    parser.add_argument("--exit-on", metavar="FILE", help="exits, with --exit-code, once this file exists")
    parser.add_argument("--ignore-term", action="store_true")
    parser.add_argument("--linger", type=int, default=0, metavar="MS", help="between SIGTERM and the end")
    parser.add_argument("--worker", action="append", default=[], choices=["plain", "setsid", "double-fork", "bare"],
                        help="a process that outlives it; bare: in a session of its own, with an empty environment")
    return parser.parse_args()


class Journal:
    def __init__(self, path, name):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if path else None
        self.name = name

    def note_what_lives(self):
        """Of an earlier start of this sidecar: workers that should be gone."""
        if self.file is None:
            return
        with open(f"/proc/self/fd/{self.file}") as file:
            entries = [line.split(" ", 3) for line in file.read().splitlines()]
        for _, name, pid, what in entries:
            if name == self.name and what.startswith("worker") and is_alive(pid):
                self.write(f"found {pid}")

    def write(self, what):
        if self.file is not None:
            os.write(self.file, f"{time.monotonic_ns()} {self.name} {os.getpid()} {what}\n".encode())


def describe(path):
    """How it was started, in whole: written aside and renamed, so that a reader never sees half of it."""
    fact = {
        "pid": os.getpid(), "ppid": os.getppid(), "sid": os.getsid(0), "pgid": os.getpgid(0), "argv": sys.argv,
        "cwd": os.getcwd(), "env": dict(os.environ), "umask": os.umask(0),
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE),
        "fds": {fd: os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")},
        "signals": {key: value for key, value in (line.split(":\t") for line in open("/proc/self/status").read().splitlines()
                                                  if line.startswith("Sig"))},
    }
    with open(path + ".aside", "w") as file:
        json.dump(fact, file)
    os.rename(path + ".aside", path)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def work_for_ever():
    while True:
        time.sleep(1000)


def start_worker(kind, journal, ignore_term):
    """Returns when the worker has said that it lives, and is what it is to be: its end of the pipe is closed by then."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        while os.read(reader, 1):
            pass
        os.close(reader)
        return
    if kind in ("setsid", "double-fork", "bare"):
        os.setsid()
    if kind == "double-fork" and os.fork():
        os._exit(0)
    if ignore_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    journal.write(f"worker {kind}")
    if kind == "bare":
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", "import time\nwhile True: time.sleep(1000)"], {})
    os.close(writer)
    work_for_ever()


class Daemon:
    def __init__(self, args):
        self.args = args
        self.journal = Journal(args.journal, args.name)
        self.began = time.monotonic()
        self.ends_at = None if args.exit_after is None else self.began + args.exit_after / 1000
        self.code = args.exit_code
        self.listener = None
        self.clients = {}

    def terminate(self, *_):
        self.journal.write("term")
        if not self.args.ignore_term:
            self.ends_at = time.monotonic() + self.args.linger / 1000
            self.code = 0

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.args.port))
        self.journal.write("listens")

    def status(self):
        if self.args.status_file and os.path.exists(self.args.status_file):
            return int(open(self.args.status_file).read())
        return self.args.status

    def answer(self, client):
        data = self.clients[client] + client.recv(65536)
        if not data or data == self.clients[client]:
            del self.clients[client]
            client.close()
            return
        self.clients[client] = data
        if b"\r\n\r\n" not in data or self.args.silent:
            return
        path = data.split()[1].decode()
        status = self.status() if path == self.args.ready_path else 404
        body = f"{self.args.name} {path}\n"
        client.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        self.clients[client] = b""

    def turn(self):
        now = time.monotonic()
        if self.args.port and not self.listener and now >= self.began + self.args.listen_after / 1000:
            self.listen()
        if self.args.exit_on and os.path.exists(self.args.exit_on):
            self.ends_at = now
        if self.ends_at is not None and now >= self.ends_at:
            self.journal.write("exit")
            os._exit(self.code)
        files = list(self.clients) + ([self.listener] if self.listener else [])
        for file in select.select(files, [], [], 0.01)[0]:
            if file is self.listener:
                client, _ = file.accept()
                self.clients[client] = b""
            else:
                try:
                    self.answer(file)
                except OSError:
                    self.clients.pop(file, None)

    def run(self):
        args = self.args
        signal.signal(signal.SIGTERM, self.terminate)
        self.journal.note_what_lives()
        self.journal.write("start")
        for text in args.out:
            os.write(1, text.encode() + b"\n")
        for text in args.err:
            os.write(2, text.encode() + b"\n")
        for number in range(args.lines):
            os.write(1, f"line {number}\n".encode())
        for kind in args.worker:
            start_worker(kind, self.journal, args.ignore_term)
        if args.fail_while and os.path.exists(args.fail_while):
            self.journal.write("exit")
            os._exit(args.exit_code)
        while True:
            self.turn()


def main():
    args = arguments()
    if args.dump:
        describe(args.dump)
    Daemon(args).run()


main()
