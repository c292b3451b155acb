"""A desktop shell that starts sidecard: its channel on stdin and stdout, and its end, however it comes."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import psutil
import pytest
from fakes import fake, write_profile
from processes import is_alive, poll
from runtime import RpcError, clean_environment, free_ports
from shells import ShellRuntime, StdioRuntime, ThreadShellRuntime

pytestmark = pytest.mark.timeout(120)

BOUND = "--exit-with-parent"


@pytest.fixture
def make_stdio(make_fakes, journal):
    """make_stdio(*flags of the daemon): sidecard --stdio with one fake sidecar, `one`, that listens; not started yet."""
    def make(*flags, env=None, **keys):
        return make_fakes({"one": fake(journal, *flags, port=free_ports(1)[0], **keys)}, kind=StdioRuntime, env=env)

    return make


def two(journal, *flags, **keys):
    """Two sidecars of which the second depends on the first, and takes its time to end."""
    one, other = free_ports(2)
    return {"one": fake(journal, "--linger", 200, port=one),
            "two": fake(journal, *flags, port=other, depends_on={"one": "ready"}, **keys)}


def lives(pid):
    try:
        return is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


# --- The shell dies ------------------------------------------------------------------------------------------------------

def assert_stopped_in_order(runtime, journal, grace):
    assert runtime.process.wait(20) == 0
    two, one = journal.entries("two", "term")[0].at, journal.entries("one", "term")[0].at
    assert one - two >= grace - 0.05, "the first is stopped when the second is gone"
    assert journal.entries("one", "exit"), "it had its grace"
    runtime.assert_nothing_left(timeout=0.5)


@pytest.mark.parametrize("flags", [[BOUND], [BOUND + "=SHELL_PID"], ["--stdio"], ["--stdio", BOUND]], ids="-".join)
def test_a_killed_shell_stops_everything_in_order(make_fakes, journal, flags):
    runtime = make_fakes(two(journal, "--linger", 600), *flags, kind=ShellRuntime).start().wait_ready(timeout=20)
    killed = runtime.kill_shell()
    assert_stopped_in_order(runtime, journal, 0.6)
    assert journal.entries("two", "term")[0].at - killed < 0.5, "it notices at once"
    assert time.monotonic() - killed < 0.6 + 0.2 + 2


def test_what_ignores_its_stop_signal_ends_with_its_grace_after_the_shell_died(make_fakes, journal):
    sidecars = two(journal, "--ignore-term", "--worker", "setsid", "--worker", "double-fork", stop={"grace": "700ms"})
    runtime = make_fakes(sidecars, BOUND, kind=ShellRuntime).start().wait_ready(timeout=20)
    workers = [entry.pid for entry in journal.entries("two", "worker")]
    assert len(workers) == 2 and all(lives(worker) for worker in workers)
    killed = runtime.kill_shell()
    assert_stopped_in_order(runtime, journal, 0.7)
    assert time.monotonic() - killed < 0.7 + 0.2 + 2
    assert not any(lives(worker) for worker in workers)


@pytest.mark.parametrize("flags", [[BOUND], ["--stdio"]], ids="-".join)
def test_a_shell_that_dies_while_it_starts_ends_it_at_once(make_fakes, journal, flags):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--listen-after", 60_000, port=port)}, *flags, kind=ShellRuntime).start()
    journal.wait("one", "start")
    killed = runtime.kill_shell()
    assert runtime.process.wait(10) == 0
    assert time.monotonic() - killed < 2


@pytest.mark.parametrize("flags", [[BOUND], ["--stdio", BOUND]], ids="-".join)
def test_a_shell_whose_spawning_thread_ends_is_served_on(make_fakes, journal, flags):
    runtime = make_fakes(two(journal), *flags, kind=ThreadShellRuntime).start().wait_ready(timeout=20)
    assert runtime.pids["threads"] == 1, "the thread that started sidecard has ended"
    assert runtime.rpc("sidecar_restart", name="two")["state"] == "ready"
    assert not journal.entries("one", "term")
    runtime.kill_shell()
    assert runtime.process.wait(20) == 0
    runtime.assert_nothing_left(timeout=0.5)


def test_a_signal_after_the_shells_death_does_not_cut_the_graces_short_but_a_second_does(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--ignore-term", port=port, stop={"grace": "60s"})}, BOUND, kind=ShellRuntime)
    runtime.start().wait_ready(timeout=20)
    runtime.kill_shell()
    journal.wait("one", "term")
    os.kill(runtime.pids["sidecard"], signal.SIGTERM)
    runtime.wait_event("runtime.notice")
    assert runtime.row("one")["state"] == "stopping"
    time.sleep(0.3)  # sooner it would be the same signal
    os.kill(runtime.pids["sidecard"], signal.SIGTERM)
    assert runtime.process.wait(5) == 0


# --- Who the parent is ---------------------------------------------------------------------------------------------------

def run_bound(sidecard, tmp_path, journal, bound):
    """An attempt that is to end by itself."""
    path = write_profile(tmp_path / "profile.json", {"one": fake(journal)})
    return subprocess.run([str(sidecard), "run", "--profile", str(path), "--data-dir", str(tmp_path / "data"), bound],
                          capture_output=True, text=True, env=clean_environment(), timeout=20)


def dead_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.mark.parametrize("pid", [os.getppid, dead_pid, lambda: 1, lambda: 0, lambda: 2**40],
                         ids=["not-the-parent", "dead", "init", "zero", "too-large"])
def test_a_pid_that_is_gone_or_not_the_parent_starts_nothing(sidecard, tmp_path, journal, pid):
    ended = run_bound(sidecard, tmp_path, journal, f"{BOUND}={pid()}")
    assert ended.returncode == 1 and ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1 and BOUND in ended.stderr
    assert not journal.entries() and not (tmp_path / "data").exists()


@pytest.mark.parametrize("pid", ["", "x", "-1", "1.5"])
def test_a_pid_that_is_no_number_is_wrong_usage(sidecard, tmp_path, journal, pid):
    ended = run_bound(sidecard, tmp_path, journal, f"{BOUND}={pid}")
    assert ended.returncode == 2 and len(ended.stderr.splitlines()) == 1


def test_the_parents_own_pid_is_served(make_fakes, journal):
    runtime = make_fakes(two(journal), f"{BOUND}={os.getpid()}").start().wait_ready(timeout=20)
    assert runtime.stop(signal.SIGTERM) == 0


# Waits until whoever started it has gone, then becomes sidecard.
ORPHAN = """
import os, sys
report, parent = sys.argv[1:3]
while os.getppid() == int(parent): pass
open(report, "w").write(str(os.getppid()))
os.execv(sys.argv[3], [part.replace("PARENT", parent) for part in sys.argv[3:]])
"""


def orphaned(sidecard, tmp_path, journal, bound, output):
    """Starts sidecard with a parent that is dead before its first instruction; the pid of that, as sidecard sees it."""
    path = write_profile(tmp_path / "profile.json", {"one": fake(journal)})
    report = tmp_path / "ppid"
    inner = ["python3", "-I", "-S", "-c", ORPHAN, str(report)]
    outer = "import os, subprocess, sys; subprocess.Popen([*sys.argv[1:7], str(os.getpid()), *sys.argv[7:]])"
    subprocess.run(["python3", "-c", outer, *inner, str(sidecard), "run", "--profile", str(path), "--data-dir",
                    str(tmp_path / "data"), bound], stdout=output, stderr=output, env=clean_environment(), timeout=20)
    poll(lambda: report.exists() and report.read_text(), 10, "it has another parent now")
    return int(report.read_text())


@pytest.mark.parametrize("bound", [BOUND, BOUND + "=PARENT"])
def test_a_parent_that_died_before_the_first_instruction_starts_nothing(sidecard, tmp_path, journal, bound):
    reader, writer = os.pipe()
    adopter = orphaned(sidecard, tmp_path, journal, bound, writer)
    os.close(writer)
    if bound == BOUND and adopter != 1:
        # Here somebody else than pid 1 takes orphans in, and is a parent like any other.
        journal.wait("one", "start")
        runtime = json.loads((tmp_path / "data" / "runtime" / "runtime.json").read_text())
        os.kill(runtime["pid"], signal.SIGTERM)
    with open(reader) as output:
        said = output.read()  # to its end: every process of it is gone
    if bound != BOUND or adopter == 1:
        assert len(said.splitlines()) == 1 and BOUND in said
        assert not journal.entries() and not (tmp_path / "data").exists()


# --- Requests over stdin and stdout --------------------------------------------------------------------------------------

def test_the_shells_channel(make_stdio, journal):
    runtime = make_stdio().start().wait_all_ready()
    status = runtime.call("runtime_status")
    assert (status["state"], status["running"]) == ("ready", True)
    assert runtime.call("desktop_runtime_diagnostics", limit=5)["status"]["state"] == "ready"
    assert runtime.call("sidecar_stop", name="one")["state"] == "stopped"
    assert runtime.call("sidecar_start", name="one")["state"] == "ready"
    assert runtime.call("runtime_restart")["state"] == "ready"
    assert len(journal.entries("one", "start")) == 3
    with pytest.raises(RpcError) as refused:
        runtime.call("sidecar_start", name="none")
    assert refused.value.code == -32001
    asked = [event["data"] for event in runtime.call("runtime_diagnostics", limit=300)["events"]
             if event["kind"] == "control.request"]
    assert [(data["transport"], data["method"], data["pid"]) for data in asked] == [
        ("stdio", method, os.getpid()) for method in ("sidecar_stop", "sidecar_start", "runtime_restart", "sidecar_start")]


def test_the_socket_is_there_as_well(make_stdio):
    runtime = make_stdio().start().wait_all_ready()
    assert runtime.status()["state"] == "ready"
    assert runtime.rpc("sidecar_stop", name="one")["state"] == "stopped"
    assert runtime.call("runtime_status")["sidecars"][0]["state"] == "stopped"


def test_batches_notifications_and_garbage(make_stdio):
    runtime = make_stdio().start().wait_all_ready()
    runtime.send([{"jsonrpc": "2.0", "id": "a", "method": "runtime_status"}, {"jsonrpc": "2.0", "method": "runtime_status"},
                  {"jsonrpc": "2.0", "id": "b", "method": "no_such"}])
    assert runtime.answer("a")["result"]["state"] == "ready"
    assert runtime.answer("b")["error"]["code"] == -32601
    for line, code in [(b"garbage\n", -32700), (b"\xff\xfe\x00\n", -32700), (b"{}\n", -32600), (b"[]\n", -32600),
                       (b"x" * (1024 * 1024 + 1) + b"\n", -32600)]:
        before = len(runtime.messages)
        runtime.send(line)
        poll(lambda: len(runtime.messages) > before, 10, f"an answer to {line[:20]}")
        assert (runtime.messages[-1]["id"], runtime.messages[-1]["error"]["code"]) == (None, code)
    runtime.send(b"\n  \r\n")
    assert runtime.call("runtime_status")["state"] == "ready"
    assert not runtime.garbage


def test_shutdown_answers_and_ends(make_stdio):
    runtime = make_stdio().start().wait_all_ready()
    asked = runtime.ask("shutdown")
    assert runtime.wait() == 0
    assert runtime.answer(asked)["result"]["state"] == "stopped"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_as_ever(make_stdio, sign):
    runtime = make_stdio().start().wait_all_ready()
    assert runtime.stop(sign) == 0


# --- The end of input ----------------------------------------------------------------------------------------------------

def test_the_end_of_input_stops_everything(make_fakes, journal):
    runtime = make_fakes(two(journal, "--linger", 500), kind=StdioRuntime).start().wait_all_ready()
    runtime.end_input()
    assert_stopped_in_order(runtime, journal, 0.5)
    assert not (runtime.data_dir / "runtime" / "runtime.json").exists()


def test_requests_before_the_end_of_input_are_answered_half_a_line_too(make_stdio):
    runtime = make_stdio().start()
    asked = [runtime.ask("runtime_status") for _ in range(500)]
    runtime.send(b'{"jsonrpc": "2.0", "id": "last", "method": "runtime_diagnostics"}')
    runtime.end_input()
    assert runtime.wait() == 0
    assert [runtime.answer(each, timeout=0)["result"]["mode"] for each in asked] == ["local_fullstack"] * 500
    assert "events" in runtime.answer("last", timeout=0)["result"]


def test_half_a_line_that_is_not_json_at_the_end_is_refused(make_stdio):
    runtime = make_stdio().start()
    runtime.send(b'{"jsonrpc": "2.0", "id": 1, "meth')
    runtime.end_input()
    assert runtime.wait() == 0
    assert runtime.messages[-1]["error"]["code"] == -32700


def test_the_end_of_input_while_starting_answers_the_start(make_stdio, journal):
    runtime = make_stdio("--listen-after", 60_000).start()
    asked = runtime.ask("runtime_start")
    journal.wait("one", "start")
    begin = time.monotonic()
    runtime.end_input()
    assert runtime.wait() == 0
    assert time.monotonic() - begin < 2
    assert runtime.answer(asked)["error"]["code"] == -32000


def test_a_stop_that_was_asked_for_before_the_end_of_input_is_answered(make_stdio):
    runtime = make_stdio("--linger", 500).start().wait_all_ready()
    asked = runtime.ask("runtime_stop")
    runtime.end_input()
    assert runtime.wait() == 0
    assert runtime.answer(asked)["result"]["state"] == "stopped"


@pytest.mark.parametrize("form", ["file", "nothing", "socket", "one-socket"])
def test_stdin_and_stdout_of_every_form(make_stdio, tmp_path, form):
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "runtime_status"}).encode() + b"\n"
    answers = tmp_path / "answers"
    runtime = make_stdio()
    if form in ("file", "nothing"):
        (tmp_path / "requests").write_bytes(request * 1000 if form == "file" else b"")
        with open(tmp_path / "requests", "rb") as requests, open(answers, "wb") as out:
            runtime.start(requests if form == "file" else subprocess.DEVNULL, out)
        assert runtime.process.wait(20) == 0
        lines = answers.read_bytes().splitlines()
        assert len(lines) == (1000 if form == "file" else 0)
        assert all(json.loads(line)["id"] == 1 for line in lines)
        return
    ours, theirs = socket.socketpair()
    out, their_out = (ours, theirs) if form == "one-socket" else socket.socketpair()
    runtime.start(theirs, their_out)
    for end in {theirs, their_out}:
        end.close()
    ours.sendall(request)
    out.settimeout(20)
    with out.makefile("rb") as lines:
        assert json.loads(lines.readline())["id"] == 1
        ours.sendall(request.rstrip())
        ours.shutdown(socket.SHUT_WR)
        assert json.loads(lines.readline())["id"] == 1, "what only sends no more is still answered"
        assert runtime.process.wait(20) == 0
        assert not lines.readline()
    ours.close()
    out.close()


def test_descriptors_that_are_shared_come_back_as_they_were(make_stdio):
    """libuv makes them non-blocking; others may use them after us."""
    reader, writer = os.pipe()
    runtime = make_stdio().start(stdin=reader)
    poll(lambda: not os.get_blocking(reader), 10, "it has taken stdin over")
    os.close(writer)
    assert runtime.wait() == 0
    assert os.get_blocking(reader)
    os.close(reader)


# --- A shell that does not read ------------------------------------------------------------------------------------------

def test_a_closed_stdout_is_the_shells_death(make_stdio, journal):
    runtime = make_stdio().start(read=False)
    journal.wait("one", "listens")
    runtime.look()
    runtime.process.stdout.close()
    assert runtime.process.wait(3) == 0
    runtime.process.stdout = None


def resident(pid):
    return psutil.Process(pid).memory_info().rss


def test_a_shell_that_does_not_read_holds_up_nobody(make_stdio, journal):
    # A build that checks addresses keeps what was freed, unless it is told not to.
    checks = ":".join([os.environ.get("ASAN_OPTIONS", ""), "quarantine_size_mb=1"]).strip(":")
    runtime = make_stdio(env={"ASAN_OPTIONS": checks}).start(read=False).wait_listens().wait_ready(timeout=20)
    before = resident(runtime.process.pid)
    os.set_blocking(runtime.process.stdin.fileno(), False)
    request = b'{"jsonrpc":"2.0","id":"flood","method":"runtime_diagnostics","params":{"limit":300}}\n'
    pending = request * 20_000
    sent = 0
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 1 and sent < len(pending):
        try:
            sent += os.write(runtime.process.stdin.fileno(), pending[sent:sent + 65536])
            quiet_since = time.monotonic()
        except BlockingIOError:
            begin = time.monotonic()
            assert runtime.status()["state"] == "ready"
            assert time.monotonic() - begin < 1
    assert 0 < sent < len(pending), "it stops reading"
    assert resident(runtime.process.pid) - before < 16 * 1024 * 1024
    # Once it is read from, it goes on where it was.
    os.set_blocking(runtime.process.stdin.fileno(), True)
    threading.Thread(target=runtime.read_on, args=[runtime.process.stdout], daemon=True).start()
    runtime.send(pending[sent:sent + len(request) - sent % len(request)])
    wanted = sent // len(request) + 1
    poll(lambda: len([each for each in runtime.messages if "id" in each]) >= wanted, 60, "every request is answered")
    assert runtime.call("runtime_status")["state"] == "ready"


def test_a_shell_that_dies_unread_is_gone_although_another_holds_its_stdout(make_stdio, journal):
    """The other end of stdout was inherited by a process that lives on and does not read: only stdin tells."""
    runtime = make_stdio().start(read=False).wait_listens().wait_ready(timeout=20)
    os.set_blocking(runtime.process.stdin.fileno(), False)
    request = b'{"jsonrpc":"2.0","id":"flood","method":"runtime_diagnostics","params":{"limit":300}}\n' * 1000
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 0.5:
        try:
            os.write(runtime.process.stdin.fileno(), request)
            quiet_since = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    begin = time.monotonic()
    runtime.end_input()
    assert runtime.process.wait(10) == 0
    assert time.monotonic() - begin < 2
    runtime.process.stdout.close()
    runtime.process.stdout = None


# --- What comes on stdout ------------------------------------------------------------------------------------------------

def test_heartbeats_come_every_five_seconds(make_stdio):
    runtime = make_stdio().start()
    poll(lambda: len(runtime.notifications("heartbeat")) >= 2, 15, "two heartbeats")
    first, second = runtime.notifications("heartbeat")[:2]
    assert first.keys() == {"jsonrpc", "method", "params"} and first["jsonrpc"] == "2.0"
    assert 4500 < second["params"]["timestamp"] - first["params"]["timestamp"] < 6500
    assert abs(second["params"]["timestamp"] - time.time() * 1000) < 3000


def test_nothing_but_json_rpc_comes_on_stdout(make_stdio, tmp_path):
    dump = tmp_path / "dump"
    runtime = make_stdio("--lines", 2000, "--err", "on stderr", "--out", '{"jsonrpc":"2.0","id":99,"result":1}', "--dump", dump)
    runtime.start().wait_all_ready()
    fact = json.loads(dump.read_text())
    assert fact["fds"]["0"] == "/dev/null" and not {"1", "2"} & {fd for fd, where in fact["fds"].items()
                                                                if where == os.readlink(f"/proc/self/fd/{runtime.process.stdout.fileno()}")}
    runtime.end_input()
    assert runtime.wait() == 0
    assert not runtime.garbage and not any(message.get("id") == 99 for message in runtime.messages)
    printed = runtime.output()
    assert "line 1999" in printed and "on stderr" in printed and "everything is stopped" in printed


def test_json_logs_go_to_stderr_too(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, "--out", "hello", port=free_ports(1)[0])}, "--log-format", "json", kind=StdioRuntime)
    runtime.start().wait_all_ready().end_input()
    assert runtime.wait() == 0
    assert not runtime.garbage and all("jsonrpc" in message for message in runtime.messages)
    lines = [json.loads(line) for line in runtime.output().splitlines()]
    assert any(line.get("text") == "hello" for line in lines) and any(line.get("kind") == "runtime.stopped" for line in lines)


# --- Starting it ---------------------------------------------------------------------------------------------------------

def run_stdio(sidecard, folder, *args, **env):
    return subprocess.run([str(sidecard), "--stdio", *map(str, args)], cwd=folder, input="", capture_output=True, text=True,
                          env=clean_environment(HOME=folder, **env), timeout=20)


def test_it_looks_for_no_profile_in_folders(sidecard, tmp_path, journal):
    write_profile(tmp_path / "sidecard.json", {"one": fake(journal)}, data_dir="data")
    ended = run_stdio(sidecard, tmp_path)
    assert ended.returncode == 2 and ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1 and "profile" in ended.stderr
    assert not journal.entries() and not (tmp_path / "data").exists()


def test_the_environment_may_name_its_profile(sidecard, tmp_path, journal):
    path = write_profile(tmp_path / "other.json", {"one": fake(journal)}, data_dir="data")
    ended = run_stdio(sidecard, tmp_path, RUNTIME_PROFILE_PATH=path)
    assert ended.returncode == 0 and ended.stdout == "" and "everything is stopped" in ended.stderr


def test_what_prevents_its_start_is_said_on_stderr(sidecard, tmp_path, make_stdio):
    (tmp_path / "broken.json").write_text('{"mode": "nowhere"}')
    ended = run_stdio(sidecard, tmp_path, "--profile", tmp_path / "broken.json")
    assert ended.returncode == 3 and ended.stdout == "" and "nowhere" in ended.stderr
    first = make_stdio().start().wait_all_ready()
    ended = run_stdio(sidecard, tmp_path, "--profile", first.profile, "--data-dir", first.data_dir)
    assert ended.returncode == 7 and ended.stdout == "" and str(first.process.pid) in ended.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "1<&0 0>&1"], ids=["no-stdin", "no-stdout", "wrong-way"])
def test_closed_or_wrong_descriptors_do_no_harm(sidecard, tmp_path, journal, closed):
    path = write_profile(tmp_path / "profile.json", {"one": fake(journal)}, data_dir=str(tmp_path / "data"))
    swap = "exec 3<&0 0>&1 1<&3 3<&-; " if closed.startswith("1") else ""
    script = f"{swap}exec {sidecard} --profile {path} --stdio {'' if swap else closed}"
    ended = subprocess.run(["sh", "-c", script], input="", capture_output=True, text=True, env=clean_environment(), timeout=20)
    assert ended.returncode == (1 if swap else 0)
    if swap:
        assert len(ended.stderr.splitlines()) == 1 and not journal.entries()
