"""Profiles that are not good, and commands that are not: a clear line each, the right exit code, and nothing is started."""

import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from fakes import ROLES_OFF, fake
from runtime import clean_environment, free_ports

pytestmark = pytest.mark.timeout(120)

BOMB = "mode: local_fullstack\nllm_defaults:\n  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
CYCLE = """mode: local_fullstack
sidecars:
  one: { command: [x], depends_on: { two: ready } }
  two: { command: [x], depends_on: { three: ready } }
  three: { command: [x], depends_on: { one: started } }
"""

# name, what the file holds, where each fault is and what it says: (line:column, path, words)
FAULTS = [
    ("empty.yaml", b"", [("1:1", None, "empty")]),
    ("blank.yaml", b"\n \n# nothing\n", [("1:1", None, "empty")]),
    ("empty.json", b"", [("1:1", None, "empty")]),
    ("latin.yaml", b"mode: local_fullstack\napp:\n  name: caf\xe9\n", [("3:12", None, "UTF-8")]),
    ("zero.json", b'{"mode": "local_fullstack"}\0', [("1:28", None, "")]),
    ("bomb.yaml", BOMB.encode(), [(None, None, "expand past 1 MiB")]),
    ("deep.yaml", b"mode: local_fullstack\nllm_defaults: " + b"[" * 100 + b"]" * 100 + b"\n", [(None, None, "nested deeper than 64")]),
    ("syntax.yaml", b"mode: [\n", [("2:1", None, "not valid YAML")]),
    ("syntax.json", b'{"mode": "local_fullstack",}', [("1:28", None, "not valid JSON")]),
    ("trailing.json", b'{"mode": "local_fullstack"} x', [("1:29", None, "not valid JSON")]),
    ("tag.yaml", b"mode: !!str local_fullstack\n", [("1:7", None, "tag")]),
    ("two.yaml", b"mode: local_fullstack\n---\nmode: remote_slim\n", [(None, None, "document")]),
    ("list.yaml", b"- local_fullstack\n", [("1:1", None, "expected an object, got a list")]),
    ("twice.yaml", b"mode: local_fullstack\ndata_dir: /a\ndata_dir: /b\n", [("3:1", "data_dir", "duplicate key")]),
    ("twice.json", b'{"mode": "local_fullstack",\n "app": {"id": "a",\n "id": "b"}}', [("3:2", "app.id", "duplicate key")]),
    ("port.yaml", b"mode: local_fullstack\nlocal_ports:\n  web: 70000\n", [("3:8", "local_ports.web", "expected an integer from 0 to 65535, got 70000")]),
    ("profile.yaml", b"mode: local_fullstack\nsidecars:\n  backend:\n    port: \"80a\"\n",
     [("4:11", "sidecars.backend.port", "expected an integer from 0 to 65535, got \"80a\"")]),
    ("negative.json", b'{"mode": "local_fullstack", "local_ports": {"web": -1}}', [("1:52", "local_ports.web", "got -1")]),
    ("fraction.json", b'{"mode": "local_fullstack", "local_ports": {"web": 80.5}}', [("1:52", "local_ports.web", "got 80.5")]),
    ("cycle.yaml", CYCLE.encode(), [(None, None, "one -> two -> three -> one")]),
    ("mode.yaml", b"mode: cloud\n", [("1:7", "mode", "expected local_fullstack or remote_slim, got \"cloud\"")]),
    ("none.yaml", b"app: { id: a }\n", [(None, "mode", "missing")]),
    ("slim.yaml", b"mode: remote_slim\n", [(None, "backend_url", "remote_slim")]),
    ("url.yaml", b"mode: remote_slim\nbackend_url: ftp://host\n", [("2:14", "backend_url", "http")]),
    ("unknown.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x], dependson: {} }\n",
     [("3:24", "sidecars.one.dependson", "did you mean 'depends_on'?")]),
    ("nobody.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x], depends_on: { nobody: ready } }\n",
     [("3:38", "sidecars.one.depends_on.nobody", "nobody")]),
    ("same-port.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x], port: 7070 }\n  two: { command: [x], port: 7070 }\n",
     [(None, None, "7070")]),
    ("duration.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x], stop: { grace: 5 } }\n",
     [("3:39", "sidecars.one.stop.grace", "")]),
    ("pattern.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x], ready: { log: { pattern: '(' } } }\n",
     [("3:49", "sidecars.one.ready.log.pattern", "")]),
    ("placeholder.yaml", b"mode: local_fullstack\nsidecars:\n  one: { command: [x, \"${nothing}\"] }\n",
     [("3:23", "sidecars.one.command[1]", "unknown placeholder '${nothing}'")]),
    ("name.yaml", b"mode: local_fullstack\nsidecars:\n  runtime: { command: [x] }\n", [("3:3", None, "runtime")]),
    ("many.yaml", b"mode: cloud\nlocal_ports: { web: 70000, backend: \"80a\" }\nsidecars:\n  one: { port: 1, env: { A: 1 } }\n  two: []\nfeature_flags: { a: 1 }\n",
     [("1:7", "mode", "cloud"), ("2:21", "local_ports.web", "70000"), ("2:37", "local_ports.backend", "80a"), (None, "sidecars.one.command", ""),
      (None, "sidecars.one.env.A", ""), ("5:8", "sidecars.two", ""), ("6:21", "feature_flags.a", "")]),
]


def run(sidecard, *args, timeout=20, **options):
    options.setdefault("env", clean_environment())
    return subprocess.run([str(sidecard), *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, **options)


COMMANDS = {
    "run": lambda path, data: ["run", "--profile", path, "--data-dir", data],
    "validate": lambda path, data: ["validate", path],
    "plan": lambda path, data: ["plan", path],
    "dry-run": lambda path, data: ["--profile", path, "--data-dir", data, "--dry-run"],
}


def check_lines(ended, path, faults):
    """Each fault has its line, in the form FILE:LINE:COLUMN: PATH: what is wrong; there are no others."""
    assert ended.returncode == 3, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    lines = ended.stderr.splitlines()
    assert len(lines) == len(faults), ended.stderr
    for where, at, words in faults:
        pattern = re.escape(str(path)) + ":" + (re.escape(where) if where else r"\d+:\d+") + ": " + (re.escape(at) + ": " if at else "") + ".+"
        found = [line for line in lines if re.fullmatch(pattern, line) and words in line]
        assert found, f"{pattern} with '{words}' in\n{ended.stderr}"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name, content, faults", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_every_fault_has_its_line_and_nothing_starts(sidecard, tmp_path, name, content, faults, command):
    path, data = tmp_path / name, tmp_path / "data"
    path.write_bytes(content)
    begin = time.monotonic()
    ended = run(sidecard, *COMMANDS[command](path, data))
    assert time.monotonic() - begin < 5
    check_lines(ended, path, faults)
    assert ended.stdout == "" and not data.exists()


def test_the_faults_as_a_list(sidecard, tmp_path):
    name, content, faults = FAULTS[-1]
    path = tmp_path / name
    path.write_bytes(content)
    ended = run(sidecard, "validate", path, "--json")
    assert ended.returncode == 3
    listed = json.loads(ended.stdout)
    assert len(listed) == len(faults)
    assert {(entry["line"], entry["column"], entry["path"]) for entry in listed} >= {(1, 7, "mode"), (2, 21, "local_ports.web"), (5, 8, "sidecars.two")}


def not_there(tmp_path):
    return tmp_path / "none.yaml", "none.yaml"


def folder(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    return tmp_path / "folder.yaml", "folder"


def ten_mebibytes(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"mode: local_fullstack\n" + b"#" * (10 * 1024 * 1024))
    return path, "1 MiB"


def just_too_large(tmp_path):
    path = tmp_path / "large.json"
    text = b'{"mode": "local_fullstack"}'
    path.write_bytes(text + b" " * (1024 * 1024 + 1 - len(text)))
    return path, "1 MiB"


def unreadable(tmp_path):
    """Root reads whatever the mode says, but not the memory of a process at 0."""
    if os.geteuid() == 0:
        (tmp_path / "memory.yaml").symlink_to("/proc/self/mem")
        return tmp_path / "memory.yaml", "cannot be read"
    path = tmp_path / "secret.yaml"
    path.write_text("mode: local_fullstack\n")
    path.chmod(0)
    return path, "cannot be read"


def no_folder_above(tmp_path):
    (tmp_path / "a-file").touch()
    return tmp_path / "a-file" / "profile.yaml", "profile.yaml"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("make", [not_there, folder, ten_mebibytes, just_too_large, unreadable, no_folder_above])
def test_a_file_that_cannot_be_read_has_its_line(sidecard, tmp_path, make, command):
    path, words = make(tmp_path)
    data = tmp_path / "data"
    ended = run(sidecard, *COMMANDS[command](path, data))
    assert ended.returncode == 3
    lines = ended.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{path}:") and words in lines[0]
    assert ended.stdout == "" and not data.exists()


def test_a_file_that_its_user_may_not_read_says_why(sidecard):
    """As somebody who is not root, for whom every mode is good."""
    somebody = {}
    with tempfile.TemporaryDirectory(prefix="sidecard-") as name:
        place = Path(name)
        place.chmod(0o755)
        program, path = place / "sidecard", place / "secret.yaml"
        shutil.copy(sidecard, program)  # the build may be in a folder of root's own
        path.write_text("mode: local_fullstack\n")
        path.chmod(0)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            somebody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        ended = run(program, "validate", path, cwd="/", **somebody)
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1 and ended.stderr.startswith(f"{path}:") and "ermission denied" in ended.stderr


def test_what_is_unusual_but_good_is_accepted(sidecard, tmp_path):
    document = b'{"mode": "desktop_local_fullstack",\r\n "sidecars": {}}\r\n'
    for name, content in (("bom.json", b"\xef\xbb\xbf" + document), ("crlf.json", document), ("crlf.yaml", b"\xef\xbb\xbfmode: local_fullstack\r\napp: { id: a }\r\n"),
                          ("full.json", document + b" " * (1024 * 1024 - len(document)))):
        path = tmp_path / name
        path.write_bytes(content)
        ended = run(sidecard, "validate", path)
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("variable, value", [("WEB_PORT", "80a"), ("BACKEND_PORT", "70000"), ("APP_RUNTIME_MODE", "cloud"), ("MONGO_PORT", "-1")])
def test_a_variable_that_is_wrong_is_named(sidecard, tmp_path, variable, value):
    path, data = tmp_path / "profile.json", tmp_path / "data"
    path.write_text(json.dumps({"mode": "local_fullstack", "sidecars": ROLES_OFF}))
    ended = run(sidecard, "run", "--profile", path, "--data-dir", data, env=clean_environment(**{variable: value}))
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1 and variable in ended.stderr and value in ended.stderr
    assert not data.exists()


# --- Commands ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("args, words", [
    (["strat"], "did you mean 'start'?"), (["shutdwon"], "did you mean 'shutdown'?"), (["frobnicate"], "--help"),
    (["run", "--profil", "x"], "did you mean '--profile'?"), (["status", "--wtach"], "did you mean '--watch'?"),
    (["--no-auto-restrat"], "did you mean '--no-auto-restart'?"), (["run", "--mode"], "--mode"), (["wait", "--timeout", "5 parsecs"], "5 parsecs"),
    (["logs", "-n", "-5"], "-5"), (["validate"], ""), (["stop", "--force"], "--force"), (["run", "stray"], "stray"),
])
def test_usage_errors_end_with_2(sidecard, tmp_path, args, words):
    ended = run(sidecard, *args, cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1 and words in ended.stderr and ended.stdout == ""


@pytest.mark.parametrize("args", [["status"], ["wait", "--timeout", "1s"], ["start"], ["stop", "web"], ["restart"], ["shutdown"]], ids=lambda args: args[0])
def test_without_a_supervisor_commands_end_with_4(sidecard, tmp_path, args):
    ended = run(sidecard, args[0], "--data-dir", tmp_path / "data", *args[1:])
    assert ended.returncode == 4
    assert len(ended.stderr.splitlines()) == 1 and "no supervisor" in ended.stderr
    assert not (tmp_path / "data").exists(), "asking makes nothing"


def test_waiting_for_what_is_not_ready_ends_with_5_and_for_what_failed_with_6(make_fakes, journal):
    slow, fine = free_ports(2)
    runtime = make_fakes({
        "slow": fake(journal, "--listen-after", 60_000, port=slow),
        "dead": fake(journal, "--err", "no such module", "--exit-after", 0, "--exit-code", 3, restart={"policy": "never"}, critical=False),
        "fine": fake(journal, port=fine),
    }).start()
    runtime.wait_row("dead", state="failed")
    begin = time.monotonic()
    late = runtime.cli("wait", "slow", "--timeout", "300ms")
    assert late.returncode == 5 and 0.3 <= time.monotonic() - begin < 5
    assert len(late.stderr.splitlines()) == 1 and "slow" in late.stderr
    dead = runtime.cli("wait", "dead", "--timeout", "60s")
    assert dead.returncode == 6 and "dead" in dead.stderr and "no such module" in dead.stderr
    assert runtime.cli("wait", "fine", "--timeout", "10s").returncode == 0
    assert runtime.cli("start", "dead").returncode == 6
    unknown = runtime.cli("stop", "fien")
    assert unknown.returncode not in (0, 4, 5, 6, 7) and "fien" in unknown.stderr


@pytest.mark.parametrize("flags", [("--web-port", "80a"), ("--web-port", "70000"), ("--mode", "cloud")])
def test_a_bad_value_of_a_flag_is_wrong_usage(sidecard, tmp_path, flags):
    profile = tmp_path / "profile.json"
    profile.write_text('{"mode": "local_fullstack"}')
    for command in (["run", "--profile", profile], ["run", "--dry-run", "--profile", profile], ["plan", profile]):
        ended = subprocess.run([sidecard, *command, *flags], capture_output=True, text=True, timeout=30)
        assert ended.returncode == 2, ended.stderr
        assert flags[0] in ended.stderr and flags[1] in ended.stderr and len(ended.stderr.splitlines()) == 1
