"""A running sidecard, as a test sees it: started on a profile, asked over its socket, stopped, and looked for afterwards."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

import processes
import psutil
from processes import poll

ROOT = Path(__file__).resolve().parents[2]

# What the machine that runs the tests may have set, and what would change what a profile says.
OURS = ("RUNTIME_PROFILE_PATH", "APP_RUNTIME_MODE", "WEB_PORT", "BACKEND_PORT", "MONGO_PORT", "OLLAMA_PORT", "APP_DATA_DIR",
        "BACKEND_BASE_URL", "DESKTOP_SESSION_ID", "PQA_WORKSPACE_ROOT", "MONGODB_URI", "OLLAMA_HOST", "OLLAMA_MODEL",
        "OLLAMA_MODELS", "PORT", "HOST", "HOSTNAME", "APP_BACKEND_ORIGIN", "SIDECARD_NAME", "SIDECARD_RUNTIME_ID",
        "SIDECARD_SOCKET", "SIDECARD_LOG")


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.data = error.get("data")


def free_ports(count):
    """Ports that nobody listens on now. All are held until the last is known, so that none comes twice."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()


def clean_environment(**more):
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "NO_COLOR": "1", **{name: str(value) for name, value in more.items()}}


class Runtime:
    """
    `sidecard --profile PROFILE --data-dir D ARGS...`, with D new and unique.

    start() returns when it listens on its socket, wait_ready() when all is ready. stop() ends it as Ctrl-C does. Whoever
    made it calls finish(), which also asserts that no process is left; the fixture make_runtime does that by itself.
    """

    def __init__(self, sidecard, profile, *args, env=None, data_dir=None, files=None, wrapper=()):
        """files: where the runtime's files are expected, if not in data_dir. wrapper: a command that execs its arguments."""
        self.sidecard = str(sidecard)
        self.wrapper = [str(part) for part in wrapper]
        # A short path: a socket's may not be longer than 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="sidecard-"))
        self.data_dir = Path(data_dir) if data_dir else self.folder / "data"
        self.files = Path(files) if files else self.data_dir
        self.profile = Path(profile)
        self.args = [str(arg) for arg in args]
        self.mark = uuid.uuid4().hex
        self.env = clean_environment(**(env or {}), **{processes.MARK: self.mark})
        self.output_path = self.folder / "output"
        self.process = None
        self._seen = {}  # every process that was ever seen below it: (pid, create time) -> psutil.Process
        self._runtime_ids = set()

    # --- Starting and stopping ---------------------------------------------------------------------------------------

    def start(self, timeout=20):
        with open(self.output_path, "ab") as output:
            self.process = subprocess.Popen(
                [*self.wrapper, self.sidecard, "run", "--profile", str(self.profile), "--data-dir", str(self.data_dir), *self.args],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env, start_new_session=True)
        poll(self._listens_or_ended, timeout, "sidecard listens on its socket")
        return self

    def _listens_or_ended(self):
        assert self.process.poll() is None, f"sidecard ended with code {self.process.returncode}:\n{self.output()}"
        try:
            return self.pid_in_file() == self.process.pid and self.rpc("runtime_status")
        except (OSError, ValueError, KeyError):
            return False

    def pid_in_file(self):
        return self.runtime_file()["pid"]

    def wait_ready(self, *names, timeout=120):
        answer = self.cli("wait", *names, "--timeout", f"{timeout}s", timeout=timeout + 10)
        assert answer.returncode == 0, f"wait gave {answer.returncode}: {answer.stderr}\n{self.report()}"
        self.look()
        return self

    def stop(self, sign=signal.SIGINT, timeout=60):
        """Its exit code."""
        self.look()
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running {timeout} s after {sign.name}\n{self.report()}") from None

    def kill(self):
        """Ends sidecard alone, as the kernel does when memory is short."""
        self.look()
        self.process.kill()
        self.process.wait()

    def finish(self):
        """Ends what still runs, asserts that it ended well and that nothing is left, and removes the folder."""
        try:
            if self.process and self.process.poll() is None:
                code = self.stop(signal.SIGTERM)
                assert code == 0, f"it ended with code {code}\n{self.report()}"
            self.assert_nothing_left()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for process in self.left():
                process.kill()
            # Shown by pytest when the test failed.
            print(f"--- what sidecard printed ({self.profile})\n{self.output()[-20000:]}")
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- Its processes -----------------------------------------------------------------------------------------------

    def look(self):
        """Remembers what runs below sidecard now, so that it is looked for at the end whatever becomes of it."""
        if not self.process:
            return
        for process in processes.descendants(self.process.pid):
            try:
                self._seen[(process.pid, process.create_time())] = process
            except psutil.NoSuchProcess:
                continue
            runtime_id = processes.environment(process).get("SIDECARD_RUNTIME_ID")
            if runtime_id:
                self._runtime_ids.add(runtime_id)

    def left(self):
        """What of this runtime is still alive, sidecard itself included."""
        found = {process.pid: process for process in processes.marked(self.mark, self._runtime_ids)}
        found.update({process.pid: process for process in self._seen.values() if processes.is_alive(process)})
        return list(found.values())

    def assert_nothing_left(self, timeout=2):
        def gone():
            return not self.left()
        try:
            poll(gone, timeout, "no process of the runtime is left")
        except AssertionError:
            left = "\n".join(processes.describe(process) for process in self.left())
            raise AssertionError(f"left behind:\n{left}\n{self.report()}") from None

    # --- Asking it ---------------------------------------------------------------------------------------------------

    def runtime_file(self):
        return json.loads((self.files / "runtime" / "runtime.json").read_text())

    def rpc(self, method, timeout=130, **params):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(timeout)
            client.connect(self.runtime_file()["socket"])
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile("rb") as lines:
                answer = json.loads(lines.readline() or b'{"error": {"message": "the connection was closed"}}')
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def status(self, **params):
        return self.rpc("runtime_status", **params)

    def row(self, name):
        return next(row for row in self.status()["sidecars"] if row["name"] == name)

    def wait_row(self, name, timeout=20, **fields):
        """The row, once it has these values: wait_row("web", state="failed")."""
        def there():
            row = self.row(name)
            return row if all(row[key] == value for key, value in fields.items()) else None
        return poll(there, timeout, lambda: f"{name} has {fields}\n{self.report()}", 0.01)

    def url(self, name):
        return f"http://127.0.0.1:{self.row(name)['port']}"

    def last_seq(self):
        return self.rpc("runtime_diagnostics", limit=1)["last_seq"]

    def events(self, since_seq=None, kind=None, source=None):
        """Oldest first; without since_seq the newest 300."""
        wanted = {} if since_seq is None else {"since_seq": since_seq}
        found = self.rpc("runtime_diagnostics", limit=300, **wanted)["events"]
        return [event for event in found if kind in (None, event["kind"]) and source in (None, event["source"])]

    def wait_event(self, kind, source=None, since_seq=0, timeout=60):
        """The first such event after since_seq."""
        found = poll(lambda: self.events(since_seq, kind, source), timeout,
                     lambda: f"event {kind} of {source}\n{self.report()}")
        return found[0]

    def cli(self, *args, timeout=60):
        return subprocess.run([self.sidecard, args[0], "--data-dir", str(self.data_dir), *map(str, args[1:])],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env, timeout=timeout)

    def output(self):
        return self.output_path.read_text(errors="replace") if self.output_path.exists() else ""

    def report(self):
        """For the message of a failed assertion."""
        try:
            rows = "\n".join(f"  {row['name']}: {row['state']} {row['last_error'] or ''}" for row in self.status(timeout=5)["sidecars"])
        except (OSError, ValueError, RpcError) as error:
            rows = f"  no status: {error}"
        return f"state:\n{rows}\nprinted:\n{self.output()[-6000:]}"
