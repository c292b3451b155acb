"""Fixtures of the system tests. Run by scripts/test, which provides the real parts and says where they are."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import Journal, write_profile
from runtime import ROOT, Runtime, free_ports

PROFILES = ROOT / "profiles"

# Nothing but the page that is tested: the browser's own traffic would look for hosts that are not there.
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"]


def needed(name):
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: run the tests by scripts/test, or after  eval \"$(scripts/provide)\"", pytrace=False)
    return Path(value)


@pytest.fixture(scope="session")
def sidecard():
    """The program under test."""
    return needed("SIDECARD_BIN")


@pytest.fixture(scope="session")
def parts():
    """The real parts, as paths; `model` is the name of the model that is in the store `models`."""
    return SimpleNamespace(
        mongo=needed("MONGOD_BIN"), python=needed("PYTHON_BIN"), ollama=needed("OLLAMA_BIN"),
        models=needed("SIDECARD_TEST_MODELS"), model=str(needed("SIDECARD_TEST_MODEL")))


@pytest.fixture
def make_runtime(sidecard):
    """
    make_runtime(profile, *args, env=None): a Runtime, not started yet. After the test no process of it may be left.
    kind: a class that is one and starts it in another way.
    """
    made = []

    def make(profile, *args, kind=Runtime, **options):
        made.append(kind(sidecard, profile, *args, **options))
        return made[-1]

    yield make
    errors = []
    for runtime in reversed(made):
        try:
            runtime.finish()
        except AssertionError as error:
            errors.append(str(error))
    assert not errors, "\n".join(errors)


@pytest.fixture
def journal(tmp_path):
    """Where fake daemons tell what they do."""
    return Journal(tmp_path / "journal")


@pytest.fixture
def make_fakes(make_runtime, tmp_path):
    """make_fakes(sidecars, *args, more=None): a Runtime of these sidecars alone; `more` is the rest of the profile."""
    def make(sidecars, *args, more=None, **options):
        return make_runtime(write_profile(tmp_path / "profile.json", sidecars, **(more or {})), *args, **options)

    return make


@pytest.fixture
def make_reference(make_runtime, parts):
    """The reference application in local_fullstack on free ports, with the tiny model where the profile looks for it."""
    def make(*args, profile=PROFILES / "local_fullstack.yaml", **options):
        web, backend, mongo, ollama = free_ports(4)
        runtime = make_runtime(profile, "--web-port", web, "--backend-port", backend, "--mongo-port", mongo,
                               "--ollama-port", ollama, *args, **options)
        shutil.copytree(parts.models, runtime.data_dir / "models")
        return runtime

    return make


@pytest.fixture
def reference(make_reference):
    """The reference application, all of it ready."""
    return make_reference().start().wait_ready()


@pytest.fixture
def new_page():
    """new_page(**context options): a page of a real browser, such as new_page(color_scheme="dark")."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(needed("SIDECARD_TEST_CHROMIUM")), args=CHROMIUM_FLAGS)

        def make(**options):
            return browser.new_context(**options).new_page()

        yield make
        browser.close()
