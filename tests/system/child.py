"""A process that a test runs without sidecard: a part of the reference application by itself, or its database."""

import os
import signal
import subprocess
import tempfile

import requests
from processes import poll
from runtime import ROOT, clean_environment

APP = ROOT / "profiles" / "reference-app"
READY_SECONDS = 30


class Child:
    """A context: started in a session of its own at its beginning, ended with all of that session at its end."""

    def __init__(self, command, cwd=None, env=None):
        self.command = [str(part) for part in command]
        self.cwd = cwd
        self.env = clean_environment(**(env or {}))
        self.output_file = tempfile.TemporaryFile("w+b")

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=self.cwd, env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=self.output_file, stderr=self.output_file, start_new_session=True)
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.wait()
        print(f"--- what {self.command[0]} printed\n{self.output()}")
        self.output_file.close()

    def output(self):
        self.output_file.seek(0)
        return self.output_file.read().decode(errors="replace")

    def signal_all(self, sign):
        """As sidecard does it: to every process of the child's group."""
        try:
            os.killpg(self.process.pid, sign)
        except ProcessLookupError:
            pass

    def kill(self):
        self.signal_all(signal.SIGKILL)

    def wait_http(self, url, below=500):
        def answers():
            assert self.process.poll() is None, f"ended with code {self.process.returncode}:\n{self.output()}"
            try:
                return requests.get(url, timeout=2).status_code < below
            except requests.RequestException:
                return False
        poll(answers, READY_SECONDS, lambda: f"{url} answers\n{self.output()}")
        return self


def mongo(parts, folder, port):
    """The database by itself, with its data in folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if parts.mongo.name.startswith("ferretdb"):
        return Child([parts.mongo, "--handler=sqlite", f"--sqlite-url=file:{folder}/", f"--listen-addr=127.0.0.1:{port}",
                      f"--state-dir={folder}", "--telemetry=disable", "--debug-addr=-"])
    return Child([parts.mongo, "--port", port, "--dbpath", folder, "--bind_ip", "127.0.0.1"])


def ollama(parts, models, port):
    return Child([parts.ollama, "serve"], env={"OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_MODELS": models, "OLLAMA_NOPRUNE": 1})


def backend(parts, port, *args, **env):
    return Child([parts.python, "scripts/run_backend.py", "--host", "127.0.0.1", "--port", port, *args], cwd=APP / "backend", env=env)


def web(port, backend_url, *args, **env):
    command = ["npm", "run", "start:standalone"] + (["--", *args] if args else [])
    return Child(command, cwd=APP / "web", env={"PORT": port, "BACKEND_BASE_URL": backend_url, **env})
