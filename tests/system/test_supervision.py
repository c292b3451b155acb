"""Order, restarts, the budget, policies and probes, on daemons that fail as they are told to."""

import os
import signal
import statistics
import time

import psutil
import pytest
from fakes import FAST, fake
from processes import is_alive, poll
from runtime import free_ports

pytestmark = pytest.mark.timeout(120)

NEVER = {"policy": "never"}
ON_FAILURE = {"policy": "on-failure", "backoff": FAST}


# --- Order ---------------------------------------------------------------------------------------------------------------

def test_a_dependant_starts_when_its_condition_holds_and_the_rest_starts_at_once(make_fakes, journal):
    slow, after, beside = free_ports(3)
    runtime = make_fakes({
        "after": fake(journal, port=after, depends_on={"slow": "ready"}),
        "begun": fake(journal, depends_on={"slow": "started"}),
        "slow": fake(journal, "--listen-after", 800, port=slow),
        "beside": fake(journal, port=beside),
    }).start().wait_ready(timeout=20)
    start = {name: journal.entries(name, "start")[0].at for name in ("after", "begun", "slow", "beside")}
    listens = journal.entries("slow", "listens")[0].at
    assert start["slow"] < listens < start["after"]
    assert start["after"] - listens < 0.35, "it starts the moment its condition holds"
    assert start["begun"] < listens and start["beside"] < listens
    told = [event["source"] for event in runtime.events(kind="sidecar.started")]
    assert sorted(told[:2]) == ["beside", "slow"] and told[2:] == ["begun", "after"]


def test_stopping_goes_the_other_way_round_in_parallel_where_it_can(make_fakes, journal):
    first, last, other = free_ports(3)
    runtime = make_fakes({
        "first": fake(journal, port=first),
        "last": fake(journal, "--linger", 400, port=last, depends_on={"first": "ready"}),
        "other": fake(journal, "--linger", 400, port=other),
    }).start().wait_ready(timeout=20)
    assert runtime.stop(signal.SIGTERM) == 0
    term = {name: journal.entries(name, "term") for name in ("first", "last", "other")}
    assert all(len(entries) == 1 for entries in term.values()), "the stop signal comes once"
    last_exit = journal.entries("last", "exit")[0].at
    assert term["last"][0].at < last_exit < term["first"][0].at
    assert term["other"][0].at < last_exit


def test_a_dependant_is_left_alone_by_a_restart_unless_it_asks_for_it(make_fakes, journal):
    base, calm, along = free_ports(3)
    runtime = make_fakes({
        "base": fake(journal, port=base),
        "calm": fake(journal, port=calm, depends_on={"base": "ready"}),
        "along": fake(journal, port=along, depends_on={"base": "ready"}, restart_with=True),
    }).start().wait_ready(timeout=20)
    runtime.rpc("sidecar_restart", name="base")
    listens = journal.wait("base", "listens", 2)[1].at
    assert journal.wait("along", "start", 2)[1].at > listens
    runtime.wait_ready(timeout=20)
    assert len(journal.entries("calm", "start")) == 1


# --- Restarts ------------------------------------------------------------------------------------------------------------

def test_a_killed_child_comes_back_and_each_step_is_an_event(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--err", "last words", port=port)}).start().wait_ready(timeout=20)
    since, before = runtime.last_seq(), runtime.row("one")
    os.kill(before["pid"], signal.SIGKILL)
    runtime.wait_event("sidecar.ready", "one", since)
    after = runtime.wait_row("one", state="ready")

    told = runtime.events(since, source="one")
    assert [event["kind"] for event in told] == ["sidecar.exited", "sidecar.restarting", "sidecar.started", "sidecar.ready"]
    assert [event["level"] for event in told] == ["warn", "info", "info", "info"]
    exited, restarting, started, ready = (event["data"] for event in told)
    assert (exited["code"], exited["signal"], exited["restarts_in_window"], exited["reason"]) == (None, "SIGKILL", 1, "signal")
    assert exited["stderr"].split() == ["last", "words"] and exited["uptime_ms"] >= 0
    assert "restart 1 of 6 in " in told[0]["message"]
    assert exited["error"]["code"] == "exited"
    assert restarting["restarts_in_window"] == 1
    assert started["pid"] == ready["pid"] == after["pid"] != before["pid"] and started["port"] == port
    assert after["last_exit"]["signal"] == "SIGKILL" and after["last_exit"]["reason"] == "signal"
    assert (after["restarts"], after["restarts_in_window"], after["budget_left"], after["last_error"]) == (1, 1, 5, None)
    assert after["ready_at_ms"] >= after["started_at_ms"] > before["started_at_ms"]
    assert runtime.status()["restart_count"] == 1


def test_what_always_exits_is_started_seven_times_and_a_start_by_hand_gives_a_full_budget(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, "--err", "no such table", "--exit-after", 0, "--exit-code", 3)}).start()
    row = runtime.wait_row("one", state="failed")
    assert len(journal.entries("one", "start")) == 7
    assert (row["budget_left"], row["auto_restart"], row["restarts"], row["pid"]) == (0, False, 6, None)
    assert "no such table" in row["last_error"] and "code 3" in row["last_error"]
    assert row["error"]["code"] == "budget_spent" and row["error"]["remedy"] and row["error"]["message"] == row["last_error"]
    assert (row["last_exit"]["code"], row["last_exit"]["signal"], row["last_exit"]["reason"]) == (3, None, "failed")
    assert row["last_exit"]["stderr"].strip() == "no such table"
    status = runtime.status()
    assert (status["state"], status["auto_restart"], status["running"], status["restart_count"]) == ("failed", False, False, 6)
    assert status["last_error"] == row["last_error"] and status["error"]["code"] == "budget_spent"

    failed = runtime.events(kind="sidecar.failed", source="one")
    assert len(failed) == 1 and failed[0]["level"] == "error"
    assert failed[0]["data"]["error"]["code"] == "budget_spent" and "no such table" in failed[0]["message"]
    exits = runtime.events(kind="sidecar.exited", source="one")
    assert [event["data"]["restarts_in_window"] for event in exits] == [1, 2, 3, 4, 5, 6, 6]
    assert runtime.events(kind="runtime.failed")[0]["level"] == "error"
    assert runtime.cli("wait", "--timeout", "20s").returncode == 6

    assert runtime.rpc("sidecar_start", name="one")["state"] == "failed"
    assert len(journal.entries("one", "start")) == 14
    assert runtime.status()["restart_count"] == 12


def test_a_start_by_hand_after_the_cause_was_mended_leaves_nothing_of_the_failure(make_fakes, journal, tmp_path):
    port, broken = free_ports(1)[0], tmp_path / "broken"
    broken.touch()
    runtime = make_fakes({"one": fake(journal, "--fail-while", broken, port=port)}).start()
    runtime.wait_row("one", state="failed")
    broken.unlink()
    row = runtime.rpc("sidecar_start", name="one")
    assert (row["state"], row["budget_left"], row["auto_restart"], row["last_error"], row["error"]) == ("ready", 6, True, None, None)
    status = runtime.status()
    assert (status["state"], status["auto_restart"], status["last_error"]) == ("ready", True, None)


def test_a_start_of_a_failed_runtime_answers_when_it_is_over_not_before(make_fakes, journal, tmp_path):
    """Also where what failed had been well before."""
    port, broken = free_ports(1)[0], tmp_path / "broken"
    runtime = make_fakes({"one": fake(journal, "--fail-while", broken, "--listen-after", 300, port=port)}).start().wait_ready(timeout=20)
    broken.touch()
    os.kill(runtime.row("one")["pid"], signal.SIGKILL)
    runtime.wait_row("one", state="failed")
    since = runtime.last_seq()
    assert runtime.rpc("runtime_start")["state"] == "failed"
    broken.unlink()
    assert runtime.rpc("runtime_start")["state"] == "ready"
    states = [event["kind"] for event in runtime.events(since, source="runtime")]
    assert states == ["runtime.starting", "runtime.failed", "runtime.starting", "runtime.ready"]


def test_restarts_come_at_growing_distances(make_fakes, journal):
    backoff = {"initial": "60ms", "factor": 2, "max": "200ms", "jitter": 0}
    make_fakes({"one": fake(journal, "--exit-after", 0, restart={"max": 5, "backoff": backoff})}).start().wait_row("one", state="failed")
    exits, starts = journal.entries("one", "exit"), journal.entries("one", "start")
    gaps = [start.at - exit.at for exit, start in zip(exits, starts[1:])]
    assert len(gaps) == 5
    for gap, least in zip(gaps, (0.060, 0.120, 0.200, 0.200, 0.200)):
        assert least - 0.002 <= gap < least + 0.5, gaps


def test_a_restart_by_hand_is_not_charged(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, port=port)}).start().wait_ready(timeout=20)
    for _ in range(8):
        before = runtime.row("one")["pid"]
        row = runtime.rpc("sidecar_restart", name="one")
        assert row["state"] == "ready" and row["pid"] != before
    assert (row["budget_left"], row["restarts_in_window"], row["auto_restart"]) == (6, 0, True)
    assert row["last_exit"]["reason"] == "requested" and row["last_error"] is None
    assert {event["level"] for event in runtime.events(source="one")} == {"info"}


def test_no_auto_restart_means_no_restart(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, port=port)}, "--no-auto-restart").start().wait_ready(timeout=20)
    assert runtime.status()["auto_restart"] is False
    os.kill(runtime.row("one")["pid"], signal.SIGKILL)
    row = runtime.wait_row("one", state="failed")
    assert "SIGKILL" in row["last_error"] and row["auto_restart"] is False and row["next_restart_ms"] is None
    assert row["error"]["code"] == "exited"
    assert len(journal.entries("one", "start")) == 1


# --- Policies ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("restart, code, state, starts", [
    (NEVER, 0, "completed", 1),
    (NEVER, 3, "failed", 1),
    (ON_FAILURE, 0, "completed", 1),
    ({**ON_FAILURE, "max": 2}, 3, "failed", 3),
    ({**ON_FAILURE, "success_exit_codes": [0, 3]}, 3, "completed", 1),
    ({**ON_FAILURE, "success_exit_codes": [3], "max": 1}, 0, "failed", 2),
    ({"policy": "always", "max": 2, "backoff": FAST}, 0, "failed", 3),
], ids=["never-0", "never-3", "on-failure-0", "on-failure-3", "success-is-3", "success-is-only-3", "always-0"])
def test_policies(make_fakes, journal, restart, code, state, starts):
    runtime = make_fakes({"one": fake(journal, "--exit-after", 0, "--exit-code", code, restart=restart)}).start()
    row = runtime.wait_row("one", state=state)
    assert len(journal.entries("one", "start")) == starts
    assert row["last_exit"]["code"] == code
    if state == "completed":
        assert (row["last_error"], row["last_exit"]["reason"], row["budget_left"]) == (None, "clean", restart.get("max", 6))
        assert [event["level"] for event in runtime.events(kind="sidecar.exited")] == ["info"]
        assert len(runtime.events(kind="sidecar.completed", source="one")) == 1
        status = runtime.status()
        assert (status["state"], status["running"]) == ("ready", True)
        assert runtime.cli("wait", "--timeout", "5s").returncode == 0


def test_a_dependant_can_wait_for_the_end_of_what_it_depends_on(make_fakes, journal):
    port = free_ports(1)[0]
    make_fakes({
        "main": fake(journal, port=port, depends_on={"setup": "completed"}),
        "setup": fake(journal, "--exit-after", 200, "--exit-code", 0, restart=NEVER),
    }).start().wait_ready(timeout=20)
    assert journal.entries("main", "start")[0].at > journal.entries("setup", "exit")[0].at


def test_dependants_of_a_failed_one_wait_spend_nothing_and_start_when_it_recovers(make_fakes, journal, tmp_path):
    base, after, broken = *free_ports(2), tmp_path / "broken"
    broken.touch()
    runtime = make_fakes({
        "base": fake(journal, "--fail-while", broken, port=base, restart={"max": 1, "backoff": FAST}),
        "after": fake(journal, port=after, depends_on={"base": "ready"}),
    }).start()
    begin = time.monotonic()
    assert runtime.cli("wait", "--timeout", "60s").returncode == 6
    assert runtime.rpc("runtime_start")["state"] == "failed"
    assert time.monotonic() - begin < 15, "they return at once"
    row = poll(lambda: runtime.row("after")["last_error"] and runtime.row("after"), 5, runtime.report)
    assert (row["state"], row["budget_left"], row["restarts"], row["pid"]) == ("waiting", 6, 0, None)
    assert "base" in row["last_error"]
    assert not journal.entries("after")

    broken.unlink()
    assert runtime.rpc("sidecar_start", name="base")["state"] == "ready"
    assert runtime.wait_row("after", state="ready")["last_error"] is None


# --- Probes --------------------------------------------------------------------------------------------------------------

def test_what_is_never_ready_is_ended_and_says_so(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--listen-after", 60_000, port=port, restart=NEVER,
                                      ready={"tcp": {}, "timeout": "300ms"})}).start()
    row = runtime.wait_row("one", state="failed")
    assert row["error"]["code"] == "not_ready_in_time" and "0.3 s" in row["last_error"]
    assert row["last_exit"]["reason"] == "not_ready"
    assert journal.entries("one", "term")
    assert 300 <= runtime.events(kind="sidecar.exited", source="one")[0]["data"]["uptime_ms"] < 2000


def test_what_is_never_ready_is_restarted_within_its_budget(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--status", 503, port=port, restart={"max": 2, "backoff": FAST},
                                      ready={"http": {"path": "/"}, "timeout": "200ms"})}).start()
    row = runtime.wait_row("one", state="failed")
    assert len(journal.entries("one", "start")) == 3
    assert row["error"]["code"] == "budget_spent" and row["last_exit"]["reason"] == "not_ready"
    assert "503" in row["last_error"], "it says what the probe saw"
    assert {event["data"]["reason"] for event in runtime.events(kind="sidecar.exited")} == {"not_ready"}


def test_what_dies_while_it_starts_is_not_waited_for(make_fakes, journal):
    port = free_ports(1)[0]
    begin = time.monotonic()
    runtime = make_fakes({"one": fake(journal, "--listen-after", 60_000, "--exit-after", 100, port=port, restart=NEVER)}).start()
    assert runtime.wait_row("one", state="failed")["last_exit"]["reason"] == "failed"
    assert time.monotonic() - begin < 10


def test_a_failing_live_probe_ends_the_child_after_so_many_failures(make_fakes, journal, tmp_path):
    port, trouble = free_ports(1)[0], tmp_path / "trouble"
    live = {"http": {"path": "/"}, "interval": "100ms", "failures": 3}
    runtime = make_fakes({"one": fake(journal, "--status-file", trouble, port=port, ready={"http": {"path": "/"}}, live=live)})
    runtime.start().wait_ready(timeout=20)
    since, before = runtime.last_seq(), runtime.row("one")["pid"]
    (tmp_path / "aside").write_text("500")
    (tmp_path / "aside").rename(trouble)
    unhealthy = runtime.wait_event("sidecar.unhealthy", "one", since)
    exited = runtime.wait_event("sidecar.exited", "one", since)
    trouble.unlink()
    runtime.wait_event("sidecar.ready", "one", since)
    assert unhealthy["level"] == "warn" and "500" in unhealthy["message"]
    assert exited["level"] == "warn" and exited["data"]["reason"] == "live_probe"
    assert exited["ts_ms"] - unhealthy["ts_ms"] >= 150, "two more failures lie between"
    kinds = [event["kind"].removeprefix("sidecar.") for event in runtime.events(since, source="one")]
    assert kinds == ["unhealthy", "exited", "restarting", "started", "ready"]
    row = runtime.wait_row("one", state="ready")
    assert row["pid"] != before and row["budget_left"] == 5 and row["last_exit"]["reason"] == "live_probe"


def test_a_live_probe_that_recovers_in_time_ends_nothing(make_fakes, journal, tmp_path):
    port, trouble = free_ports(1)[0], tmp_path / "trouble"
    live = {"http": {"path": "/"}, "interval": "100ms", "failures": 1000}
    runtime = make_fakes({"one": fake(journal, "--status-file", trouble, port=port, ready={"http": {"path": "/"}}, live=live)})
    runtime.start().wait_ready(timeout=20)
    since, before = runtime.last_seq(), runtime.row("one")["pid"]
    (tmp_path / "aside").write_text("500")
    (tmp_path / "aside").rename(trouble)
    row = runtime.wait_row("one", state="unhealthy")
    assert row["probe"]["kind"] == "http" and row["probe"]["ok"] is False and row["probe"]["failures"] >= 1
    assert row["error"]["code"] == "probe_failed"
    assert runtime.status()["state"] == "degraded"
    trouble.unlink()
    runtime.wait_event("sidecar.healthy", "one", since)
    row = runtime.wait_row("one", state="ready")
    assert (row["pid"], row["last_error"], row["restarts"], row["probe"]["ok"]) == (before, None, 0, True)
    poll(lambda: runtime.status()["state"] == "ready", 5, runtime.report)


@pytest.mark.parametrize("how", ["enforce", "no-live"])
def test_live_probes_that_only_report(make_fakes, journal, tmp_path, how):
    port, trouble = free_ports(1)[0], tmp_path / "trouble"
    live = {"http": {"path": "/"}, "interval": "50ms", "failures": 2, **({"enforce": False} if how == "enforce" else {})}
    runtime = make_fakes({"one": fake(journal, "--status-file", trouble, port=port, ready={"http": {"path": "/"}}, live=live)},
                         *(["--no-live"] if how == "no-live" else []))
    runtime.start().wait_ready(timeout=20)
    (tmp_path / "aside").write_text("500")
    (tmp_path / "aside").rename(trouble)
    row = poll(lambda: runtime.row("one")["probe"]["failures"] >= 6 and runtime.row("one"), 10, runtime.report)
    assert row["state"] == "unhealthy" and is_alive(psutil.Process(row["pid"]))
    assert len(journal.entries("one", "start")) == 1


@pytest.mark.parametrize("ready, flags", [
    ({"log": {"pattern": "listening on \\d+"}}, ["--out", "\x1b[32mlistening\x1b[0m on 80"]),
    ({"exec": {"command": ["/bin/sh", "-c", "test -e there"], "cwd": "${profile_dir}"}}, ["--out", "x"]),
], ids=["log", "exec"])
def test_other_ready_probes(make_fakes, journal, tmp_path, ready, flags):
    (tmp_path / "there").touch()
    runtime = make_fakes({"one": fake(journal, *flags, ready={**ready, "timeout": "10s"})}).start().wait_ready(timeout=20)
    assert runtime.row("one")["probe"]["kind"] == next(iter(ready))


def test_without_a_port_or_a_probe_it_is_ready_once_it_has_run_for_a_second(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal)}).start()
    runtime.wait_row("one", state="starting")
    runtime.wait_ready(timeout=20)
    assert runtime.events(kind="sidecar.ready", source="one")[0]["data"]["startup_ms"] >= 1000


def test_databases_that_accept_and_never_answer_stall_nothing(make_fakes, journal):
    ports = free_ports(10)
    hanging = {f"silent{i}": fake(journal, "--silent", port=ports[i], ready={"mongo": {}, "timeout": "60s"}) for i in range(6)}
    well = {f"well{i}": fake(journal, port=ports[6 + i], ready={"http": {"path": "/"}}) for i in range(4)}
    runtime = make_fakes({**hanging, **well}).start()
    for i in range(6):
        journal.wait(f"silent{i}", "listens")
    runtime.wait_ready(*well, timeout=5)
    took = []
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        begin = time.monotonic()
        assert runtime.row("silent0")["state"] == "starting"
        took.append(time.monotonic() - begin)
    assert statistics.median(took) < 0.1 and max(took) < 1, (statistics.median(took), max(took))
    os.kill(runtime.row("well0")["pid"], signal.SIGKILL)
    runtime.wait_row("well0", timeout=3, state="ready", restarts=1)
    begin = time.monotonic()
    assert runtime.stop(signal.SIGTERM) == 0
    assert time.monotonic() - begin < 5
