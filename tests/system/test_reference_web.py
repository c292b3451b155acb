"""The reference application's web server by itself, started as the launch plan starts it: through npm."""

import json
import signal
import socket
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import child
import pytest
import requests
from processes import poll
from runtime import free_ports

pytestmark = pytest.mark.timeout(120)


class Echo(BaseHTTPRequestHandler):
    """A backend that tells what reached it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        answer = json.dumps({"path": self.path, "body": body}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def echo():
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def start():
    """start(backend_url, *args, **env): a web server; its address."""
    running = []

    def make(backend_url, *args, **env):
        port = free_ports(1)[0]
        process = child.web(port, backend_url, *args, **env).__enter__()
        running.append(process)
        process.base = f"http://127.0.0.1:{port}"
        return process.wait_http(process.base + "/")

    yield make
    for process in running:
        process.__exit__()


def nowhere():
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def test_the_page_is_served_while_the_backend_is_away(start):
    web = start(nowhere())
    answer = requests.get(web.base + "/", timeout=10)
    assert answer.status_code == 200 and "<title>Reference application</title>" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for path in ("/page.js", "/style.css", "/icon.svg"):
        assert requests.get(web.base + path, timeout=10).status_code == 200
    away = requests.get(web.base + "/api/runtime/info", timeout=10)
    assert away.status_code == 502 and away.json()["error"]["code"] == "backend_away"


def test_requests_under_api_reach_the_backend(start, echo):
    web = start(echo + "/base")
    answer = requests.post(web.base + "/api/notes?x=1", data="hello", timeout=10)
    assert (answer.status_code, answer.json()) == (201, {"path": "/base/notes?x=1", "body": "hello"})


def test_a_backend_that_never_answers_does_not_hold_up_the_page(start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        web = start(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with socket.create_connection(("127.0.0.1", int(web.base.rsplit(":", 1)[1]))) as waiting:
            waiting.sendall(f"GET /api/x HTTP/1.1\r\nHost: {web.base[7:]}\r\n\r\n".encode())
            silent.accept()
            assert requests.get(web.base + "/", timeout=2).status_code == 200


def test_only_its_own_page_is_answered(start, echo):
    web = start(echo)
    for headers in ({"Origin": "http://example.com"}, {"Origin": "null"}, {"Host": "example.com"}):
        assert requests.post(web.base + "/api/notes", headers=headers, timeout=10).status_code == 403
    assert requests.post(web.base + "/api/notes", headers={"Origin": web.base}, timeout=10).status_code == 201
    assert requests.post(web.base + "/", timeout=10).status_code == 405
    assert requests.get(web.base + "/../server.js", timeout=10).status_code == 404


def test_it_tells_what_it_was_given(start, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text('{"mode": "local_fullstack", "feature_flags": {"ask_model": false}}')
    backend = nowhere()
    web = start(backend, "--runtime-profile", profile, APP_RUNTIME_MODE="desktop_remote_slim", DESKTOP_SESSION_ID="desktop-7")
    assert requests.get(web.base + "/runtime", timeout=10).json() == {
        "mode": "desktop_remote_slim", "session_id": "desktop-7", "backend_url": backend, "feature_flags": {"ask_model": False}}


@pytest.mark.parametrize("env, words", [
    ({"PORT": "80a"}, "PORT"),
    ({"BACKEND_BASE_URL": "ftp://host"}, "BACKEND_BASE_URL"),
    ({"RUNTIME_PROFILE_PATH": "/nowhere/profile.json"}, "/nowhere/profile.json: cannot read"),
])
def test_nonsense_ends_it_at_once_with_one_line(env, words):
    ended = subprocess.run(["node", "server.js"], cwd=child.APP / "web", env=child.clean_environment(**env),
                           capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert words in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(["node", "server.js"], cwd=child.APP / "web", env=child.clean_environment(PORT=port),
                               capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1 and f"port {port}" in ended.stderr


def test_sigterm_to_the_group_ends_all_of_it_soon_with_kept_connections(start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        web = start(f"http://127.0.0.1:{silent.getsockname()[1]}")
        kept = requests.Session()
        kept.get(web.base + "/", timeout=10)
        with socket.create_connection(("127.0.0.1", int(web.base.rsplit(":", 1)[1]))) as waiting:
            waiting.sendall(f"GET /api/x HTTP/1.1\r\nHost: {web.base[7:]}\r\n\r\n".encode())
            silent.accept()
            web.signal_all(signal.SIGTERM)
            web.process.wait(5)

            def port_is_free():
                with socket.socket() as probe:
                    return probe.connect_ex(("127.0.0.1", int(web.base.rsplit(":", 1)[1]))) != 0
            poll(port_is_free, 5, "node has ended as well")
        kept.close()
