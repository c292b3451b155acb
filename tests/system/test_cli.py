"""The command line, from outside: what it prints, where, and how it ends."""

import json
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import textwrap
import time

import pytest
from processes import poll
from runtime import clean_environment, free_ports

pytestmark = pytest.mark.timeout(120)

NONE = "  web: { enabled: false }\n  backend: { enabled: false }\n  mongo: { enabled: false }\n"
COMMANDS = ["diagnostics", "help", "logs", "plan", "restart", "run", "shutdown", "smoke", "start", "status", "stop", "validate",
            "version", "wait", "up", "down", "ps"]

TICKER = '  ticker:\n    command: [sh, -c, "echo out; echo err >&2; exec sleep 1000"]\n    title: Ticker\n'
DEAD = ('  dead:\n    command: [sh, -c, "echo no module named app >&2; exit 3"]\n    port: {port}\n'
        "    restart: {{ max: 1, backoff: {{ initial: 10ms }} }}\n")
SLOW = "  slow:\n    command: [sleep, '1000']\n    port: {port}\n"


def cli(sidecard, *args, timeout=30, **options):
    options.setdefault("env", clean_environment())
    return subprocess.run([str(sidecard), *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, **options)


@pytest.fixture
def write_profile(tmp_path):
    def write(sidecars, name="sidecard.yaml", head=""):
        path = tmp_path / name
        path.write_text("mode: local_fullstack\n" + head + "sidecars:\n" + NONE + sidecars)
        return path

    return write


@pytest.fixture
def alone(tmp_path):
    """An environment in which no other supervisor of this user is seen."""
    folder = tmp_path / "run"
    folder.mkdir()
    return {"XDG_RUNTIME_DIR": str(folder)}


@pytest.fixture
def ticker(make_runtime, write_profile, alone):
    return make_runtime(write_profile(TICKER), env=alone).start().wait_ready()


def one_line(ended):
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


# --- Usage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["help"]] + [[command, "--help"] for command in COMMANDS])
def test_help_on_every_level(sidecard, args):
    ended = cli(sidecard, *args)
    assert ended.returncode == 0
    assert "usage: sidecard" in ended.stdout
    assert ended.stderr == ""


def test_version(sidecard):
    for args in (["version"], ["--version"]):
        ended = cli(sidecard, *args)
        assert ended.returncode == 0
        assert re.fullmatch(r"sidecard \d+\.\d+\.\d+\n", ended.stdout)


@pytest.mark.parametrize("args, words", [
    (["statsu"], "did you mean 'status'"),
    (["nonsense-command"], "sidecard --help"),
    (["status", "--jsn"], "did you mean '--json'"),
    (["--proflie", "x"], "did you mean '--profile'"),
    (["status", "--json=1"], "takes no value"),
    (["wait", "--timeout", "30"], "duration"),
    (["wait", "--timeout"], "needs a value"),
    (["status", "extra"], "unexpected 'extra'"),
    (["logs", "-n", "many"], "number"),
    (["diagnostics", "--level", "loud"], "debug or info"),
    (["diagnostics", "--since", "yesterday"], "duration"),
    (["run", "--log-format", "xml"], "text or json"),
])
def test_wrong_usage_ends_with_2_and_one_line(sidecard, args, words):
    ended = cli(sidecard, *args)
    assert ended.returncode == 2
    assert words in one_line(ended)
    assert ended.stdout == ""


# --- Profiles ------------------------------------------------------------------------------------------------------------


def test_no_profile(sidecard, tmp_path):
    ended = cli(sidecard, cwd=tmp_path)
    assert ended.returncode == 2
    assert "--profile" in one_line(ended)


@pytest.mark.parametrize("command", [["--profile"], ["run", "--profile"], ["validate"], ["plan"], ["smoke", "--profile"]])
def test_a_profile_that_is_not_there(sidecard, tmp_path, command):
    ended = cli(sidecard, *command, tmp_path / "none.yaml")
    assert ended.returncode == 3
    assert "none.yaml" in ended.stderr


def test_every_problem_is_reported(sidecard, write_profile):
    profile = write_profile('  a: { command: ["true"], port: "80a", dependson: {} }\n')
    for args in (["validate", profile], ["--profile", profile], ["plan", profile], ["--profile", profile, "--dry-run"]):
        ended = cli(sidecard, *args)
        assert ended.returncode == 3
        assert len(ended.stderr.splitlines()) == 2
        assert all(line.startswith(f"{profile}:6:") for line in ended.stderr.splitlines())
    listed = json.loads(cli(sidecard, "validate", profile, "--json").stdout)
    assert [problem["line"] for problem in listed] == [6, 6]


def test_a_good_profile(sidecard, write_profile):
    profile = write_profile(TICKER)
    ended = cli(sidecard, "validate", profile)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{profile}: fine\n", "")
    assert json.loads(cli(sidecard, "validate", profile, "--json").stdout) == []


def test_a_missing_program_is_a_warning(sidecard, write_profile):
    profile = write_profile("  ghost: { command: [no-such-program-anywhere] }\n")
    for command in ("validate", "plan"):
        ended = cli(sidecard, command, profile)
        assert ended.returncode == 0
        assert "warning: ghost" in ended.stderr


def test_plan_and_dry_run(sidecard, write_profile, tmp_path):
    profile = write_profile(TICKER)
    table = cli(sidecard, "plan", profile)
    assert table.returncode == 0
    assert re.search(r"^ticker +custom", table.stdout, re.MULTILINE)
    as_json = json.loads(cli(sidecard, "plan", profile, "--json").stdout)
    dry = cli(sidecard, "--profile", profile, "--dry-run", "--data-dir", tmp_path / "data")
    assert dry.returncode == 0
    assert set(json.loads(dry.stdout)) == set(as_json) == {"mode", "webPort", "backendPort", "mongoPort", "ollamaPort", "specs"}
    assert [spec["name"] for spec in as_json["specs"]] == ["ticker"]
    assert not (tmp_path / "data").exists()


def test_the_profile_is_found_in_the_folder_or_above(sidecard, write_profile, tmp_path):
    write_profile(TICKER)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert cli(sidecard, "plan", cwd=below).returncode == 0


# --- No supervisor -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["status"], ["ps"], ["wait"], ["start"], ["stop", "web"], ["restart"], ["shutdown"], ["down"],
                                  ["diagnostics"], ["logs"], ["logs", "-f"]])
def test_nothing_runs(sidecard, tmp_path, alone, args):
    ended = cli(sidecard, *args, "--data-dir", tmp_path / "nothing", env=clean_environment(**alone))
    assert ended.returncode == 4
    assert "no supervisor is running" in one_line(ended)
    ended = cli(sidecard, *args, env=clean_environment(**alone), cwd="/")
    assert ended.returncode == 4
    assert "no supervisor is running" in one_line(ended)


def test_no_writable_folder_ends_with_1(sidecard, write_profile, tmp_path):
    (tmp_path / "file").write_text("")
    profile = write_profile(TICKER, head=f"data_dir: {tmp_path}/file/data\n")
    ended = cli(sidecard, "--profile", profile, env=clean_environment(HOME=tmp_path / "file"))
    assert ended.returncode == 1
    assert ended.stderr.strip()


# --- Asking and changing -------------------------------------------------------------------------------------------------


def test_runtime_json_and_socket(ticker):
    told = ticker.runtime_file()
    assert told["pid"] == ticker.process.pid
    assert told["mode"] == "local_fullstack"
    assert told["protocol"] == 1
    assert told["http_port"] is None and told["token_file"] is None
    fields = (f"/proc/{ticker.process.pid}/stat")
    with open(fields) as file:
        assert told["pid_start"] == int(file.read().rsplit(")", 1)[1].split()[19])
    for path in (told["socket"], ticker.data_dir / "runtime" / "runtime.json"):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_status(ticker):
    table = ticker.cli("status")
    assert table.returncode == 0
    assert re.search(r"^NAME +STATE +PID +PORT +UPTIME +RESTARTS +MEMORY +CPU +LAST ERROR$", table.stdout, re.MULTILINE)
    assert re.search(r"^ticker +ready +\d+", table.stdout, re.MULTILINE)
    status = json.loads(ticker.cli("status", "--json").stdout)
    assert status["state"] == "ready"
    assert status["sidecars"][0]["title"] == "Ticker"


def test_the_only_one_is_found(sidecard, ticker, make_runtime, write_profile, alone, tmp_path):
    environment = clean_environment(**alone)
    for args in ([], ["--profile", ticker.profile, "--data-dir", ticker.data_dir], ["--socket", ticker.runtime_file()["socket"]]):
        assert cli(sidecard, "status", *args, env=environment).returncode == 0
    make_runtime(write_profile(TICKER, "second.yaml"), env=alone).start()
    ended = cli(sidecard, "status", env=environment)
    assert ended.returncode == 2
    assert "--data-dir" in one_line(ended)
    assert str(ticker.data_dir) in ended.stderr


def test_found_by_profile(make_runtime, sidecard, write_profile, tmp_path, alone):
    data_dir = tmp_path / "own"
    profile = write_profile(TICKER, head=f"data_dir: {data_dir}\n")
    make_runtime(profile, env=alone, data_dir=data_dir).start()
    assert cli(sidecard, "status", "--profile", profile).returncode == 0


def test_a_second_supervisor_is_refused(sidecard, ticker):
    ended = cli(sidecard, "--profile", ticker.profile, "--data-dir", ticker.data_dir)
    assert ended.returncode == 7
    assert str(ticker.process.pid) in one_line(ended)
    assert ticker.cli("status").returncode == 0


def test_stop_start_restart(ticker):
    pid = ticker.row("ticker")["pid"]
    ended = ticker.cli("restart", "ticker")
    assert (ended.returncode, ended.stdout) == (0, "ticker is ready\n")
    assert ticker.row("ticker")["pid"] != pid
    assert ticker.cli("stop", "ticker").stdout == "ticker is stopped\n"
    assert ticker.cli("stop", "ticker").returncode == 0
    assert ticker.row("ticker")["state"] == "stopped"
    assert ticker.cli("start", "ticker").returncode == 0
    assert ticker.cli("stop").stdout == "the runtime is stopped\n"
    assert ticker.cli("wait", "--timeout", "200ms").returncode == 5
    assert ticker.cli("start").stdout == "the runtime is ready\n"
    assert ticker.cli("restart").returncode == 0
    assert ticker.cli("status").returncode == 0


def test_an_unknown_name(ticker):
    for command in ("start", "stop", "restart", "logs", "wait"):
        ended = ticker.cli(command, "nobody")
        assert ended.returncode == 1
        assert "nobody" in one_line(ended)


def test_shutdown(ticker):
    pid = ticker.row("ticker")["pid"]
    ended = ticker.cli("shutdown")
    assert ended.returncode == 0, ended.stderr
    assert ticker.process.wait(1) == 0
    assert not os.path.exists(f"/proc/{pid}")
    assert not (ticker.data_dir / "runtime" / "runtime.json").exists()
    assert not (ticker.data_dir / "runtime" / "sidecard.sock").exists()
    assert ticker.cli("status").returncode == 4


def test_wait_and_start_tell_a_failed_one(make_runtime, write_profile, alone):
    port = free_ports(1)[0]
    runtime = make_runtime(write_profile(TICKER + DEAD.format(port=port)), env=alone).start()
    ended = runtime.cli("wait", "--timeout", "20s")
    assert ended.returncode == 6
    assert "no module named app" in one_line(ended)
    assert runtime.cli("wait", "ticker").returncode == 0
    assert runtime.cli("wait", "dead").returncode == 6
    assert runtime.cli("start", "dead").returncode == 6
    assert runtime.cli("restart").returncode == 6
    assert runtime.cli("status").returncode == 0


def test_not_ready_in_time(make_runtime, write_profile, alone):
    port = free_ports(1)[0]
    runtime = make_runtime(write_profile(SLOW.format(port=port)), env=alone).start()
    ended = runtime.cli("wait", "--timeout", "300ms")
    assert ended.returncode == 5
    assert "slow is starting" in one_line(ended)
    assert runtime.cli("restart", "slow", "--timeout", "300ms").returncode == 5


# --- Logs and events -----------------------------------------------------------------------------------------------------


def test_logs(ticker):
    assert sorted(ticker.cli("logs").stdout.split()) == ["err", "out"]
    assert ticker.cli("logs", "ticker", "--stream", "err").stdout == "err\n"
    assert ticker.cli("logs", "ticker", "-n", "1").stdout in ("err\n", "out\n")
    assert ticker.cli("logs", "-n", "0").stdout == ""
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  out\n", ticker.cli("logs", "-t", "--stream", "out").stdout)
    lines = [json.loads(line) for line in ticker.cli("logs", "--json").stdout.splitlines()]
    assert {(line["name"], line["stream"], line["text"]) for line in lines} == {("ticker", "stdout", "out"), ("ticker", "stderr", "err")}
    ticker.stop()
    assert sorted(ticker.cli("logs", "ticker").stdout.split()) == ["err", "out"]
    assert ticker.cli("logs", "nobody").returncode == 1


def follow(runtime, *args):
    return subprocess.Popen([runtime.sidecard, *args, "--data-dir", str(runtime.data_dir)], stdout=subprocess.PIPE,
                            env=runtime.env, text=True, bufsize=1)


def test_logs_and_diagnostics_are_followed(ticker):
    logs = follow(ticker, "logs", "-f", "-n", "0")
    events = follow(ticker, "diagnostics", "-f", "-n", "0", "--json")
    try:
        time.sleep(0.5)
        ticker.cli("restart", "ticker")
        assert sorted([logs.stdout.readline(), logs.stdout.readline()]) == ["err\n", "out\n"]
        kinds = []
        while "sidecar.ready" not in kinds:
            kinds.append(json.loads(events.stdout.readline())["kind"])
        assert kinds.index("control.request") < kinds.index("sidecar.started")
    finally:
        ticker.stop()
    # The supervisor is gone, and so is what followed it.
    assert logs.wait(10) == 4
    assert events.wait(10) == 4


def test_diagnostics(ticker):
    def events(*args):
        return [json.loads(line) for line in ticker.cli("diagnostics", "--json", *args).stdout.splitlines()]

    everything = events()
    assert [event["seq"] for event in everything] == sorted(event["seq"] for event in everything)
    assert events("-n", "2") == everything[-2:]
    assert events("-n", "400") == everything
    assert {event["source"] for event in events("--source", "ticker")} == {"ticker"}
    assert events("--level", "error") == []
    assert events("--since", "1h") == everything
    ticker.cli("restart", "ticker")
    time.sleep(0.1)
    assert events("--since", "0") == []
    assert re.search(r"^\d{4}-\d\d-\d\d \S+  info +ticker +ticker is ready", ticker.cli("diagnostics").stdout, re.MULTILINE)
    before = events()
    ticker.stop()
    assert events("-n", "300")[:len(before)] == before
    assert {event["source"] for event in events("--source", "ticker", "--level", "info")} == {"ticker"}


def test_events_where_the_profile_puts_them(sidecard, make_runtime, write_profile, tmp_path, alone):
    data_dir = tmp_path / "own"
    profile = write_profile(TICKER, head=f"data_dir: {data_dir}\ndiagnostics: {{ path: {tmp_path}/elsewhere/events.json }}\n")
    runtime = make_runtime(profile, env=alone, data_dir=data_dir).start().wait_ready()
    runtime.stop()
    ended = cli(sidecard, "diagnostics", "--profile", profile, env=clean_environment(**alone))
    assert ended.returncode == 0
    assert "ticker is ready" in ended.stdout


# --- In the foreground ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0(ticker, sign):
    assert ticker.stop(sign) == 0
    assert "everything is stopped" in ticker.output()


STUBBORN = '  stubborn:\n    command: [sh, -c, "trap \'\' TERM; echo up; while true; do sleep 0.1; done"]\n    stop: { grace: 60s }\n'


def test_a_second_signal_cuts_the_grace_short(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(STUBBORN), env=alone).start().wait_ready()
    runtime.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert runtime.process.poll() is None
    runtime.process.send_signal(signal.SIGTERM)
    assert runtime.process.wait(5) == 0


def test_stdout_that_nobody_reads_holds_nothing_up(sidecard, make_runtime, write_profile, alone):
    profile = write_profile('  chatty:\n    command: [sh, -c, "yes some words that fill a pipe"]\n')
    runtime = make_runtime(profile, env=alone)
    ends = os.pipe()
    runtime.process = subprocess.Popen([str(sidecard), "--profile", str(profile), "--data-dir", str(runtime.data_dir)],
                                       stdin=subprocess.DEVNULL, stdout=ends[1], stderr=ends[1], env=runtime.env,
                                       start_new_session=True)
    os.close(ends[1])
    poll(runtime._listens_or_ended, 20, "it listens")
    runtime.wait_ready()
    for _ in range(20):
        before = time.monotonic()
        runtime.status()
        assert time.monotonic() - before < 1
    assert runtime.stop() == 0
    os.close(ends[0])


def test_a_stdout_that_was_closed(make_runtime, sidecard, write_profile, alone):
    profile = write_profile(TICKER)
    runtime = make_runtime(profile, env=alone)
    runtime.process = subprocess.Popen(["sh", "-c", f"exec {sidecard} --profile {profile} --data-dir {runtime.data_dir} >&- 2>&-"],
                                       stdin=subprocess.DEVNULL, env=runtime.env, start_new_session=True)
    poll(runtime._listens_or_ended, 20, "it listens")
    runtime.wait_ready()
    assert runtime.stop() == 0


def on_terminal(runtime, **env):
    """Starts it on a terminal of its own; what it showed so far is read by the function that comes back."""
    environment = {name: value for name, value in runtime.env.items() if name != "NO_COLOR"}
    environment.update({"TERM": "xterm-256color", **env})
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(runtime.sidecard, [runtime.sidecard, "--profile", str(runtime.profile), "--data-dir", str(runtime.data_dir)],
                  environment)
    shown = []

    def show(words, timeout=20):
        deadline = time.monotonic() + timeout
        while words not in "".join(shown):
            assert time.monotonic() < deadline, "".join(shown)
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    shown.append(os.read(terminal, 65536).decode())
                except OSError:
                    break
        return "".join(shown)

    return pid, terminal, show


def ended_code(pid, timeout=20):
    def waited():
        found, code = os.waitpid(pid, os.WNOHANG)
        return (os.waitstatus_to_exitcode(code),) if found else None
    return poll(waited, timeout, "it ends")[0]


def test_on_a_terminal(make_runtime, write_profile, alone):
    port = free_ports(1)[0]
    profile = write_profile(TICKER + f"  page:\n    command: [python3, -m, http.server, '{port}']\n    port: {port}\n    expose: true\n")
    runtime = make_runtime(profile, env=alone)
    pid, terminal, show = on_terminal(runtime)
    shown = show("everything is ready after")
    assert "\033[" in shown
    plain = re.sub(r"\033\[[0-9;]*m", "", shown)
    assert re.search(rf"^page +ready after \d\.\d+ s   http://127\.0\.0\.1:{port}\r$", plain, re.MULTILINE), plain
    assert re.search(r"^ticker +\| out\r$", plain, re.MULTILINE)
    os.write(terminal, b"\x03")
    show("everything is stopped")
    assert ended_code(pid) == 0
    os.close(terminal)


def test_no_color(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(TICKER), env=alone)
    pid, terminal, show = on_terminal(runtime, NO_COLOR="1")
    assert "\033[" not in show("everything is ready after")
    os.kill(pid, signal.SIGTERM)
    show("everything is stopped")
    assert ended_code(pid) == 0
    os.close(terminal)


def test_the_terminal_goes_away(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(TICKER), env=alone)
    pid, terminal, show = on_terminal(runtime)
    show("everything is ready after")
    os.close(terminal)
    assert ended_code(pid) == 0


def test_log_format_json(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(TICKER), "--log-format", "json", env=alone).start().wait_ready()
    runtime.stop()
    lines = [json.loads(line) for line in runtime.output().splitlines()]
    assert any(line.get("kind") == "runtime.ready" for line in lines)
    assert any(line.get("text") == "out" and line["name"] == "ticker" for line in lines)


def test_log_level(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(TICKER), "--log-level", "error", env=alone).start().wait_ready()
    runtime.stop()
    assert "ready after" not in runtime.output()


# --- Smoke ---------------------------------------------------------------------------------------------------------------


def test_smoke(sidecard, write_profile, tmp_path, alone):
    def smoke(sidecars, *args):
        profile = write_profile(sidecars, head=f"data_dir: {tmp_path}/data\n")
        return cli(sidecard, "smoke", "--profile", profile, *args, env=clean_environment(**alone))

    good = smoke(TICKER, "--junit", tmp_path / "junit.xml")
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.startswith("TAP version 14\nok 1 - ticker is ready")
    assert good.stdout.endswith("1..2\n")
    assert 'failures="0"' in (tmp_path / "junit.xml").read_text()
    port = free_ports(1)[0]
    dead = smoke(DEAD.format(port=port))
    assert dead.returncode == 6
    assert "not ok 1 - dead is ready" in dead.stdout
    assert "no module named app" in dead.stdout
    slow = smoke(SLOW.format(port=port), "--timeout", "500ms")
    assert slow.returncode == 5
    assert "not ok 1 - slow is ready" in slow.stdout


BACKEND = textwrap.dedent("""\
    import http.server, json, sys
    answer = json.loads(sys.argv[2])
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answer if self.path == "/runtime/info" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *args):
            pass
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
""")


@pytest.mark.parametrize("info, code", [
    ({"mode": "desktop_local_fullstack", "backend_origin": "local"}, 0),
    ({"mode": "desktop_remote_slim", "backend_origin": "local"}, 1),
    ({"mode": "desktop_local_fullstack"}, 1),
])
def test_smoke_asks_a_local_backend_what_it_is(sidecard, tmp_path, alone, info, code):
    port = free_ports(1)[0]
    (tmp_path / "backend.py").write_text(BACKEND)
    profile = tmp_path / "sidecard.json"
    profile.write_text(json.dumps({
        "mode": "local_fullstack", "data_dir": str(tmp_path / "data"), "local_ports": {"backend": port},
        "sidecars": {"web": {"enabled": False}, "mongo": {"enabled": False},
                     "backend": {"command": ["python3", str(tmp_path / "backend.py"), str(port), json.dumps(info)],
                                 "cwd": str(tmp_path)}}}))
    ended = cli(sidecard, "smoke", "--profile", profile, env=clean_environment(**alone))
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert ("not ok" in ended.stdout) == (code != 0)
    assert "/runtime/info" in ended.stdout


# --- The socket ----------------------------------------------------------------------------------------------------------


def connect(runtime):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(runtime.runtime_file()["socket"])
    return client


def answer(client, line):
    client.sendall(line + b"\n")
    return json.loads(client.makefile("rb").readline())


def test_bad_clients_do_no_harm(ticker):
    clients = [connect(ticker) for _ in range(500)]
    half = connect(ticker)
    half.sendall(b'{"jsonrpc": "2.0", "id": 1, "meth')
    bad = connect(ticker)
    assert answer(bad, b"\xff\xfe garbage")["error"]["code"] == -32700
    assert answer(bad, b"{}")["error"]["code"] == -32600
    assert answer(bad, b"[]")["error"]["code"] == -32600
    assert answer(bad, b"x" * 1_100_000)["error"]["code"] == -32600
    assert answer(bad, b'{"jsonrpc": "2.0", "id": 123456789012345678901, "method": "none"}') == {
        "jsonrpc": "2.0", "id": 123456789012345678901, "error": {"code": -32601, "message": "Method not found: none"}}
    assert ticker.status()["state"] == "ready"
    half.sendall(b'od": "desktop_runtime_status"}\n')
    assert json.loads(half.makefile("rb").readline())["result"]["state"] == "ready"
    for client in [*clients, half, bad]:
        client.close()


def test_a_stop_answers_a_waiting_start(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(SLOW.format(port=free_ports(1)[0])), env=alone).start()
    starting, stopping = connect(runtime), connect(runtime)
    starting.sendall(b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_start"}\n')
    time.sleep(0.2)
    assert answer(stopping, b'{"jsonrpc": "2.0", "id": 2, "method": "runtime_stop"}')["result"]["state"] == "stopped"
    assert json.loads(starting.makefile("rb").readline())["error"]["code"] == -32000


def test_a_request_whose_time_is_over(make_runtime, write_profile, alone):
    runtime = make_runtime(write_profile(SLOW.format(port=free_ports(1)[0])), env=alone).start()
    told = answer(connect(runtime), b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_start", "params": {"timeout_ms": 200}}')
    assert told["error"]["code"] == -32004
    assert told["error"]["data"]["state"] == "starting"


def test_a_socket_path_that_is_too_long(make_runtime, write_profile, tmp_path, alone):
    data_dir = tmp_path / ("d" * 120)
    runtime = make_runtime(write_profile(TICKER), env=alone, data_dir=data_dir).start()
    told = runtime.runtime_file()["socket"]
    assert told.startswith(str(alone["XDG_RUNTIME_DIR"]))
    assert len(told) <= 107
    assert runtime.cli("status").returncode == 0
