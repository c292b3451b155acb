"""Profiles of fake sidecars, and what their daemons say that happened."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from processes import poll

DAEMON = Path(__file__).resolve().parent / "fake_daemon.py"
ROLES_OFF = {name: {"enabled": False} for name in ("web", "backend", "mongo", "ollama")}

# Delays that a test need not sit out.
FAST = {"initial": "10ms", "factor": 1, "max": "10ms", "jitter": 0}


def daemon(*flags):
    """The command line of a fake daemon. -I -S: it starts twice as fast."""
    return [sys.executable, "-I", "-S", str(DAEMON), *map(str, flags)]


def profile(sidecars, **more):
    """A profile of these sidecars and no others."""
    return {"mode": "local_fullstack", "sidecars": {**ROLES_OFF, **sidecars}, **more}


def write_profile(path, sidecars, **more):
    path.write_text(json.dumps(profile(sidecars, **more), indent=1))
    return path


class Journal:
    """What the fake daemons write, as entries with `at` (seconds), `name`, `pid` and `what`."""

    def __init__(self, path):
        self.path = path

    def __str__(self):
        return str(self.path)

    def text(self):
        return self.path.read_text() if self.path.exists() else ""

    def entries(self, name=None, what=None):
        found = []
        for line in self.text().splitlines():
            at, entry_name, pid, said = line.split(" ", 3)
            found.append(SimpleNamespace(at=int(at) / 1e9, name=entry_name, pid=int(pid), what=said))
        return [entry for entry in found if name in (None, entry.name) and (what is None or entry.what.startswith(what))]

    def wait(self, name, what, count=1, timeout=10):
        """The first `count` such entries."""
        def enough():
            found = self.entries(name, what)
            return found if len(found) >= count else None
        return poll(enough, timeout, lambda: f"{count} x '{what}' of {name} in\n{self.text()}", 0.01)[:count]


def fake(journal, *flags, port=None, **keys):
    """A sidecar that runs a fake daemon: the flags are the daemon's, the keys the profile's."""
    if port:
        flags = ("--port", port, *flags)
        keys["port"] = port
    keys.setdefault("restart", {"backoff": FAST})
    return {"command": daemon("--journal", journal, *flags), **keys}
