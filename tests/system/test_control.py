"""What a shell is told over the socket: every method, the status object, and what clients that misbehave get."""

import json
import os
import re
import signal
import socket
import stat
import statistics
import subprocess
import time

import psutil
import pytest
from client import Client
from fakes import FAST, fake, write_profile
from processes import poll
from runtime import RpcError, clean_environment, free_ports

pytestmark = pytest.mark.timeout(120)

NEVER = {"policy": "never"}
NUMBER = (int, float)
NULL = type(None)

STATUS = {
    "running": bool, "mode": str, "web_pid": (int, NULL), "backend_pid": (int, NULL), "mongo_pid": (int, NULL), "ollama_pid": (int, NULL),
    "started_at_ms": (int, NULL), "last_error": (str, NULL), "error": (dict, NULL), "web_port": int, "backend_port": int, "mongo_port": int,
    "ollama_port": int, "backend_url": str, "auto_restart": bool, "restart_count": int, "last_restart_ms": (int, NULL),
    "diagnostics_path": (str, NULL), "diagnostics_error": (str, NULL), "state": str, "supervisor": dict, "sidecars": list,
}
SUPERVISOR = {"pid": int, "supervisor_pid": int, "version": str, "uptime_ms": int, "rss_bytes": int, "cpu_percent": NUMBER}
ROW = {
    "name": str, "role": str, "state": str, "pid": (int, NULL), "port": (int, NULL), "url": (str, NULL), "owned": bool, "critical": bool,
    "title": (str, NULL), "auto_restart": bool, "started_at_ms": (int, NULL), "ready_at_ms": (int, NULL), "restarts": int,
    "restarts_in_window": int, "budget_left": int, "next_restart_ms": (int, NULL), "last_exit": (dict, NULL), "last_error": (str, NULL),
    "error": (dict, NULL), "probe": (dict, NULL), "memory_bytes": (int, NULL), "cpu_percent": (*NUMBER, NULL), "open_files": (int, NULL),
    "log_bytes_lost": int, "listener": (str, NULL),
}
LAST_EXIT = {"code": (int, NULL), "signal": (str, NULL), "at_ms": int, "stderr": str, "reason": str}
PROBE = {"kind": str, "ok": (bool, NULL), "latency_ms": (*NUMBER, NULL), "failures": int}
ERROR = {"code": str, "message": str, "remedy": (str, NULL), "searched": list}
STARTUP = {"step": str, "message": str, "percent": NUMBER, "done": int, "total": int, "sidecar": (str, NULL), "model": (str, NULL)}


def check_object(value, types, where):
    assert set(value) >= set(types), f"{where} lacks {set(types) - set(value)}"
    for key, wanted in types.items():
        is_bool = isinstance(value[key], bool)
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        assert isinstance(value[key], wanted) and (not is_bool or bool in wanted), f"{where}.{key} is {value[key]!r}"


def check_status(status):
    check_object(status, STATUS, "status")
    check_object(status["supervisor"], SUPERVISOR, "supervisor")
    if status["error"]:
        check_object(status["error"], ERROR, "error")
    for row in status["sidecars"]:
        where = row["name"]
        check_object(row, ROW, where)
        for key, types in (("last_exit", LAST_EXIT), ("probe", PROBE), ("error", ERROR)):
            if row[key] is not None:
                check_object(row[key], types, f"{where}.{key}")
        assert (row["last_error"] is None) == (row["error"] is None)
    if status.get("startup"):
        check_object(status["startup"], STARTUP, "startup")
    return status


@pytest.fixture
def one(make_fakes, journal):
    """A runtime of one sidecar, ready."""
    return make_fakes({"one": fake(journal, "--out", "hello", "--err", "trouble", port=free_ports(1)[0])}).start().wait_ready(timeout=20)


@pytest.fixture
def slow(make_fakes, journal):
    """A runtime of one sidecar that does not become ready."""
    return make_fakes({"slow": fake(journal, "--listen-after", 60_000, port=free_ports(1)[0])}).start()


# --- The status object ---------------------------------------------------------------------------------------------------

def test_the_status_has_every_field_in_its_type_in_every_state(make_fakes, journal, tmp_path):
    port, broken = free_ports(1)[0], tmp_path / "broken"
    ready = fake(journal, "--fail-while", broken, "--listen-after", 300, port=port, restart={"max": 1, "backoff": FAST})
    runtime = make_fakes({"one": ready, "two": fake(journal, "--exit-after", 0, "--exit-code", 0, restart=NEVER, critical=False)}).start()
    starting = check_status(runtime.status())
    assert starting["state"] == "starting" and starting["startup"]["total"] == 2
    runtime.wait_ready(timeout=20)
    status = check_status(runtime.status())
    assert (status["state"], status["running"], status["auto_restart"], status["mode"]) == ("ready", True, True, "local_fullstack")
    assert status["supervisor"]["pid"] == runtime.process.pid
    assert abs(status["started_at_ms"] - time.time() * 1000) < 60_000
    assert check_status(runtime.status(detail=True))["state"] == "ready"
    row = runtime.row("one")
    assert (row["role"], row["owned"], row["critical"], row["port"], row["state"]) == ("custom", True, True, port, "ready")
    assert row["url"] == f"http://127.0.0.1:{port}"
    poll(lambda: runtime.row("one")["memory_bytes"] and runtime.row("one")["open_files"], 5, "it is sampled every 2 s")

    broken.touch()
    os.kill(row["pid"], signal.SIGKILL)
    runtime.wait_row("one", state="failed")
    status = check_status(runtime.status())
    assert (status["state"], status["running"]) == ("failed", False)
    assert status["last_error"] == runtime.row("one")["last_error"] and status["error"]["code"] == "budget_spent"
    assert abs(status["last_restart_ms"] - time.time() * 1000) < 60_000

    status = check_status(runtime.rpc("runtime_stop"))
    assert (status["state"], status["running"], status["auto_restart"], status["last_error"], status["error"]) == ("stopped", False, False, None, None)
    assert [status[key] for key in ("web_pid", "backend_pid", "mongo_pid", "ollama_pid", "started_at_ms")] == [None] * 5
    assert (status["web_port"], status["backend_port"], status["mongo_port"], status["ollama_port"]) == (3000, 8080, 27017, 11434)
    assert {row["state"] for row in status["sidecars"]} == {"stopped"} and status["sidecars"][0]["port"] == port


def test_restarts_are_counted_since_the_runtime_was_started(one):
    os.kill(one.row("one")["pid"], signal.SIGKILL)
    one.wait_row("one", state="ready", restarts=1)
    assert one.status()["restart_count"] == 1
    one.rpc("runtime_stop")
    status = one.rpc("runtime_start")
    assert (status["restart_count"], status["last_restart_ms"], status["sidecars"][0]["budget_left"]) == (0, None, 6)


def test_a_remote_backend_is_a_row_and_a_mode_can_be_given_at_a_start(make_fakes, journal):
    """One profile in both modes: in remote_slim the backend is where backend_url says."""
    here, there = free_ports(2)
    with subprocess.Popen(fake(journal, "--name", "elsewhere", "--ready-path", "/health/ready", port=there)["command"]) as elsewhere:
        try:
            journal.wait("elsewhere", "listens")
            runtime = make_fakes({"one": fake(journal, port=here), "backend": {}}, more={"backend_url": f"http://127.0.0.1:{there}"})
            runtime.args += ["--mode", "remote_slim"]
            runtime.start().wait_ready(timeout=20)
            status = check_status(runtime.status())
            assert status["mode"] == "remote_slim" and status["backend_url"] == f"http://127.0.0.1:{there}" and status["backend_pid"] is None
            row = poll(lambda: runtime.row("backend")["probe"]["ok"] and runtime.row("backend"), 10, runtime.report)
            assert (row["state"], row["owned"], row["critical"], row["pid"]) == ("remote", False, False, None)
            elsewhere.kill()
            poll(lambda: runtime.status()["state"] == "degraded", 30, runtime.report)
            assert runtime.row("backend")["state"] == "remote" and runtime.status()["running"] is True
        finally:
            elsewhere.kill()
    runtime.rpc("runtime_stop")
    status = runtime.rpc("runtime_start", mode="local_fullstack")
    assert status["mode"] == "local_fullstack" == runtime.runtime_file()["mode"]


# --- Every method --------------------------------------------------------------------------------------------------------

METHODS = {
    "runtime_status": ({}, lambda result: check_status(result)["state"] == "ready"),
    "runtime_diagnostics": ({"limit": 5}, lambda result: len(result["events"]) == 5 and check_status(result["status"])),
    "runtime_start": ({}, lambda result: check_status(result)["state"] == "ready"),
    "runtime_stop": ({}, lambda result: check_status(result)["state"] == "stopped"),
    "runtime_restart": ({}, lambda result: check_status(result)["state"] == "ready"),
    "sidecar_start": ({"name": "one"}, lambda row: (row["name"], row["state"]) == ("one", "ready")),
    "sidecar_stop": ({"name": "one"}, lambda row: (row["name"], row["state"]) == ("one", "stopped")),
    "sidecar_restart": ({"name": "one"}, lambda row: (row["name"], row["state"]) == ("one", "ready")),
    "sidecar_logs": ({"name": "one"}, lambda result: {line["text"] for line in result["lines"]} >= {"hello", "trouble"} and result["dropped"] == 0),
    "shutdown": ({}, lambda result: check_status(result)["state"] == "stopped"),
}


@pytest.mark.parametrize("prefix", ["", "desktop_"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers_to_both_its_names(one, method, prefix):
    params, is_right = METHODS[method]
    pid = one.row("one")["pid"]
    assert is_right(one.rpc(prefix + method, **params))
    if method == "shutdown":
        assert one.process.wait(10) == 0
        return
    after = one.row("one")["pid"]
    assert (after == pid) == (method not in ("runtime_stop", "runtime_restart", "sidecar_stop", "sidecar_restart"))
    asked = one.events(kind="control.request")
    changes = method not in ("runtime_status", "runtime_diagnostics", "sidecar_logs")
    assert bool(asked) == changes
    if changes:
        assert (asked[-1]["data"]["method"], asked[-1]["data"]["transport"], asked[-1]["data"]["pid"]) == (method, "socket", os.getpid())


def test_diagnostics_are_limited_filtered_and_go_on_from_a_seq(one):
    for _ in range(350):
        one.rpc("sidecar_start", name="one")
    last = one.last_seq()
    newest = one.rpc("runtime_diagnostics")
    assert [event["seq"] for event in newest["events"]] == list(range(last - 79, last + 1))
    assert (newest["first_seq"], newest["last_seq"]) == (last - 199, last)
    assert abs(newest["generated_at_ms"] - time.time() * 1000) < 10_000
    assert len(one.rpc("runtime_diagnostics", limit=100_000)["events"]) == 200
    assert len(one.rpc("runtime_diagnostics", limit=-5)["events"]) == 1
    later = one.rpc("runtime_diagnostics", since_seq=last - 150, limit=10)["events"]
    assert [event["seq"] for event in later] == list(range(last - 149, last - 139)), "the first of them, oldest first"
    assert one.rpc("runtime_diagnostics", since_seq=last)["events"] == []
    assert one.rpc("runtime_diagnostics", level="warn")["events"] == []
    assert {event["source"] for event in one.rpc("runtime_diagnostics", source="control")["events"]} == {"control"}
    for wrong in ({"level": "loud"}, {"limit": "many"}, {"since_seq": "x"}, {"source": 5}):
        with pytest.raises(RpcError) as refused:
            one.rpc("runtime_diagnostics", **wrong)
        assert refused.value.code == -32602


def test_logs_are_tailed_and_go_on_from_a_seq(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--lines", 700, port=port, logs={"buffer_lines": 600})}).start().wait_ready(timeout=20)
    lines = poll(lambda: [line for line in runtime.rpc("sidecar_logs", name="one")["lines"] if line["text"] == "line 699"]
                 and runtime.rpc("sidecar_logs", name="one")["lines"], 5, "all lines")
    assert [line["text"] for line in lines] == [f"line {number}" for number in range(600, 700)], "100 unless told"
    assert lines[0].keys() >= {"seq", "ts_ms", "stream", "text"}
    assert [line["seq"] for line in lines] == list(range(lines[0]["seq"], lines[0]["seq"] + 100))
    assert len(runtime.rpc("sidecar_logs", name="one", tail=10_000)["lines"]) == 600
    assert runtime.rpc("sidecar_logs", name="one", tail=0)["lines"] == []
    later = runtime.rpc("sidecar_logs", name="one", since_seq=lines[89]["seq"])
    assert [line["text"] for line in later["lines"]] == [f"line {number}" for number in range(690, 700)]
    missed = runtime.rpc("sidecar_logs", name="one", since_seq=lines[0]["seq"] - 700, tail=10_000)
    assert missed["dropped"] >= 99


@pytest.mark.parametrize("method", ["sidecar_start", "sidecar_stop", "sidecar_restart", "sidecar_logs"])
def test_a_wrong_name_is_refused_and_the_right_ones_named(one, method):
    with pytest.raises(RpcError) as refused:
        one.rpc(method, name="onee")
    assert refused.value.code == -32001 and "onee" in str(refused.value) and "one" in str(refused.value).replace("onee", "")
    for wrong in ({}, {"name": 5}, {"name": None}):
        with pytest.raises(RpcError) as refused:
            one.rpc(method, **wrong)
        assert refused.value.code == -32602


def test_a_start_with_a_bad_profile_lists_its_errors_and_changes_nothing(one, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"mode": "local_fullstack",\n "dat_dir": "/tmp",\n "local_ports": {"web": 70000}}')
    one.rpc("runtime_stop")
    with pytest.raises(RpcError) as refused:
        one.rpc("runtime_start", profile_path=str(bad))
    assert refused.value.code == -32002
    assert len(refused.value.data) == 2 and "70000" in json.dumps(refused.value.data)
    with pytest.raises(RpcError) as refused:
        one.rpc("runtime_start", mode="cloud")
    assert refused.value.code == -32002
    assert one.rpc("runtime_start")["state"] == "ready"


def test_a_start_that_takes_too_long_is_answered_and_goes_on(slow):
    for method, params in (("runtime_start", {}), ("sidecar_start", {"name": "slow"}), ("runtime_restart", {}), ("sidecar_restart", {"name": "slow"})):
        begin = time.monotonic()
        with pytest.raises(RpcError) as late:
            slow.rpc(method, timeout_ms=200, **params)
        assert late.value.code == -32004 and 0.19 < time.monotonic() - begin < 2
        assert check_status(late.value.data)["state"] == "starting"
    slow.wait_row("slow", state="starting")


@pytest.mark.parametrize("start, stop", [
    ("runtime_start", "runtime_stop"), ("runtime_start", "shutdown"), ("sidecar_start", "sidecar_stop"), ("sidecar_start", "runtime_stop"),
    ("runtime_start", "runtime_restart"),
])
def test_a_stop_answers_a_start_that_waits(slow, start, stop):
    params = {"name": "slow"}
    with Client(slow) as starting, Client(slow) as stopping:
        starting.ask(start, **(params if start.startswith("sidecar") else {}))
        poll(lambda: any(event["data"]["method"] == start for event in slow.events(kind="control.request")), 5, "the start was asked for")
        stopping.ask(stop, **(params if stop.startswith("sidecar") else {}))
        assert starting.receive()["error"]["code"] == -32000
        if stop != "runtime_restart":
            assert stopping.receive()["result"]["state"] == "stopped"


def test_a_shutdown_is_answered_before_the_end(one, journal):
    with Client(one) as client, Client(one) as other:
        client.call("runtime_status")
        asked = client.ask("shutdown")
        answer = client.receive()
        assert (answer["id"], answer["result"]["state"]) == (asked, "stopped")
        assert client.receive() is None and other.receive() is None
    assert one.process.wait(5) == 0
    assert journal.entries("one", "exit")
    assert not (one.data_dir / "runtime" / "runtime.json").exists() and not (one.data_dir / "runtime" / "sidecard.sock").exists()


# --- JSON-RPC ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("line, code", [
    (b"garbage", -32700), (b"{", -32700), (b'{"jsonrpc": "2.0"', -32700), (b"\xff\xfe\x00", -32700), (b'{"a": 1} trailing', -32700),
    (b"[" * 100_000, -32700), (b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_status",}', -32700),
    (b"{}", -32600), (b"[]", -32600), (b"1", -32600), (b'"text"', -32600), (b"null", -32600),
    (b'{"jsonrpc": "1.0", "id": 1, "method": "runtime_status"}', -32600), (b'{"jsonrpc": "2.0", "id": 1, "method": 5}', -32600),
    (b'{"jsonrpc": "2.0", "id": 1}', -32600), (b'{"jsonrpc": "2.0", "id": {}, "method": "runtime_status"}', -32600),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "no_such"}', -32601), (b'{"jsonrpc": "2.0", "id": 1, "method": "desktop_desktop_runtime_status"}', -32601),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "sidecar_stop", "params": {"name": []}}', -32602),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_stop", "params": {"timeout_ms": "x"}}', -32602),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_stop", "params": {"timeout_ms": -1}}', -32602),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_start", "params": {"profile_path": 7}}', -32602),
    (b"x" * 1_048_577, -32600),
], ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None)
def test_what_cannot_be_answered_gets_its_code_and_the_connection_goes_on(one, line, code):
    with Client(one) as client:
        client.send(line + b"\n")
        answer = client.receive()
        assert answer["jsonrpc"] == "2.0" and answer["error"]["code"] == code and answer["error"]["message"]
        assert answer["id"] == (1 if code in (-32601, -32602) else answer["id"])
        if code == -32700:
            assert answer["id"] is None
        assert client.call("runtime_status")["state"] == "ready", "nothing was done"


def test_ids_come_back_as_they_were(one):
    with Client(one) as client:
        for text in ('"text"', "0", "-7", "1.5", "123456789012345678901234567890", '"\\u00e4"', "null"):
            client.send(f'{{"jsonrpc": "2.0", "id": {text}, "method": "runtime_diagnostics", "params": {{"limit": 1}}}}\n'.encode())
            raw = client.lines.readline().decode()
            assert f'"id":{text}' in raw.replace(": ", ":"), raw[:200]


def test_half_a_line_waits_and_a_line_may_come_in_any_pieces(one):
    request = b'{"jsonrpc": "2.0", "id": 9, "method": "runtime_status"}\r\n'
    with Client(one) as client, Client(one) as other:
        client.send(request[:20])
        assert other.call("runtime_status")["state"] == "ready"
        for byte in request[20:]:
            client.send(bytes([byte]))
        assert client.receive()["id"] == 9
        client.send(request * 50)
        assert [client.receive()["id"] for _ in range(50)] == [9] * 50
    with Client(one) as client:
        client.send(request.rstrip())
        client.socket.shutdown(socket.SHUT_WR)
        assert client.receive()["id"] == 9, "what stands before the end is a line too"
        assert client.receive() is None


def test_a_batch_is_answered_as_one_and_notifications_are_not(one):
    with Client(one) as client:
        client.send([
            {"jsonrpc": "2.0", "id": "a", "method": "runtime_status"},
            {"jsonrpc": "2.0", "method": "sidecar_restart", "params": {"name": "one"}},
            {"jsonrpc": "2.0", "id": "b", "method": "sidecar_start", "params": {"name": "one"}},
            {"jsonrpc": "2.0", "id": "c", "method": "no_such"},
            5,
        ])
        answers = client.receive()
        assert {answer["id"] for answer in answers} == {"a", "b", "c", None} and len(answers) == 4
        codes = {answer["id"]: answer["error"]["code"] for answer in answers if "error" in answer}
        assert codes == {"c": -32601, None: -32600}
        assert one.row("one")["last_exit"]["reason"] == "requested", "the notification was carried out"
        client.send([{"jsonrpc": "2.0", "method": "runtime_status"}, {"jsonrpc": "2.0", "method": "no_such"}])
        client.send({"jsonrpc": "2.0", "method": "no_such"})
        assert client.call("runtime_status")["state"] == "ready", "the next answer is this one's"


def test_answers_come_as_they_are_done(slow):
    with Client(slow) as client:
        waiting = client.ask("runtime_start")
        at_once = client.ask("runtime_status")
        assert client.receive()["id"] == at_once
        client.ask("runtime_stop")
        assert client.receive()["id"] == waiting


# --- Clients that misbehave ----------------------------------------------------------------------------------------------

def median_time(runtime, count=30):
    took = []
    for _ in range(count):
        begin = time.monotonic()
        assert runtime.status()["state"] == "ready"
        took.append(time.monotonic() - begin)
    return statistics.median(took)


def test_200_idle_clients_do_no_harm(one):
    clients = [Client(one).__enter__() for _ in range(200)]
    for client in clients[::2]:
        client.send(b'{"jsonrpc": "2.0", "id": 1, "meth')
    assert median_time(one) < 0.1
    for client in clients[::2]:
        client.send(b'od": "runtime_diagnostics", "params": {"limit": 1}}\n')
        assert client.receive()["id"] == 1
    for client in clients[1::2]:
        assert client.call("runtime_status")["state"] == "ready"
    for client in clients:
        client.__exit__()
    poll(lambda: psutil.Process(one.process.pid).num_fds() < 60, 5, "their descriptors are closed")


def test_a_client_that_asks_and_never_reads_costs_little(one):
    request = b'{"jsonrpc": "2.0", "id": 1, "method": "runtime_diagnostics", "params": {"limit": 300}}\n'
    clients = [Client(one).__enter__() for _ in range(10)]
    for client in clients:
        client.socket.setblocking(False)
        try:
            for _ in range(20_000):
                client.socket.send(request)
        except BlockingIOError:
            pass
    assert median_time(one) < 0.1
    assert psutil.Process(one.process.pid).memory_info().rss < 500 * 1024 * 1024, "not the 10 GB that were asked for"
    for client in clients:
        client.__exit__()
    assert median_time(one) < 0.1


def test_a_client_that_goes_while_it_waits_does_no_harm(slow):
    for _ in range(20):
        client = Client(slow).__enter__()
        client.ask("runtime_start")
        client.__exit__()
    assert slow.rpc("runtime_stop")["state"] == "stopped"


def test_a_megabyte_without_an_end_is_answered_once_and_skipped(one):
    with Client(one) as client:
        for _ in range(4):
            client.send(b"x" * 1_000_000)
        client.send(b"\n")
        assert client.receive()["error"]["code"] == -32600
        assert client.call("runtime_status")["state"] == "ready"
    longest = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "runtime_status", "params": {"pad": ""}}).encode()
    with Client(one) as client:
        client.send(longest.replace(b'""', b'"' + b"x" * (1024 * 1024 - len(longest)) + b'"') + b"\n")
        assert client.receive()["result"]["state"] == "ready", "1 MiB is not too long"


# --- runtime.json, and who may run ---------------------------------------------------------------------------------------

def test_runtime_json_tells_where_to_look(one):
    path = one.data_dir / "runtime" / "runtime.json"
    told = json.loads(path.read_text())
    assert set(told) >= {"pid", "version", "socket", "http_port", "token_file", "started_at_ms", "mode", "protocol", "pid_start"}
    assert told["pid"] == one.process.pid and told["socket"] == str(one.data_dir / "runtime" / "sidecard.sock")
    assert (told["mode"], told["http_port"], told["token_file"]) == ("local_fullstack", None, None)
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"]) and abs(told["started_at_ms"] - time.time() * 1000) < 60_000
    with open(f"/proc/{one.process.pid}/stat") as file:
        assert told["pid_start"] == int(file.read().rpartition(")")[2].split()[19])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 == stat.S_IMODE(os.stat(told["socket"]).st_mode)
    one.stop()
    assert not path.exists() and not os.path.exists(told["socket"])


def run_beside(runtime, *args, data_dir=None):
    return subprocess.run([runtime.sidecard, "run", "--profile", runtime.profile, "--data-dir", data_dir or runtime.data_dir, *args],
                          env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


def test_a_second_supervisor_for_the_same_data_dir_is_refused(one, tmp_path, journal):
    link = tmp_path / "link"
    link.symlink_to(one.data_dir)
    before = (one.data_dir / "runtime" / "runtime.json").read_bytes(), one.last_seq()
    for data_dir in (one.data_dir, link):
        ended = run_beside(one, data_dir=data_dir)
        assert ended.returncode == 7
        assert len(ended.stderr.splitlines()) == 1 and str(one.process.pid) in ended.stderr
    assert ((one.data_dir / "runtime" / "runtime.json").read_bytes(), one.last_seq()) == before
    assert len(journal.entries("one", "start")) == 1


def test_a_stale_lock_is_not_in_the_way(one, journal):
    """Nor is what else a killed one left, also where its pid is somebody else's by now."""
    pid = one.row("one")["pid"]
    one.kill()
    poll(lambda: not psutil.pid_exists(pid), 2, "the child is gone")
    folder = one.data_dir / "runtime"
    assert (folder / "runtime.json").exists() and (folder / "sidecard.sock").exists()
    assert one.cli("status").returncode == 4
    (folder / "sidecard.lock").write_text(f"{os.getpid()}\n")
    told = json.loads((folder / "runtime.json").read_text())
    (folder / "runtime.json").write_text(json.dumps({**told, "pid": os.getpid()}))
    assert one.cli("status").returncode == 4
    one.start().wait_ready(timeout=20)


def test_a_profile_with_another_data_dir_is_refused_while_this_one_runs(one, tmp_path, journal):
    other = write_profile(tmp_path / "other.json", {"one": fake(journal)}, app={"id": "another"})
    one.rpc("runtime_stop")
    with pytest.raises(RpcError) as refused:
        one.rpc("runtime_start", profile_path=str(other))
    assert refused.value.code == -32002 and "app.id" in str(refused.value)
