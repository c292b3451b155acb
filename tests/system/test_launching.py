"""How a child starts, and what is said of one that cannot: a missing program, a port that somebody else holds."""

import json
import os
import signal
import subprocess

import psutil
import pytest
from fakes import FAST, daemon, fake
from processes import poll
from runtime import free_ports

pytestmark = pytest.mark.timeout(120)


# --- What cannot start ---------------------------------------------------------------------------------------------------

def test_what_is_missing_fails_at_once_with_its_remedy_and_the_rest_starts(make_fakes, journal, tmp_path):
    plain = tmp_path / "plain-file"
    plain.write_text("#!/bin/sh\n")
    port = free_ports(1)[0]
    runtime = make_fakes({
        "missing": {"command": [str(tmp_path / "nowhere" / "program")]},
        "unknown": {"command": ["no-such-program-anywhere"]},
        "plain": {"command": [str(plain)]},
        "homeless": fake(journal, cwd=str(tmp_path / "no-folder")),
        "unbuilt": fake(journal, requires=[str(tmp_path / "dist" / "index.js")]),
        "well": fake(journal, port=port),
    }).start()
    assert runtime.cli("wait", "well", "--timeout", "20s").returncode == 0
    assert runtime.cli("wait", "--timeout", "20s").returncode == 6
    said = {
        "missing": ("binary_not_found", "nowhere/program"),
        "unknown": ("binary_not_found", "no-such-program-anywhere"),
        "plain": ("not_executable", "plain-file"),
        "homeless": ("missing_path", "no-folder"),
        "unbuilt": ("missing_path", "dist/index.js"),
    }
    for name, (code, words) in said.items():
        row = runtime.row(name)
        assert (row["state"], row["error"]["code"]) == ("failed", code), row
        assert words in row["last_error"] and row["error"]["remedy"]
        assert (row["restarts"], row["budget_left"], row["pid"]) == (0, 6, None), "trying again cannot help"
        failed = runtime.events(kind="sidecar.failed", source=name)
        assert len(failed) == 1 and failed[0]["data"]["error"]["code"] == code and failed[0]["level"] == "error"
        assert not runtime.events(kind="sidecar.started", source=name)
    assert len(runtime.row("unknown")["error"]["searched"]) >= 2, "every folder of PATH"
    assert runtime.row("missing")["error"]["searched"] == [str(tmp_path / "nowhere" / "program")]
    assert runtime.status()["state"] == "failed"


def test_what_was_missing_can_be_put_there_and_started(make_fakes, journal, tmp_path):
    program, folder = tmp_path / "program", tmp_path / "folder"
    runtime = make_fakes({"one": {"command": [str(program), *daemon("--journal", journal)], "cwd": str(folder)}}).start()
    runtime.wait_row("one", state="failed")
    program.write_text('#!/bin/sh\nexec "$@"\n')
    program.chmod(0o755)
    assert runtime.rpc("sidecar_start", name="one")["error"]["code"] == "missing_path"
    folder.mkdir()
    assert runtime.rpc("sidecar_start", name="one")["state"] == "ready"


def test_what_is_not_critical_leaves_the_runtime_degraded(make_fakes, journal, tmp_path):
    port = free_ports(1)[0]
    runtime = make_fakes({"extra": {"command": [str(tmp_path / "nowhere")], "critical": False}, "well": fake(journal, port=port)}).start()
    runtime.wait_row("extra", state="failed")
    poll(lambda: runtime.status()["state"] == "degraded", 10, runtime.report)
    status = runtime.status()
    assert (status["running"], status["auto_restart"]) == (True, True)


def test_a_script_whose_interpreter_is_missing_says_so(make_fakes, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    row = make_fakes({"one": {"command": [str(script)]}}).start().wait_row("one", state="failed")
    assert str(script) in row["last_error"] and row["error"]["code"] in ("binary_not_found", "not_executable")
    assert row["budget_left"] == 6


def test_a_port_that_another_program_holds_is_named_with_its_holder(make_fakes, journal):
    port, free = free_ports(2)
    with subprocess.Popen(daemon("--name", "stranger", "--journal", journal, "--port", port)) as stranger:
        try:
            journal.wait("stranger", "listens")
            runtime = make_fakes({"one": fake(journal, port=port, ready={"http": {"path": "/"}}), "well": fake(journal, port=free)}).start()
            row = runtime.wait_row("one", state="failed")
            assert row["error"]["code"] == "port_taken" and row["error"]["remedy"]
            assert str(port) in row["last_error"] and str(stranger.pid) in row["last_error"]
            assert psutil.Process(stranger.pid).name() in row["last_error"]
            assert (row["restarts"], row["budget_left"]) == (0, 6)
            assert not journal.entries("one")
            runtime.wait_row("well", state="ready")
            assert runtime.events(kind="sidecar.failed", source="one")[0]["data"]["error"]["code"] == "port_taken"
            assert runtime.rpc("sidecar_start", name="one")["error"]["code"] == "port_taken"
            assert stranger.poll() is None, "it is not touched"
        finally:
            stranger.kill()
    assert runtime.rpc("sidecar_start", name="one")["state"] == "ready"


def test_what_failed_for_good_takes_one_more_try_after_a_while(make_fakes, journal, tmp_path):
    port, broken = free_ports(1)[0], tmp_path / "broken"
    broken.touch()
    restart = {"max": 2, "retry_after": "700ms", "backoff": FAST}
    runtime = make_fakes({"one": fake(journal, "--fail-while", broken, port=port, restart=restart)}).start()
    runtime.wait_row("one", state="failed")
    assert len(journal.entries("one", "start")) == 3
    journal.wait("one", "start", 4)
    row = runtime.wait_row("one", state="failed")
    assert (row["auto_restart"], row["budget_left"]) == (False, 0)
    broken.unlink()
    assert runtime.wait_row("one", state="ready")["auto_restart"] is False, "until it has held for 60 s"
    tries = len(journal.entries("one", "start")) - 3
    assert len(runtime.events(kind="sidecar.failed", source="one")) == tries, "a try that fails is one event"


# --- How a child starts --------------------------------------------------------------------------------------------------

@pytest.fixture
def child(make_fakes, journal, tmp_path):
    """child(*args, env=None, **keys): how a child of these keys was started."""
    def start(*args, env=None, more=None, **keys):
        runtime = make_fakes({"one": fake(journal, "--dump", tmp_path / "dump", **keys)}, *args, env=env, more=more).start()
        journal.wait("one", "start")
        return runtime, json.loads((tmp_path / "dump").read_text())
    return start


def test_a_child_has_a_session_of_its_own_and_three_descriptors(child, tmp_path):
    inherited = os.open("/dev/zero", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    runtime, dump = child(cwd=str(tmp_path))
    os.close(inherited)
    assert dump["pid"] == dump["sid"] == dump["pgid"] == runtime.row("one")["pid"]
    assert set(dump["fds"]) == {"0", "1", "2"}
    assert dump["fds"]["0"] == "/dev/null"
    assert dump["fds"]["1"] != dump["fds"]["2"]
    assert dump["cwd"] == str(tmp_path)


def test_a_child_can_have_an_idle_stdin(child):
    _, dump = child(stdin="hold")
    assert dump["fds"]["0"].startswith("pipe:") and set(dump["fds"]) == {"0", "1", "2"}


def test_a_child_is_told_who_it_is_and_where_its_runtime_is(child):
    port = free_ports(1)[0]
    runtime, dump = child(port=port, env={"PORT": 1, "HOST": "elsewhere", "HOSTNAME": "elsewhere", "NOTIFY_SOCKET": "/none",
                                          "FROM_OUTSIDE": "kept", "SIDECARD_NAME": "outer"})
    env = dump["env"]
    assert env["SIDECARD_NAME"] == "one" and env["SIDECARD_RUNTIME_ID"]
    assert env["SIDECARD_SOCKET"] == runtime.runtime_file()["socket"] and os.path.exists(env["SIDECARD_SOCKET"])
    assert (env["PORT"], env["HOST"], env["HOSTNAME"]) == (str(port), "127.0.0.1", "127.0.0.1")
    assert (env["PYTHONUNBUFFERED"], env["PYTHONUTF8"]) == ("1", "1")
    assert env["FROM_OUTSIDE"] == "kept" and "NOTIFY_SOCKET" not in env
    for name in ("NO_PROXY", "no_proxy"):
        assert {"127.0.0.1", "localhost", "::1"} <= set(env[name].split(","))


def test_a_childs_environment_is_the_profiles_where_that_says_so(make_fakes, journal, tmp_path):
    port = free_ports(1)[0]
    env_file = tmp_path / "env"
    env_file.write_text("# a comment\nA=from file\nB=from file\n")
    make_fakes({"one": fake(journal, "--dump", tmp_path / "dump", port=port, env_file=str(env_file), inherit_env=["PATH", "KEPT"],
                            env={"A": "own", "HOST": "0.0.0.0", "WHERE": "${data_dir}:${port}", "PYTHONUTF8": "0"})},
               env={"KEPT": "kept", "LOST": "lost"}).start().wait_ready(timeout=20)
    env = json.loads((tmp_path / "dump").read_text())["env"]
    assert (env["A"], env["B"], env["HOST"], env["PYTHONUTF8"]) == ("own", "from file", "0.0.0.0", "0")
    assert env["WHERE"].endswith(f"/data:{port}")
    assert env["KEPT"] == "kept" and "LOST" not in env and "HOME" not in env


def test_the_runtimes_id_is_new_at_each_start(child, journal, tmp_path):
    runtime, dump = child()
    assert runtime.stop(signal.SIGTERM) == 0
    (tmp_path / "dump").unlink()
    runtime.start()
    journal.wait("one", "start", 2)
    assert json.loads((tmp_path / "dump").read_text())["env"]["SIDECARD_RUNTIME_ID"] != dump["env"]["SIDECARD_RUNTIME_ID"]


def test_a_child_has_default_signals_an_empty_mask_and_many_descriptors(make_fakes):
    """Whatever the supervisor itself inherited or set."""
    runtime = make_fakes({"one": {"command": ["/bin/cat", "/proc/self/status", "/proc/self/limits"], "restart": {"policy": "never"}}},
                         wrapper=["/bin/sh", "-c", "trap '' HUP PIPE USR1 INT; ulimit -S -n 1000; exec \"$@\"", "sh"])
    runtime.start().wait_row("one", state="completed")
    lines = [line["text"] for line in runtime.rpc("sidecar_logs", name="one", tail=200)["lines"]]
    fields = dict(line.split(":", 1) for line in lines if line.startswith("Sig"))
    assert int(fields["SigIgn"], 16) == 0 and int(fields["SigBlk"], 16) == 0
    soft, hard = next(line for line in lines if line.startswith("Max open files")).split()[3:5]
    assert int(soft) == min(int(hard), 65536)
