"""Stopping, at any time and of anything, and what is left of the trees of sidecars: nothing."""

import json
import os
import signal
import subprocess
import threading
import time

import psutil
import pytest
from fakes import FAST, daemon, fake
from processes import is_alive, poll
from runtime import RpcError, free_ports

pytestmark = pytest.mark.timeout(120)

NEVER = {"policy": "never"}


def timed(call, *args, **keys):
    begin = time.monotonic()
    result = call(*args, **keys)
    return result, time.monotonic() - begin


def lives(pid):
    try:
        return is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


# --- A stop takes effect -------------------------------------------------------------------------------------------------

def test_what_ignores_its_stop_signal_is_killed_when_its_grace_is_over(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--ignore-term", "--worker", "plain", "--worker", "setsid", port=port,
                                      stop={"grace": "700ms"})}).start().wait_ready(timeout=20)
    workers = [entry.pid for entry in journal.entries("one", "worker")]
    pid = runtime.row("one")["pid"]
    assert len(workers) == 2 and all(lives(worker) for worker in workers)
    row, took = timed(runtime.rpc, "sidecar_stop", name="one")
    assert 0.7 <= took < 0.7 + 2
    assert not any(lives(process) for process in (pid, *workers))
    assert len(journal.entries("one", "term")) == 1, "the stop signal comes once"
    assert (row["state"], row["pid"], row["last_error"]) == ("stopped", None, None)
    assert (row["last_exit"]["signal"], row["last_exit"]["reason"]) == ("SIGKILL", "requested")
    exited = runtime.events(kind="sidecar.exited", source="one")
    assert [event["level"] for event in exited] == ["info"], "an exit that was asked for is no failure"


def test_the_stop_signal_and_what_it_does_are_the_profiles(make_fakes, journal):
    """SIGINT, which ends a Python at once with a traceback: an exit after a stop is never a failure, whatever its code."""
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, port=port, stop={"signal": "SIGINT"})}).start().wait_ready(timeout=20)
    row = runtime.rpc("sidecar_stop", name="one")
    assert not journal.entries("one", "term")
    assert row["last_exit"]["reason"] == "requested" and row["last_exit"]["code"] != 0
    assert (row["last_error"], row["budget_left"]) == (None, 6)
    assert runtime.status()["state"] == "stopped"


def test_only_the_child_gets_the_signal_where_the_profile_says_so(make_fakes, journal):
    runtime = make_fakes({
        "child": {"command": ["/bin/sh", "-c", f"trap 'exit 0' TERM; {' '.join(daemon('--journal', journal, '--port', '${port}', '--linger', 1500))} & wait"],
                  "port": free_ports(1)[0], "stop": {"only_child": True}},
    }).start().wait_ready(timeout=20)
    worker = journal.entries("child", "start")[0].pid
    _, took = timed(runtime.rpc, "sidecar_stop", name="child")
    assert not lives(worker)
    assert took < 4
    # The shell ended at its signal; only then did the rest of the tree get one.
    assert len(journal.entries("child", "term")) == 1


@pytest.mark.parametrize("state, flags, keys", [
    ("backoff", ["--exit-after", 0], {"restart": {"backoff": {"initial": "60s", "max": "60s"}}}),
    ("starting", ["--listen-after", 60_000], {}),
    ("waiting", [], {"depends_on": {"base": "ready"}}),
])
@pytest.mark.parametrize("whole", [False, True], ids=["sidecar", "runtime"])
def test_a_stop_takes_effect_at_once_in(make_fakes, journal, state, flags, keys, whole):
    port, base = free_ports(2)
    runtime = make_fakes({"one": fake(journal, *flags, port=port, **keys),
                          "base": fake(journal, "--listen-after", 60_000, port=base)}).start()
    runtime.wait_row("one", state=state)
    if state == "starting":
        journal.wait("one", "start")
    starts = len(journal.entries("one", "start"))
    answer, took = timed(runtime.rpc, "runtime_stop") if whole else timed(runtime.rpc, "sidecar_stop", name="one")
    assert answer["state"] == "stopped" and took < 1.5
    row = runtime.row("one")
    assert (row["state"], row["pid"], row["next_restart_ms"], row["last_error"]) == ("stopped", None, None, None)
    assert len(journal.entries("one", "start")) == starts


def test_stopping_is_idempotent(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--linger", 300, port=port)}).start().wait_ready(timeout=20)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(runtime.rpc("sidecar_stop", name="one")["state"])) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["stopped"] * 5
    assert len(journal.entries("one", "term")) == 1
    since = runtime.last_seq()
    assert runtime.rpc("sidecar_stop", name="one")["state"] == "stopped"
    for _ in range(3):
        assert runtime.rpc("runtime_stop")["state"] == "stopped"
    assert {event["kind"] for event in runtime.events(since)} == {"control.request"}
    assert runtime.rpc("runtime_start")["state"] == "ready"


def test_a_start_while_it_is_stopping_starts_it_once_it_is_gone(make_fakes, journal):
    one, other = free_ports(2)
    runtime = make_fakes({"one": fake(journal, "--linger", 500, port=one), "other": fake(journal, port=other)})
    runtime.start().wait_ready(timeout=20)
    errors = []

    def stop():
        try:
            runtime.rpc("sidecar_stop", name="one")
        except RpcError as error:
            errors.append(error.code)
    stopping = threading.Thread(target=stop)
    stopping.start()
    journal.wait("one", "term")
    assert runtime.rpc("sidecar_start", name="one")["state"] == "ready"
    stopping.join()
    assert errors == [-32000]
    assert journal.entries("one", "start")[1].at > journal.entries("one", "exit")[0].at


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_second_signal_cuts_every_grace_short(make_fakes, journal, sign):
    one, other = free_ports(2)
    runtime = make_fakes({"one": fake(journal, "--ignore-term", port=one, stop={"grace": "60s"}),
                          "two": fake(journal, "--ignore-term", port=other, stop={"grace": "60s"}, depends_on={"one": "ready"})})
    runtime.start().wait_ready(timeout=20)
    runtime.look()
    runtime.process.send_signal(sign)
    journal.wait("two", "term")
    assert (runtime.row("two")["state"], runtime.row("one")["state"]) == ("stopping", "ready")
    time.sleep(0.3)  # sooner it would be the same Ctrl-C
    begin = time.monotonic()
    runtime.process.send_signal(sign)
    assert runtime.process.wait(10) == 0
    assert time.monotonic() - begin < 2
    runtime.assert_nothing_left(timeout=0.5)


def test_one_ctrl_c_counts_once_whichever_way_it_comes(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--ignore-term", port=port, stop={"grace": "1s"})}).start().wait_ready(timeout=20)
    begin = time.monotonic()
    for _ in range(3):
        runtime.process.send_signal(signal.SIGINT)
    assert runtime.process.wait(10) == 0
    assert 1 <= time.monotonic() - begin < 3


def test_signals_at_every_moment_of_the_end_change_nothing(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, port=free_ports(1)[0])})
    for _ in range(5):
        runtime.start().wait_ready(timeout=20)
        while runtime.process.poll() is None:
            runtime.process.send_signal(signal.SIGTERM)
            time.sleep(0.0005)
        assert runtime.process.returncode == 0


def test_a_signal_once_it_can_be_found_is_heard(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, port=free_ports(1)[0])})
    told = runtime.data_dir / "runtime" / "runtime.json"
    for _ in range(5):
        with open(runtime.output_path, "ab") as output:
            runtime.process = subprocess.Popen([runtime.sidecard, "run", "--profile", runtime.profile, "--data-dir", runtime.data_dir],
                                               stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=runtime.env)
        while not told.exists():
            assert runtime.process.poll() is None, runtime.output()
        runtime.process.send_signal(signal.SIGTERM)
        assert runtime.process.wait(10) == 0
        assert not told.exists()


def test_a_signal_while_it_starts_ends_it_at_once(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--listen-after", 60_000, port=port)}).start()
    journal.wait("one", "start")
    code, took = timed(runtime.stop, signal.SIGTERM)
    assert code == 0 and took < 2
    runtime.assert_nothing_left(timeout=0.5)


# --- Trees ---------------------------------------------------------------------------------------------------------------

KINDS = ["plain", "setsid", "double-fork"]


@pytest.mark.parametrize("stubborn", [False, True], ids=["heeds-term", "ignores-term"])
def test_what_a_dead_child_leaves_is_gone_before_its_next_start(make_fakes, journal, stubborn):
    flags = [flag for kind in KINDS for flag in ("--worker", kind)] + (["--ignore-term"] if stubborn else [])
    runtime = make_fakes({"one": fake(journal, *flags, "--exit-after", 50, restart={"max": 2, "backoff": FAST})}).start()
    runtime.wait_row("one", state="failed")
    assert len(journal.entries("one", "start")) == 3 and len(journal.entries("one", "worker")) == 9
    assert not journal.entries("one", "found"), "a start met what an earlier one had left"
    assert not any(lives(entry.pid) for entry in journal.entries("one", "worker"))
    exits, starts = journal.entries("one", "exit"), journal.entries("one", "start")
    for exit, start in zip(exits, starts[1:]):
        assert (0.9 < start.at - exit.at < 2) == stubborn, "SIGKILL comes 1 s after the stop signal"


@pytest.mark.parametrize("launcher", ["sh", "sh-setsid", "python"])
def test_a_launcher_that_dies_before_its_worker_takes_it_along(make_fakes, journal, launcher):
    port = free_ports(1)[0]
    worker = " ".join(daemon("--journal", journal, "--port", port, "--exit-code", 0))
    command = {
        "sh": ["/bin/sh", "-c", f"{worker} & sleep 0.3; exit 3"],
        "sh-setsid": ["/bin/sh", "-c", f"setsid nohup {worker} >/dev/null 2>&1 & sleep 0.3; exit 3"],
        "python": daemon("--journal", journal, "--worker", "double-fork", "--exit-after", 300, "--exit-code", 3),
    }[launcher]
    runtime = make_fakes({"one": {"command": command, "restart": NEVER}}).start()
    row = runtime.wait_row("one", state="failed")
    assert row["last_exit"]["code"] == 3
    started = journal.entries("one", "worker") if launcher == "python" else journal.entries("one", "start")
    assert len(started) == 1 and not lives(started[0].pid)


@pytest.mark.parametrize("how", ["sidecar_stop", "SIGTERM"])
def test_a_stop_ends_what_left_its_session_or_its_environment(make_fakes, journal, how):
    port = free_ports(1)[0]
    kinds = [*KINDS, "bare"]
    runtime = make_fakes({"one": fake(journal, *[flag for kind in kinds for flag in ("--worker", kind)], port=port)})
    runtime.start().wait_ready(timeout=20)
    workers = [entry.pid for entry in journal.entries("one", "worker")]
    assert len(workers) == 4 and all(lives(worker) for worker in workers)
    assert not psutil.Process(workers[3]).environ()
    if how == "sidecar_stop":
        assert runtime.rpc("sidecar_stop", name="one")["state"] == "stopped"
    else:
        assert runtime.stop(signal.SIGTERM) == 0
    assert not any(lives(worker) for worker in workers), [lives(worker) for worker in workers]


def test_what_escaped_with_a_cleared_environment_ends_with_the_runtime(make_fakes, journal):
    """Its child died the instant after: it was never seen below it."""
    runtime = make_fakes({"one": fake(journal, "--worker", "bare", "--exit-after", 0, restart=NEVER)}).start()
    runtime.wait_row("one", state="failed")
    worker = journal.entries("one", "worker")[0].pid
    assert lives(worker)
    assert runtime.stop(signal.SIGTERM) == 0
    assert not lives(worker)
    told = json.loads((runtime.data_dir / "runtime" / "runtime-events.json").read_text())
    assert [event for event in told if event["level"] == "warn" and str(worker) in event["message"]], "an event names it"


def test_a_killed_supervisor_takes_its_direct_children_along(make_fakes, journal):
    one, other = free_ports(2)
    runtime = make_fakes({"one": fake(journal, "--ignore-term", port=one, stop={"grace": "300ms"}), "other": fake(journal, port=other)})
    runtime.start().wait_ready(timeout=20)
    pids = [runtime.row(name)["pid"] for name in ("one", "other")]
    runtime.kill()
    poll(lambda: not any(lives(pid) for pid in pids), 2, "its children are gone")
    runtime.start().wait_ready(timeout=20)
    assert os.path.exists(runtime.runtime_file()["socket"])
