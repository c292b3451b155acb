"""What a hostile machine or a careless person does to it: what it promises must hold all the same."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
from fakes import fake, write_profile
from processes import poll
from runtime import RpcError, clean_environment


def asked_at_once(runtime, method, **params):
    """A thread that asks, and what came of it."""
    answers = []

    def ask():
        try:
            answers.append(runtime.rpc(method, **params))
        except RpcError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


def test_a_stop_is_answered_when_all_is_stopped_also_where_a_restart_follows(make_fakes, journal):
    runtime = make_fakes({"one": fake(journal, "--out", "up", "--linger", 300, ready={"log": {"pattern": "up"}})}).start().wait_ready()
    stop, answers = asked_at_once(runtime, "runtime_stop")
    journal.wait("one", "term")
    assert runtime.rpc("runtime_restart")["state"] == "ready"
    stop.join(5)
    assert [answer["state"] for answer in answers] == ["stopped"]


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_a_profile_that_is_no_file_holds_nothing_up(make_fakes, journal, tmp_path, kind):
    runtime = make_fakes({"one": fake(journal)}).start().wait_ready()
    runtime.rpc("runtime_stop")
    path = tmp_path / "fifo.json"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(RpcError) as refused:
        runtime.rpc("runtime_start", timeout=5, profile_path=str(path))
    assert refused.value.code == -32002
    assert "a pipe or a device, expected a file" in refused.value.data[0]["message"]
    assert runtime.cli("validate", path).returncode == 3


def test_a_profile_with_another_socket_is_refused(make_fakes, journal, tmp_path):
    runtime = make_fakes({"one": fake(journal)}).start().wait_ready()
    runtime.rpc("runtime_stop")
    other = write_profile(tmp_path / "other.json", {"one": fake(journal)}, control={"socket": str(tmp_path / "other.sock")})
    with pytest.raises(RpcError, match="another control.socket") as refused:
        runtime.rpc("runtime_start", profile_path=str(other))
    assert refused.value.code == -32002


def test_a_data_dir_that_was_removed_is_made_anew_with_all_that_others_find_it_by(sidecard, make_fakes, journal):
    runtime = make_fakes({"one": fake(journal)}).start().wait_ready()
    before = runtime.runtime_file()
    shutil.rmtree(runtime.data_dir)
    poll(lambda: (runtime.data_dir / "runtime" / "runtime.json").exists(), 6, "runtime.json is there again")
    assert runtime.runtime_file() == before
    assert runtime.status()["state"] == "ready"
    assert runtime.cli("wait").returncode == 0
    second = subprocess.run([sidecard, "run", "--profile", runtime.profile, "--data-dir", runtime.data_dir],
                            capture_output=True, text=True, timeout=20, env=runtime.env)
    assert second.returncode == 7 and str(runtime.process.pid) in second.stderr
    assert runtime.stop() == 0
    assert not os.path.exists(before["socket"])


def test_it_starts_on_a_full_disk_and_is_found_once_there_is_room(make_fakes, journal, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("a disk of its own takes the right to mount one")
    try:
        with open(disk / "fill", "wb", buffering=0) as fill, pytest.raises(OSError):
            while True:
                fill.write(b"x" * 4096)
        runtime = make_fakes({"one": fake(journal)}, data_dir=disk / "data")
        with pytest.raises(AssertionError, match="listens on its socket"):
            runtime.start(timeout=0)
        journal.wait("one", "start")
        (disk / "fill").unlink()
        poll(lambda: (disk / "data" / "runtime" / "runtime.json").exists(), 6, "runtime.json is there")
        runtime.wait_ready()
        assert runtime.stop() == 0
        assert json.loads((disk / "data" / "runtime" / "runtime-events.json").read_text())[-1]["kind"] == "runtime.stopped"
    finally:
        subprocess.run(["umount", "-l", disk])


@pytest.mark.parametrize("limit", [8, 12])
def test_too_few_descriptors_are_one_line(make_fakes, journal, limit):
    runtime = make_fakes({"one": fake(journal)}, wrapper=["bash", "-c", f'ulimit -n {limit}; exec "$@"', "bash"])
    with pytest.raises(AssertionError, match="ended with code 1"):
        runtime.start()
    assert runtime.output().startswith("sidecard: cannot ") and runtime.output().count("\n") == 1
    assert "Too many open files" in runtime.output() or "too many open files" in runtime.output()


def test_no_room_for_its_threads_is_one_line(sidecard, journal):
    """Of a user of whom there may be two processes: the limit is for all but root."""
    if os.geteuid() != 0:
        pytest.skip("another user takes the right to become one")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # the folders of tests are root's alone
        profile = write_profile(Path(folder) / "profile.json", {"one": fake(journal)})
        program = shutil.copy(sidecard, folder)
        # Whoever looks for leaks makes a thread for it.
        ended = subprocess.run(["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "prlimit", "--nproc=2", program,
                                "run", "--profile", profile, "--data-dir", Path(folder) / "data"], cwd="/", capture_output=True,
                               text=True, timeout=20, env=clean_environment(ASAN_OPTIONS="detect_leaks=0"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("sidecard: cannot make the ") and ended.stderr.count("\n") == 1
    assert not journal.text()


def smoke(sidecard, tmp_path, sidecars, *args):
    profile = write_profile(tmp_path / "profile.json", sidecars)
    return subprocess.run([sidecard, "smoke", "--profile", profile, "--data-dir", tmp_path / "data", *args], capture_output=True,
                          text=True, timeout=20, env=clean_environment())


def test_a_result_that_cannot_be_written_is_no_success(sidecard, journal, tmp_path):
    ended = smoke(sidecard, tmp_path, {"one": fake(journal)}, "--junit", tmp_path / "nowhere" / "result.xml")
    assert ended.returncode == 1
    assert "result.xml" in ended.stderr
    assert "not ok" not in ended.stdout


def test_smoke_does_not_wait_for_what_a_profile_never_starts(sidecard, tmp_path):
    ended = smoke(sidecard, tmp_path, {})
    assert ended.returncode == 0
    assert "starts nothing in this mode" in ended.stderr
