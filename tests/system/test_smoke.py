"""`sidecard smoke`, as CI calls it, on the examples of both modes."""

import shutil
import subprocess
import uuid
from types import SimpleNamespace

import child
import processes
import pytest
from conftest import PROFILES
from processes import poll
from runtime import clean_environment, free_ports

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def smoke(sidecard, parts, tmp_path):
    """smoke(profile, *args, **env): what it printed and its code; no process of it may be left."""
    def run(profile, *args, **env):
        web, backend, mongo, ollama = free_ports(4)
        mark = uuid.uuid4().hex
        data_dir = tmp_path / "data"
        shutil.copytree(parts.models, data_dir / "models", dirs_exist_ok=True)
        variables = {"WEB_PORT": web, "BACKEND_PORT": backend, "MONGO_PORT": mongo, "OLLAMA_PORT": ollama,
                     "APP_DATA_DIR": data_dir, processes.MARK: mark, **env}
        ended = subprocess.run([sidecard, "smoke", "--profile", profile, *args], env=clean_environment(**variables),
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200)
        poll(lambda: not processes.marked(mark), 2, lambda: f"nothing is left: {processes.marked(mark)}")
        return ended

    return run


@pytest.fixture
def backend(parts, tmp_path):
    """A backend somewhere else, with its database, that no sidecard runs."""
    mongo_port, port = free_ports(2)
    with child.mongo(parts, tmp_path / "elsewhere", mongo_port) as database:
        uri = f"mongodb://127.0.0.1:{mongo_port}"
        with child.backend(parts, port, "--runtime-mode", "local_fullstack", MONGODB_URI=uri) as process:
            url = f"http://127.0.0.1:{port}"
            process.wait_http(url + "/health/ready", below=300)
            yield SimpleNamespace(url=url, process=process, database=database)


def passed(ended):
    """The TAP that it printed, line by line; none of them failed."""
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    lines = ended.stdout.splitlines()
    assert any(line.startswith("1..") for line in lines), ended.stdout
    assert not [line for line in lines if line.startswith("not ok")]
    return lines


def failed(ended, code, words):
    assert ended.returncode == code, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    assert any(line.startswith("not ok") for line in ended.stdout.splitlines()), ended.stdout
    assert words in ended.stdout + ended.stderr


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_local_fullstack_passes(smoke, suffix):
    lines = passed(smoke(PROFILES / f"local_fullstack.{suffix}"))
    for name in ("mongo", "ollama", "backend", "web"):
        assert any(name in line for line in lines if line.startswith("ok")), f"{name} is named"


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_remote_slim_passes(smoke, backend, suffix):
    passed(smoke(PROFILES / f"remote_slim.{suffix}", BACKEND_BASE_URL=backend.url))


def test_a_backend_that_exits_at_once_fails_with_its_reason(smoke, tmp_path):
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho 'no module named app' >&2\nexit 3\n")
    broken.chmod(0o755)
    failed(smoke(PROFILES / "local_fullstack.yaml", PYTHON_BIN=broken), 6, "no module named app")


def test_a_backend_that_never_gets_ready_fails_with_its_reason(smoke, tmp_path):
    """Its database is not where it is told: it lives, and answers 503 for ever."""
    profile = tmp_path / "profile.yaml"
    nobody = free_ports(1)[0]
    profile.write_text(f"mode: local_fullstack\nworkspace_root: {PROFILES / 'reference-app'}\n"
                       f"sidecars:\n  backend:\n    env: {{ MONGODB_URI: 'mongodb://127.0.0.1:{nobody}' }}\n")
    failed(smoke(profile, "--timeout", "10s"), 5, "backend")


def test_a_remote_backend_that_is_not_there_fails(smoke):
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    failed(smoke(PROFILES / "remote_slim.yaml", "--timeout", "5s", BACKEND_BASE_URL=nobody), 5, "backend")


def test_a_remote_backend_whose_database_is_gone_fails(smoke, backend):
    backend.database.kill()
    failed(smoke(PROFILES / "remote_slim.yaml", "--timeout", "5s", BACKEND_BASE_URL=backend.url), 5, "backend")
