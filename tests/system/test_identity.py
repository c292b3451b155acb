"""Whose process it is: what an earlier run left is swept, and nobody else passes for a sidecar."""

import json
import os
import socket
import subprocess
import sys

import psutil
import pytest
from fakes import daemon, fake, write_profile
from processes import is_alive, poll
from runtime import free_ports

pytestmark = pytest.mark.timeout(120)


def kill_at_once(runtime):
    """Everything of sidecard itself dies at one instant; the kernel takes the direct children along."""
    runtime.look()
    runtime.process.kill()
    runtime.process.wait()


# --- What an earlier run left --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("worker", ["setsid", "double-fork", "bare"])
def test_the_next_start_ends_what_left_its_childs_session(make_fakes, journal, worker):
    begun = {"log": {"pattern": "begun"}}
    runtime = make_fakes({"one": fake(journal, "--worker", worker, "--out", "begun", ready=begun)}).start().wait_ready(timeout=20)
    pid = journal.wait("one", "worker")[0].pid
    left = psutil.Process(pid)
    ledger = runtime.data_dir / "runtime" / "ledger"
    poll(lambda: f"\n{pid} " in ledger.read_text(), 10, "the worker stands in the ledger")
    kill_at_once(runtime)
    assert is_alive(left), "the test is about a process that outlives the supervisor"

    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    try:
        runtime.start().wait_ready(timeout=20)
        assert not is_alive(left)
        swept = runtime.events(kind="runtime.orphans_swept")
        assert len(swept) == 1 and swept[0]["level"] == "warn" and f"(pid {pid})" in swept[0]["message"]
        assert bystander.poll() is None
        runtime.stop()
        assert not ledger.exists()
        runtime.start().wait_ready(timeout=20)
        assert len(runtime.events(kind="runtime.orphans_swept")) == 1, "after an ordinary end there is nothing to sweep"
    finally:
        bystander.kill()
        bystander.wait()


def test_a_ledger_that_is_not_of_this_boot_or_not_whole_harms_nobody(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, ready={"log": {"pattern": "begun"}})})
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    start_time = open(f"/proc/{bystander.pid}/stat").read().rsplit(")", 1)[1].split()[19]
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    ledgers = [
        f"sidecard-ledger 1 00000000-0000-0000-0000-000000000000 gone\n{bystander.pid} {start_time} one\n",
        f"sidecard-ledger 1 {boot} gone\n{bystander.pid} {int(start_time) - 1} one\n",  # the pid was another's
        f"sidecard-ledger 1 {boot} gone\n{bystander.pid} {start_time} on",  # torn
        f"sidecard-ledger 2 {boot} gone\n{bystander.pid} {start_time} one\n",
        "\x00\xff garbage", "",
    ]
    try:
        (runtime.data_dir / "runtime").mkdir(parents=True)
        for text in ledgers:
            (runtime.data_dir / "runtime" / "ledger").write_text(text, errors="surrogateescape")
            runtime.start()
            assert runtime.stop() == 0
            assert bystander.poll() is None, text
    finally:
        bystander.kill()
        bystander.wait()


# --- Who answers ---------------------------------------------------------------------------------------------------------

def test_a_stranger_that_answers_the_ready_probe_is_said_to_be_one(make_fakes, journal):
    port, = free_ports(1)
    # It listens a minute from now; somebody else is faster.
    runtime = make_fakes({"one": fake(journal, "--listen-after", 60000, port=port)})
    runtime.start()
    runtime.wait_event("sidecar.started", "one")
    stranger = subprocess.Popen(daemon("--port", port), start_new_session=True)
    try:
        failed = runtime.wait_event("sidecar.failed", "one", timeout=20)
        assert failed["data"]["error"]["code"] == "port_taken"
        assert f"(pid {stranger.pid})" in failed["message"]
        row = runtime.row("one")
        assert row["state"] == "failed" and row["restarts_in_window"] == 0 and row["budget_left"] == 6
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_child_that_listens_elsewhere_is_told_so(make_fakes, journal):
    port, other = free_ports(2)
    sidecar = fake(journal, "--port", other, ready={"tcp": {}, "timeout": "3s"}, restart={"policy": "never"})
    runtime = make_fakes({"one": {**sidecar, "port": port}}).start()
    runtime.wait_event("sidecar.failed", "one", timeout=20)
    row = runtime.row("one")
    assert f"one listens on {other}, expected {port}" in row["last_error"]
    assert row["error"]["code"] == "not_ready_in_time"


def test_who_listens_is_in_the_row_and_one_beyond_loopback_is_an_event(make_fakes, journal):
    inside, outside, allowed = free_ports(3)
    wide = [sys.executable, "-m", "http.server"]
    runtime = make_fakes({
        "inside": fake(journal, port=inside),
        "outside": {"command": [*wide, str(outside)], "port": outside},
        "allowed": {"command": [*wide, str(allowed)], "port": allowed, "expose": True},
    }).start().wait_ready(timeout=20)
    assert {row["listener"] for row in runtime.status()["sidecars"]} == {"own"}
    exposed = runtime.events(kind="sidecar.exposed")
    assert [event["source"] for event in exposed] == ["outside"] and exposed[0]["level"] == "warn"
    assert str(outside) in exposed[0]["message"]


def test_a_second_database_on_a_live_ones_data_is_refused_whatever_its_port(make_runtime, parts, tmp_path):
    port, other = free_ports(2)
    profile = write_profile(tmp_path / "profile.json", {"mongo": {"enabled": True}}, local_ports={"mongo": port})
    runtime = make_runtime(profile, "--mongo-bin", parts.mongo)
    planned = json.loads(runtime.cli("run", "--profile", str(profile), "--mongo-bin", str(parts.mongo), "--dry-run").stdout)
    spec = next(spec for spec in planned["specs"] if spec["name"] == "mongo")
    for folder in ("mongo", "ferretdb/data", "ferretdb/state"):
        (runtime.data_dir / folder).mkdir(parents=True, exist_ok=True)
    command = [spec["cmd"], *[argument.replace(str(port), str(other)) for argument in spec["args"]]]
    live = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        poll(lambda: accepts(other), 20, "the first database listens")
        runtime.start()
        failed = runtime.wait_event("sidecar.failed", "mongo", timeout=20)
        assert failed["data"]["error"]["code"] == "dbpath_in_use" and f"(pid {live.pid})" in failed["message"]
        assert live.poll() is None
    finally:
        live.terminate()
        live.wait(20)
    assert runtime.rpc("sidecar_start", name="mongo")["state"] == "ready"


def accepts(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


# --- Ports that were picked, and the supervisor's own log ---------------------------------------------------------------

def test_a_picked_port_is_handed_on_and_taken_again(make_fakes, journal):
    sidecars = {
        "one": fake(journal, "--port", "${port}"),
        "two": fake(journal, "--out", "one is at ${url.one}", ready={"log": {"pattern": "one is at http"}}, depends_on={"one": "ready"}),
    }
    sidecars["one"]["port"] = 0
    runtime = make_fakes(sidecars).start().wait_ready(timeout=20)
    port = runtime.row("one")["port"]
    assert accepts(port)
    lines = [line["text"] for line in runtime.rpc("sidecar_logs", name="two")["lines"]]
    assert f"one is at http://127.0.0.1:{port}" in lines
    assert runtime.stop() == 0
    runtime.start().wait_ready(timeout=20)
    assert runtime.row("one")["port"] == port
    assert runtime.stop() == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        runtime.start().wait_ready(timeout=20)
        assert runtime.row("one")["port"] != port


def test_the_supervisors_own_log_has_a_name(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, "--out", "begun", ready={"log": {"pattern": "begun"}})})
    runtime.start().wait_ready(timeout=20)
    lines = [line["text"] for line in runtime.rpc("sidecar_logs", name="sidecard", tail=500)["lines"]]
    assert lines[0].startswith("sidecard ") and "mode local_fullstack" in lines[0]
    assert any(str(runtime.profile) in line for line in lines[:3]) and any(sys.executable in line for line in lines[:6])
    assert any("one is ready" in line for line in lines)
    assert runtime.stop() == 0
    path = runtime.data_dir / "logs" / "sidecard.log"
    assert "the runtime is stopped" in path.read_text()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert "the runtime is stopped" in runtime.cli("logs", "sidecard").stdout
