"""scripts/demo itself, in both modes: all ready, the URL printed, and after Ctrl-C nothing is left."""

import os
import re
import signal
import subprocess
import uuid

import processes
import pytest
import requests
from processes import poll
from runtime import ROOT, clean_environment, free_ports

pytestmark = pytest.mark.timeout(600)

READY = re.compile(r"Ready: open (http://\S+)")


class Demo:
    def __init__(self, folder, *args):
        self.mark = uuid.uuid4().hex
        self.output_path = folder / "output"
        self.web, backend, mongo, ollama = free_ports(4)
        env = clean_environment(WEB_PORT=self.web, BACKEND_PORT=backend, MONGO_PORT=mongo, OLLAMA_PORT=ollama,
                                APP_DATA_DIR=folder / "data", **{processes.MARK: self.mark})
        with open(self.output_path, "wb") as output:
            self.process = subprocess.Popen([ROOT / "scripts" / "demo", *args], env=env, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)

    def output(self):
        return self.output_path.read_text(errors="replace")

    def wait_url(self):
        def printed():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output()}"
            return READY.search(self.output())
        return poll(printed, 300, lambda: f"the URL is printed:\n{self.output()}").group(1)

    def press_ctrl_c(self):
        """As a terminal does it: SIGINT to the foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait_gone(self, timeout=60):
        code = self.process.wait(timeout)
        left = processes.marked(self.mark)
        if left:
            # What only announces the URL may need a moment to see that there is nothing to announce any more.
            poll(lambda: not processes.marked(self.mark), 2, lambda: "nothing is left:\n" + "\n".join(map(processes.describe, left)))
        return code

    def finish(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for process in processes.marked(self.mark):
            process.kill()
        print(f"--- what the demo printed\n{self.output()}")


@pytest.fixture
def demo(tmp_path):
    made = []

    def make(*args):
        made.append(Demo(tmp_path, *args))
        return made[-1]

    yield make
    for one in made:
        one.finish()


@pytest.mark.parametrize("args, mode", [([], "desktop_local_fullstack"), (["--mode", "remote_slim"], "desktop_remote_slim")],
                         ids=["local_fullstack", "remote_slim"])
def test_it_shows_the_application_and_ctrl_c_ends_all_of_it(demo, parts, args, mode):
    running = demo(*args)
    url = running.wait_url()
    assert url == f"http://127.0.0.1:{running.web}"
    assert requests.get(url, timeout=10).status_code == 200
    assert requests.get(url + "/runtime", timeout=10).json()["mode"] == mode
    assert requests.post(url + "/api/notes", json={"text": "from the demo"}, timeout=30).status_code == 201
    assert requests.post(url + "/api/ask", json={"question": "Who are you?"}, timeout=120).json()["answer"]
    running.press_ctrl_c()
    assert running.wait_gone() == 0, running.output()


def test_sigterm_to_the_script_alone_ends_all_of_it_in_remote_slim(demo):
    running = demo("--mode", "remote_slim")
    running.wait_url()
    running.process.terminate()
    assert running.wait_gone() == 0, running.output()


def test_a_mode_that_is_none_is_refused():
    ended = subprocess.run([ROOT / "scripts" / "demo", "--mode", "cloud"], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2 and "unknown mode 'cloud'" in ended.stderr
