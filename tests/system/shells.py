"""sidecard as a desktop shell starts it: over stdin and stdout, or bound to its parent's life."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from processes import poll
from runtime import RpcError, Runtime

SHELL = Path(__file__).resolve().parent / "desktop_shell.py"


class StdioRuntime(Runtime):
    """The test itself is the shell: it writes to stdin and reads stdout."""

    def start(self, stdin=subprocess.PIPE, stdout=subprocess.PIPE, read=True):
        with open(self.output_path, "ab") as output:
            self.process = subprocess.Popen(
                [*self.wrapper, self.sidecard, "--profile", str(self.profile), "--data-dir", str(self.data_dir), "--stdio",
                 *self.args], stdin=stdin, stdout=stdout, stderr=output, env=self.env, start_new_session=True)
        self.messages = []
        self.garbage = []
        self.ended = threading.Event()
        self.last_id = 0
        if read and stdout == subprocess.PIPE:
            threading.Thread(target=self.read_on, args=[self.process.stdout], daemon=True).start()
        return self

    def read_on(self, lines):
        for line in lines:
            try:
                message = json.loads(line)
                self.messages.extend(message if isinstance(message, list) else [message])
            except ValueError:
                self.garbage.append(line)
        self.ended.set()

    def send(self, what):
        """Bytes as they are, anything else as a line of JSON."""
        self.process.stdin.write(what if isinstance(what, bytes) else json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method, **params):
        """Sends a request; its id."""
        self.last_id += 1
        self.send({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params})
        return self.last_id

    def answer(self, wanted, timeout=20):
        """The whole answer to the request with this id."""
        def there():
            return next((message for message in self.messages if "method" not in message and message["id"] == wanted), None)
        return poll(there, timeout, lambda: f"answer {wanted} among {self.messages}\n{self.output()}", 0.005)

    def call(self, method, **params):
        answer = self.answer(self.ask(method, **params))
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def notifications(self, method):
        return [message for message in self.messages if message.get("method") == method]

    def wait_listens(self):
        poll(self._listens_or_ended, 20, "sidecard listens on its socket")
        return self

    def wait_all_ready(self):
        """Asked over its own channel."""
        poll(lambda: self.call("runtime_status")["state"] == "ready", 20, "everything is ready")
        self.look()
        return self

    def end_input(self):
        self.look()
        self.process.stdin.close()

    def wait(self, timeout=20):
        """Its exit code, once it has ended by itself and all that it said was read."""
        code = self.process.wait(timeout)
        if self.process.stdout:
            assert self.ended.wait(5)
        return code

    def finish(self):
        if self.process and self.process.stdin and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        super().finish()


class ShellRuntime(Runtime):
    """A program of its own is the shell (desktop_shell.py); `process` ends with sidecard's code when all of them have ended."""

    where = "main"

    def start(self, timeout=20, listens=True):
        pids = self.folder / "pids"
        with open(self.output_path, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(SHELL), str(pids), self.where, *self.wrapper, self.sidecard, "run", "--profile",
                 str(self.profile), "--data-dir", str(self.data_dir), *self.args],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env, start_new_session=True)
        poll(pids.exists, timeout, lambda: f"the shell has started sidecard\n{self.output()}")
        self.pids = json.loads(pids.read_text())
        if listens:
            poll(self._listens_or_ended, timeout, "sidecard listens on its socket")
        return self

    def _listens_or_ended(self):
        assert self.process.poll() is None, f"sidecard ended with code {self.process.returncode}:\n{self.output()}"
        try:
            return self.pid_in_file() == self.pids["sidecard"] and self.rpc("runtime_status")
        except (OSError, ValueError, KeyError):
            return False

    def kill_shell(self):
        """The moment, on the clock of the journals."""
        self.look()
        at = time.monotonic()
        os.kill(self.pids["shell"], signal.SIGKILL)
        return at

    def finish(self):
        if self.process and self.process.poll() is None:
            try:
                os.kill(self.pids["shell"], signal.SIGKILL)
                os.kill(self.pids["sidecard"], signal.SIGTERM)
                self.process.wait(30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        super().finish()


class ThreadShellRuntime(ShellRuntime):
    where = "thread"
