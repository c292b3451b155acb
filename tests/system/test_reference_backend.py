"""The reference application's backend by itself, started as the launch plan starts it."""

import json
import signal
import socket
import subprocess
import time
from threading import Thread

import child
import pytest
import requests
from runtime import free_ports

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def database(parts, tmp_path):
    port = free_ports(1)[0]
    with child.mongo(parts, tmp_path / "mongo", port) as process:
        process.uri = f"mongodb://127.0.0.1:{port}"
        yield process


def started(process):
    port = process.command[process.command.index("--port") + 1]
    base = f"http://127.0.0.1:{port}"
    process.wait_http(base + "/health/live")
    return base


def wait_ready(process, base):
    process.wait_http(base + "/health/ready", below=300)


def test_notes_are_stored_and_listed_newest_first(parts, database):
    with child.backend(parts, free_ports(1)[0], MONGODB_URI=database.uri) as process:
        base = started(process)
        wait_ready(process, base)
        for text in ("one", "two"):
            answer = requests.post(base + "/notes", json={"text": text}, timeout=10)
            assert answer.status_code == 201 and answer.json()["text"] == text
        assert [note["text"] for note in requests.get(base + "/notes", timeout=10).json()["notes"]] == ["two", "one"]
        assert requests.post(base + "/notes", json={"text": "  "}, timeout=10).status_code == 422


def test_runtime_info_says_what_the_launch_plan_gave(parts):
    with child.backend(parts, free_ports(1)[0], "--runtime-mode", "local_fullstack", APP_RUNTIME_MODE="desktop_remote_slim",
                       APP_BACKEND_ORIGIN="local", DESKTOP_SESSION_ID="desktop-7") as process:
        answer = requests.get(started(process) + "/runtime/info", timeout=10)
    info = answer.json()
    assert info["mode"] == "desktop_local_fullstack"
    assert (info["backend_origin"], info["session_id"]) == ("local", "desktop-7")
    assert answer.headers["X-App-Build"] == info["build"]


@pytest.mark.parametrize("mode", ["remote_slim", "desktop_remote_slim"])
def test_both_spellings_of_the_mode_and_a_profile_from_the_environment(parts, tmp_path, mode):
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"mode": mode, "backend_origin": "remote", "feature_flags": {"x": True},
                                   "llm_defaults": {"provider": "openai", "model": "gpt-4.1"}}))
    with child.backend(parts, free_ports(1)[0], RUNTIME_PROFILE_PATH=profile) as process:
        info = requests.get(started(process) + "/runtime/info", timeout=10).json()
    assert (info["mode"], info["backend_origin"], info["feature_flags"]) == ("desktop_remote_slim", "remote", {"x": True})
    assert info["model"] is None, "another provider's model is not asked of Ollama"


def test_the_path_of_the_profile_as_a_flag_wins(parts, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text('{"mode": "remote_slim"}')
    with child.backend(parts, free_ports(1)[0], "--runtime-profile-path", profile, RUNTIME_PROFILE_PATH="/nowhere") as process:
        assert requests.get(started(process) + "/runtime/info", timeout=10).json()["mode"] == "desktop_remote_slim"


@pytest.mark.parametrize("args, env, words", [
    (["--runtime-mode", "cloud"], {}, "unknown mode 'cloud'"),
    ([], {"RUNTIME_PROFILE_PATH": "/nowhere/profile.json"}, "/nowhere/profile.json: cannot read"),
    ([], {"RUNTIME_PROFILE_PATH": child.APP / "backend/requirements.in"}, "is not JSON"),
    ([], {"MONGODB_URI": "mongodb://"}, "MONGODB_URI"),
])
def test_nonsense_ends_it_at_once_with_one_line(parts, args, env, words):
    process = child.backend(parts, free_ports(1)[0], *args, **env)
    ended = subprocess.run(process.command, cwd=process.cwd, env=process.env, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert words in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_not_ready_while_the_database_is_away_and_live_all_the_same(parts):
    nobody = free_ports(1)[0]
    with child.backend(parts, free_ports(1)[0], MONGODB_URI=f"mongodb://127.0.0.1:{nobody}") as process:
        base = started(process)
        answer = requests.get(base + "/health/ready", timeout=10)
        assert answer.status_code == 503 and str(nobody) in answer.json()["reason"]
        assert requests.get(base + "/notes", timeout=10).json()["error"]["code"] == "database_away"


def test_a_database_that_accepts_and_never_answers_costs_a_bounded_time(parts):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with child.backend(parts, free_ports(1)[0], MONGODB_URI=f"mongodb://127.0.0.1:{silent.getsockname()[1]}") as process:
            base = started(process)
            begin = time.monotonic()
            assert requests.get(base + "/health/ready", timeout=10).status_code == 503
            assert time.monotonic() - begin < 3
            assert requests.get(base + "/health/live", timeout=1).status_code == 200


def test_ready_again_when_the_database_is_back(parts, database):
    with child.backend(parts, free_ports(1)[0], MONGODB_URI=database.uri) as process:
        base = started(process)
        wait_ready(process, base)
        database.signal_all(signal.SIGSTOP)
        assert requests.get(base + "/health/ready", timeout=10).status_code == 503
        database.signal_all(signal.SIGCONT)
        wait_ready(process, base)


def test_a_question_without_ollama_says_so(parts):
    with child.backend(parts, free_ports(1)[0]) as process:
        answer = requests.post(started(process) + "/ask", json={"question": "why?"}, timeout=10)
    assert answer.status_code == 503
    assert "provider" in answer.json()["error"]["message"]


def test_sigterm_ends_it_soon_with_a_kept_connection_and_a_request_under_way(parts):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = {"OLLAMA_HOST": f"127.0.0.1:{silent.getsockname()[1]}", "OLLAMA_MODEL": "any"}
        with child.backend(parts, free_ports(1)[0], **env) as process:
            base = started(process)
            kept = requests.Session()
            kept.get(base + "/health/live", timeout=10)

            def ask():
                try:
                    requests.post(base + "/ask", json={"question": "why?"}, timeout=30)
                except requests.RequestException:
                    pass  # it is cut off, that is the point

            asking = Thread(target=ask)
            asking.start()
            silent.accept()  # the question has reached the model
            process.signal_all(signal.SIGTERM)
            process.process.wait(5)
            asking.join(5)
            kept.close()
