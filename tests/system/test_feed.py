"""The diagnostics feed on disk, at every instant and after every end; and what sidecars print, as it is kept."""

import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import threading
import time

import pytest
from client import Client
from fakes import fake, write_profile
from processes import poll
from runtime import clean_environment, free_ports

pytestmark = pytest.mark.timeout(180)

NEVER = {"policy": "never"}


def shell(script):
    return {"command": ["/bin/sh", "-c", script], "restart": NEVER}


def stored(runtime):
    return json.loads((runtime.files / "runtime" / "runtime-events.json").read_text())


def wait_stored(runtime, seq):
    poll(lambda: stored(runtime)[-1]["seq"] >= seq, 5, f"the snapshot has event {seq}", 0.005)


def seqs(events):
    return [event["seq"] for event in events]


def gapless(numbers):
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def make_events(client, count):
    """Each of these requests is an event."""
    for _ in range(count):
        client.ask("sidecar_stop", name="idle")
    for _ in range(count):
        assert client.receive()["result"]["state"] == "stopped"


@pytest.fixture
def idle(make_fakes, journal):
    """A runtime that has nothing to do."""
    runtime = make_fakes({"idle": fake(journal)}).start()
    runtime.rpc("runtime_stop")
    return runtime


# --- At every instant ----------------------------------------------------------------------------------------------------

def read_for_ever(path, stop, result):
    """In a process of its own: reads as fast as it can, and tells what it saw."""
    reads, snapshots, last = 0, 0, 0
    try:
        while not stop.is_set():
            with open(path, "rb") as file:
                events = json.loads(file.read().decode())
            reads += 1
            numbers = seqs(events)
            assert gapless(numbers), f"a gap or a double: {numbers}"
            assert last <= numbers[-1], f"went back from {last} to {numbers[-1]}"
            assert 1 <= len(numbers) <= 200 and all(event["ts_ms"] and event["level"] and event["source"] and event["message"] for event in events)
            snapshots += numbers[-1] > last
            last = numbers[-1]
        result.put((reads, snapshots, last, None))
    except Exception as error:  # whatever it is, it is the finding
        result.put((reads, snapshots, last, f"{type(error).__name__}: {error}"))


def test_the_snapshot_is_there_before_anybody_is_told_where(make_fakes, journal):
    runtime = make_fakes({"idle": fake(journal)})
    (runtime.data_dir / "runtime").mkdir(parents=True)
    found = runtime.folder / "found"
    runtime.wrapper = ["/bin/sh", "-c", f"(while ! test -e {runtime.data_dir}/runtime/runtime.json; do :; done;"
                       f" cp {runtime.data_dir}/runtime/runtime-events.json {found}) & exec \"$@\"", "sh"]
    runtime.start()
    poll(found.exists, 5, "the snapshot was there")
    assert json.loads(found.read_text())[0]["kind"] == "profile.loaded"


def test_the_snapshot_is_a_whole_document_at_every_instant_of_10000_events(idle):
    path = idle.data_dir / "runtime" / "runtime-events.json"
    context = multiprocessing.get_context("spawn")
    stop, result = context.Event(), context.Queue()
    reader = context.Process(target=read_for_ever, args=(str(path), stop, result), daemon=True)
    first = idle.last_seq()
    reader.start()
    try:
        with Client(idle) as client:
            for _ in range(50):
                make_events(client, 200)
                wait_stored(idle, client.call("runtime_diagnostics", limit=1)["last_seq"])
            last = client.call("runtime_diagnostics", limit=1)["last_seq"]
    finally:
        stop.set()
        reads, snapshots, seen, error = result.get(timeout=20)
        reader.join(10)
    print(f"{reads} reads of {snapshots} snapshots")
    assert error is None
    assert last - first >= 10_000 and seen <= last
    assert reads > 1000 and snapshots > 20


def test_a_burst_costs_few_snapshots_and_one_comes_within_the_time_promised(idle):
    path = idle.data_dir / "runtime" / "runtime-events.json"
    with Client(idle) as client:
        wait_stored(idle, client.call("runtime_diagnostics", limit=1)["last_seq"])
        inodes, begin = {path.stat().st_ino}, time.monotonic()
        while time.monotonic() - begin < 1.5:
            make_events(client, 20)
            inodes.add(path.stat().st_ino)
        ended, last = time.monotonic(), client.call("runtime_diagnostics", limit=1)["last_seq"]
        wait_stored(idle, last)
        assert time.monotonic() - ended < 0.25 + 0.25, "250 ms, and some for the disk"
    assert 2 <= len(inodes) <= 12, f"{len(inodes)} snapshots in 1.5 s"


def test_the_newest_200_are_kept_or_as_many_as_the_profile_says(make_fakes, journal):
    runtime = make_fakes({"idle": fake(journal)}, more={"diagnostics": {"max_events": 30}}).start()
    runtime.rpc("runtime_stop")
    with Client(runtime) as client:
        make_events(client, 100)
    wait_stored(runtime, runtime.last_seq())
    assert len(stored(runtime)) == 30
    answer = runtime.rpc("runtime_diagnostics", limit=300)
    assert len(answer["events"]) == 30 and answer["first_seq"] == answer["last_seq"] - 29


# --- After an end --------------------------------------------------------------------------------------------------------

def files_of(runtime):
    folder = runtime.data_dir / "runtime"
    return folder / "runtime-events.json", folder / "runtime-events.journal"


def asides(runtime):
    """What was set aside of the feed's two files."""
    return [path for path in (runtime.data_dir / "runtime").glob("runtime-events*") if path not in files_of(runtime)]


def begin_again(runtime, before):
    """Starts it anew; its events must go on where `before` ended. All that is known of both."""
    runtime.start()
    answer = runtime.rpc("runtime_diagnostics", limit=300)
    events = answer["events"]
    assert gapless(seqs(events))
    kept = {event["seq"]: event for event in events}
    oldest = max(events[0]["seq"], before[0]["seq"])
    assert [kept.get(event["seq"]) for event in before if event["seq"] >= oldest] == [event for event in before if event["seq"] >= oldest]
    assert events[0]["seq"] == max(before[0]["seq"], events[-1]["seq"] - 199)
    assert any(event["kind"] == "profile.loaded" and event["seq"] > before[-1]["seq"] for event in events)
    wait_stored(runtime, answer["last_seq"])
    assert gapless(seqs(stored(runtime)))
    return events


def test_a_killed_supervisors_history_goes_on_without_gap_or_double(idle):
    for count in (3, 250, 40):
        with Client(idle) as client:
            make_events(client, count)
            before = client.call("runtime_diagnostics", limit=300)["events"]
            idle.kill()  # the snapshot may lag by 250 ms: the journal has it
        events = begin_again(idle, before)
        assert events[-1]["seq"] > before[-1]["seq"]
        idle.rpc("runtime_stop")
    assert not asides(idle)


def ask_until_it_is_gone(client):
    try:
        while True:
            client.ask("sidecar_stop", name="idle")
    except OSError:
        pass


def test_every_event_that_was_reported_in_a_burst_is_there_after_a_kill(idle):
    with Client(idle) as client:
        first = client.call("runtime_diagnostics", limit=1)["last_seq"]
        asking = threading.Thread(target=ask_until_it_is_gone, args=(client,))
        asking.start()
        answered = 0
        while answered < 500:
            assert client.receive()["result"]["state"] == "stopped"
            answered += 1
        idle.process.kill()
        try:
            while client.receive():
                answered += 1
        except (OSError, ValueError):
            pass
        asking.join()
    idle.process.wait()
    idle.start()
    requests = [event for event in idle.events() if event["kind"] == "control.request"]
    last = max(event["seq"] for event in requests)
    assert last >= first + answered, f"{answered} were answered"
    assert gapless(seqs(idle.events()))


def append(path, data):
    with open(path, "ab") as file:
        file.write(data)


@pytest.mark.parametrize("tail", [b'deadbeef {"ts_ms":17', b"0", b"\0" * 5000, b'00000000 {"ts_ms":1,"level":"info","source":"x","message":"y","seq":99999}\n'],
                         ids=["half", "digit", "zeroes", "bad-checksum"])
def test_a_torn_journal_line_loses_nothing_else(idle, tail):
    with Client(idle) as client:
        make_events(client, 30)
        before = client.call("runtime_diagnostics", limit=300)["events"]
        idle.kill()
    append(files_of(idle)[1], tail)
    events = begin_again(idle, before)
    assert events[-1]["seq"] < 99999


def test_a_journal_cut_in_its_last_event_has_all_the_others(idle):
    with Client(idle) as client:
        make_events(client, 30)
        before = client.call("runtime_diagnostics", limit=300)["events"]
        idle.kill()
    snapshot, journal = files_of(idle)
    snapshot.unlink()
    os.truncate(journal, journal.stat().st_size - 10)
    begin_again(idle, before[:-1])


@pytest.mark.parametrize("damage", ["half", "empty", "garbage", "not-an-array"])
def test_a_damaged_snapshot_is_set_aside_and_reported(idle, damage):
    with Client(idle) as client:
        make_events(client, 30)
        before = client.call("runtime_diagnostics", limit=300)["events"]
        wait_stored(idle, before[-1]["seq"])
        idle.kill()
    snapshot = files_of(idle)[0]
    whole = snapshot.read_bytes()
    broken = {"half": whole[:len(whole) // 2], "empty": b"", "garbage": b"\x80\xff" * 500, "not-an-array": b'{"a": 1}'}[damage]
    snapshot.write_bytes(broken)
    events = begin_again(idle, before)
    if broken:
        kept = asides(idle)
        assert [path.read_bytes() for path in kept] == [broken]
        told = [event for event in events if event["seq"] > before[-1]["seq"] and kept[0].name in event["message"]]
        assert len(told) == 1 and told[0]["level"] == "warn"


@pytest.mark.parametrize("foreign", [b"hello\nworld\n", b"\x7fELF" + bytes(range(256)) * 20, b'{"an": "object"}\n'], ids=["text", "binary", "json"])
def test_a_journal_that_is_not_ours_is_set_aside_and_reported(idle, foreign):
    with Client(idle) as client:
        make_events(client, 30)
        before = client.call("runtime_diagnostics", limit=300)["events"]
        wait_stored(idle, before[-1]["seq"])
        idle.kill()
    files_of(idle)[1].write_bytes(foreign)
    events = begin_again(idle, before)
    kept = asides(idle)
    assert [path.read_bytes() for path in kept] == [foreign]
    assert any(kept[0].name in event["message"] for event in events if event["seq"] > before[-1]["seq"])


def test_it_starts_where_neither_file_can_be_read(idle):
    with Client(idle) as client:
        make_events(client, 5)
        wait_stored(idle, client.call("runtime_diagnostics", limit=1)["last_seq"])
        idle.kill()
    snapshot, journal = files_of(idle)
    snapshot.unlink()
    snapshot.mkdir()
    (snapshot / "a-file").touch()
    journal.unlink()
    journal.mkdir()
    idle.start()
    assert gapless(seqs(idle.events()))
    wait_stored(idle, idle.last_seq())
    assert [path for path in asides(idle) if (path / "a-file").exists()]


def test_a_data_dir_that_goes_away_is_made_anew(idle):
    with Client(idle) as client:
        shutil.rmtree(idle.data_dir)
        make_events(client, 3)
        last = client.call("runtime_diagnostics", limit=1)["last_seq"]
        poll(lambda: files_of(idle)[0].exists() and stored(idle)[-1]["seq"] >= last, 6, "the feed is written again")
        assert client.call("runtime_status")["diagnostics_error"] is None


# --- What an exit tells --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("script, least, most", [
    ("for i in $(seq 1 50); do echo line $i >&2; echo out; done; exit 3", "line 31", "line 50"),
    ("echo only one >&2; exit 3", "only one", "only one"),
    ("printf 'no newline' >&2; exit 3", "no newline", "no newline"),
])
def test_the_exit_event_has_the_last_20_lines_of_stderr(make_fakes, script, least, most):
    runtime = make_fakes({"one": shell(script)}).start()
    row = runtime.wait_row("one", state="failed")
    exited = runtime.events(kind="sidecar.exited", source="one")[0]
    lines = exited["data"]["stderr"].splitlines()
    assert (lines[0], lines[-1]) == (least, most) and len(lines) <= 20 and "out" not in lines
    assert row["last_exit"]["stderr"] == exited["data"]["stderr"]
    assert most in row["last_error"]


def test_the_exit_event_has_at_most_4_kib_of_stderr(make_fakes):
    runtime = make_fakes({"one": shell("for i in $(seq 1 10); do head -c 999 /dev/zero | tr '\\0' x >&2; echo $i >&2; done; exit 3")}).start()
    runtime.wait_row("one", state="failed")
    text = runtime.events(kind="sidecar.exited", source="one")[0]["data"]["stderr"]
    assert text.rstrip().endswith("xxx10") and 3000 < len(text) <= 4096


# --- Who may read it -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("umask", ["000", "077", "777"])
def test_what_is_written_is_for_its_user_alone_whatever_the_umask(make_fakes, journal, umask):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--lines", 300, port=port, logs={"max_bytes": "1KiB", "max_files": 3})},
                         wrapper=["/bin/sh", "-c", f'umask {umask}; exec "$@"', "sh"])
    if umask == "000":
        for name in ("runtime", "logs"):
            (runtime.data_dir / name).mkdir(parents=True)
            (runtime.data_dir / name).chmod(0o755)
    runtime.start().wait_ready(timeout=20)
    wait_stored(runtime, runtime.last_seq())
    seen = 0
    for folder in (runtime.data_dir / "runtime", runtime.data_dir / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.iterdir():
            seen += 1
            assert stat.S_IMODE(path.lstat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert seen >= 8, "feed, journal, lock, socket, runtime.json and logs"


# --- Logs ----------------------------------------------------------------------------------------------------------------

def log_file(runtime, name="one", number=None):
    return runtime.files / "logs" / (f"{name}.log" + (f".{number}" if number else ""))


def test_a_log_file_has_the_bytes_as_they_came_and_is_appended_to(make_fakes):
    noise = b"caf\\303\\251 \\377\\376 \\033[31mred\\033[0m\\r\\n\\n\\tno newline at the end"
    runtime = make_fakes({"one": shell(f"printf '{noise.decode()}'")}).start()
    runtime.wait_row("one", state="completed")
    wanted = b"caf\xc3\xa9 \xff\xfe \x1b[31mred\x1b[0m\r\n\n\tno newline at the end"
    poll(lambda: log_file(runtime).read_bytes() == wanted, 5, lambda: repr(log_file(runtime).read_bytes()))
    lines = runtime.rpc("sidecar_logs", name="one")["lines"]
    assert lines[0]["text"].startswith("caf\u00e9 \ufffd\ufffd ") and lines[0]["stream"] in ("out", "stdout")
    assert lines[-1]["text"] == "\tno newline at the end"
    assert gapless([line["seq"] for line in lines])
    runtime.rpc("sidecar_restart", name="one")
    poll(lambda: log_file(runtime).read_bytes() == wanted + b"\n" + wanted, 5, lambda: repr(log_file(runtime).read_bytes()))


def test_a_log_is_rotated_and_nothing_between_is_lost(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--lines", 3000, port=port, logs={"max_bytes": "4KiB", "max_files": 4})}).start().wait_ready(timeout=20)
    poll(lambda: log_file(runtime).read_text().endswith("line 2999\n"), 5, "the last line is written")
    found = sorted((path for path in (runtime.data_dir / "logs").iterdir() if path.name.startswith("one.log.")), key=lambda path: -int(path.name.split(".")[-1]))
    assert [path.name for path in found] == [f"one.log.{number}" for number in range(len(found), 0, -1)]
    assert 3 <= len(found) <= 4
    assert all(path.stat().st_size <= 4096 for path in [*found, log_file(runtime)])
    kept = b"".join(path.read_bytes() for path in [*found, log_file(runtime)]).decode().splitlines()
    assert kept == [f"line {number}" for number in range(3000 - len(kept), 3000)]


def test_a_long_line_is_cut_in_memory_and_whole_in_the_file(make_fakes):
    runtime = make_fakes({"one": shell("head -c 200000 /dev/zero | tr '\\0' x; echo; echo end")}).start()
    runtime.wait_row("one", state="completed")
    poll(lambda: log_file(runtime).read_bytes() == b"x" * 200_000 + b"\nend\n", 5, "the file has it whole")
    lines = [line["text"] for line in runtime.rpc("sidecar_logs", name="one", tail=100)["lines"]]
    assert lines[-1] == "end" and sum(line.count("x") for line in lines) >= 200_000 and len(lines) == 5
    assert all(len(line) < 66_000 for line in lines)


def test_logs_and_diagnostics_are_read_from_the_files_when_nothing_runs(make_fakes, journal):
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--out", "hello", "--err", "trouble", port=port), "other": shell("echo from the other")})
    runtime.start().wait_ready(timeout=20)
    runtime.stop()
    logs = runtime.cli("logs", "one")
    assert logs.returncode == 0 and {"hello", "trouble"} <= set(logs.stdout.split())
    everything = runtime.cli("logs")
    assert everything.returncode == 0 and "hello" in everything.stdout and "from the other" in everything.stdout
    told = runtime.cli("diagnostics", "--json", "-n", "300")
    assert told.returncode == 0 and '"runtime.stopped"' in told.stdout and '"sidecar.ready"' in told.stdout


def test_a_child_that_writes_faster_than_anybody_reads_loses_nothing(make_fakes):
    runtime = make_fakes({"one": {**shell("seq 1 500000"), "logs": {"max_bytes": "100MiB"}}}).start()
    runtime.wait_row("one", state="completed", timeout=60)
    poll(lambda: log_file(runtime).read_bytes().endswith(b"\n500000\n"), 5, "the last line")
    assert log_file(runtime).read_bytes() == b"".join(b"%d\n" % number for number in range(1, 500_001))


# --- Where it is written -------------------------------------------------------------------------------------------------

def test_what_cannot_be_written_falls_back_to_the_users_home(make_fakes, journal, tmp_path):
    blocked, home = tmp_path / "a-file", tmp_path / "home"
    blocked.write_text("in the way")
    home.mkdir()
    port = free_ports(1)[0]
    runtime = make_fakes({"one": fake(journal, "--out", "hello", port=port)}, data_dir=blocked / "data", files=home / ".the-app",
                         env={"HOME": home}, more={"app": {"id": "the-app"}}).start()
    runtime.wait_row("one", state="ready")
    status = runtime.status()
    assert status["diagnostics_path"] == str(home / ".the-app" / "runtime" / "runtime-events.json")
    told = [event for event in runtime.events() if str(blocked / "data") in event["message"] and event["level"] == "warn"]
    assert len(told) == 1 and str(home / ".the-app") in told[0]["message"]
    for name in ("sidecard.lock", "sidecard.sock", "runtime.json", "runtime-events.journal"):
        assert (home / ".the-app" / "runtime" / name).exists(), name
    assert log_file(runtime).read_text() == "hello\n"
    found = subprocess.run([runtime.sidecard, "status", "--profile", runtime.profile], env=runtime.env, capture_output=True, text=True, timeout=20)
    assert found.returncode == 0 and "one" in found.stdout, found.stderr


def test_where_nothing_can_be_written_it_ends_with_one_line(sidecard, journal, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    profile = write_profile(tmp_path / "profile.json", {"one": fake(journal)})
    ended = subprocess.run([sidecard, "run", "--profile", profile, "--data-dir", blocked / "data"], env=clean_environment(HOME=blocked / "home"),
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1 and str(blocked) in ended.stderr and "--data-dir" in ended.stderr
    assert not journal.entries()
