"""The reference application under sidecard, on real parts, used in a real browser."""

import os
import signal

import psutil
import pytest
import requests
from playwright.sync_api import expect
from processes import is_alive, poll

pytestmark = pytest.mark.timeout(300)

SIDECARS = ["mongo", "ollama", "backend", "web"]


def ready(runtime):
    return runtime.status()["state"] == "ready"


def open_page(new_page, runtime, **options):
    page = new_page(**options)
    page.goto(runtime.url("web"))
    return page


def store_note(page, text):
    page.get_by_label("New note").fill(text)
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("list", name="Stored notes")).to_contain_text(text)


def test_all_four_become_ready(reference):
    status = reference.status()
    assert (status["state"], status["running"], status["mode"]) == ("ready", True, "local_fullstack")
    for name in SIDECARS:
        row = reference.row(name)
        assert row["state"] == "ready" and row["role"] == name
        assert is_alive(psutil.Process(row["pid"]))
        reference.wait_event("sidecar.ready", name)
    assert requests.get(reference.url("backend") + "/runtime/info", timeout=10).json()["mode"] == "desktop_local_fullstack"


def test_a_note_survives_a_restart_of_the_database_and_a_question_is_answered(reference, new_page):
    page = open_page(new_page, reference)
    store_note(page, "remember the milk")

    before = reference.row("mongo")["pid"]
    row = reference.rpc("sidecar_restart", name="mongo")
    assert row["state"] == "ready" and row["pid"] != before
    page.reload()
    expect(page.get_by_role("list", name="Stored notes")).to_contain_text("remember the milk", timeout=15_000)

    page.get_by_label("Question").fill("Who are you?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_contain_text("I am a very small model", timeout=60_000)


def test_the_page_says_that_the_backend_is_away_and_recovers(reference, new_page):
    page = open_page(new_page, reference)
    expect(page.locator("#backend")).to_contain_text("build")
    assert reference.rpc("sidecar_stop", name="backend")["state"] == "stopped"
    expect(page.locator("#away")).to_contain_text("is away", timeout=15_000)
    page.reload()
    expect(page.locator("#away")).to_contain_text("is away")
    reference.rpc("sidecar_start", name="backend")
    expect(page.locator("#away")).to_be_hidden(timeout=15_000)
    expect(page.locator("#database")).to_have_attribute("data-state", "ok")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_works_from_the_keyboard_in_both_colour_schemes_and_asks_no_foreign_host(reference, new_page, scheme):
    page = new_page(color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reference.url("web"))
    page.keyboard.press("Tab")
    expect(page.get_by_label("New note")).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Stored notes")).to_contain_text("by keyboard")
    paper, ink = page.evaluate("() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; }")
    brightness = [sum(map(int, colour[4:-1].split(","))) for colour in (paper, ink)]
    assert (brightness[0] > brightness[1]) == (scheme == "light")
    assert all(url.startswith(reference.url("web") + "/") for url in asked)


@pytest.mark.parametrize("name", SIDECARS)
def test_a_killed_child_comes_back_and_the_feed_tells_it(reference, name):
    since = reference.last_seq()
    pid = reference.row(name)["pid"]
    reference.look()
    os.kill(pid, signal.SIGKILL)

    exited = reference.wait_event("sidecar.exited", name, since)
    restarting = reference.wait_event("sidecar.restarting", name, exited["seq"])
    again = reference.wait_event("sidecar.ready", name, restarting["seq"])
    assert exited["level"] == "warn" and exited["data"]["signal"] == "SIGKILL"
    assert since < exited["seq"] < restarting["seq"] < again["seq"]

    poll(lambda: ready(reference), 30, lambda: f"the runtime is ready again\n{reference.report()}")
    row = reference.row(name)
    assert row["state"] == "ready" and row["pid"] != pid and row["restarts"] == 1
    assert row["last_exit"]["signal"] == "SIGKILL"
    assert reference.status()["restart_count"] == 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_end_that_was_asked_for_leaves_nothing(reference, new_page, sign):
    page = open_page(new_page, reference)
    store_note(page, "the connection is kept")
    assert reference.stop(sign) == 0
    reference.assert_nothing_left()
    assert not (reference.data_dir / "runtime" / "runtime.json").exists()


def test_ctrl_c_while_it_is_starting_leaves_nothing(make_reference):
    runtime = make_reference().start()
    assert runtime.stop(signal.SIGINT) == 0
    runtime.assert_nothing_left()
