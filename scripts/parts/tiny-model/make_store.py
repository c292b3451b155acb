#!/usr/bin/env python3
"""Makes an Ollama store with one tiny model in it: FOLDER/models. Asks the model a question before it is content."""

import argparse
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import tiny_gguf

START_TIMEOUT = 60
# No proxy, whatever the environment says: the server is on this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def call(base, method, path, body=None, timeout=120):
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(base + path, data=data, method=method)
    with OPENER.open(request, timeout=timeout) as answer:
        return answer.read()


def wait_until_up(base, server):
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        if server.poll() is not None:
            sys.exit("ollama serve ended with code %d" % server.returncode)
        try:
            return call(base, "GET", "/api/version", timeout=2)
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                sys.exit("ollama serve did not answer on %s within %d s" % (base, START_TIMEOUT))
            time.sleep(0.05)


def create(base, name, path):
    blob = path.read_bytes()
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    call(base, "POST", "/api/blobs/" + digest, blob)
    # The line end after the prompt keeps a question's last word apart from the answer's words.
    call(base, "POST", "/api/create", {
        "model": name, "files": {path.name: digest}, "template": "{{ .Prompt }}\n", "stream": False,
        "parameters": {"temperature": 0, "num_ctx": 256, "num_predict": 64}})


def ask(base, name):
    answer = json.loads(call(base, "POST", "/api/generate", {"model": name, "prompt": "Who are you?", "stream": False}))
    if answer["response"].strip() != tiny_gguf.ANSWER:
        sys.exit("the model answered %r, expected %r" % (answer["response"], tiny_gguf.ANSWER))
    return answer["response"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ollama", required=True, help="the program")
    parser.add_argument("--model", required=True, help="the model's name")
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()

    path = args.folder / (args.model + ".gguf")
    tiny_gguf.write(path)
    base = "http://127.0.0.1:%d" % free_port()
    # A home of its own, because the server writes a key there; a session of its own, so that its runners end with it.
    environment = dict(os.environ, HOME=str(args.folder), OLLAMA_HOST=base, OLLAMA_MODELS=str(args.folder / "models"),
                       OLLAMA_NOPRUNE="1", NO_PROXY="127.0.0.1")
    server = subprocess.Popen([args.ollama, "serve"], env=environment, start_new_session=True)
    try:
        wait_until_up(base, server)
        create(base, args.model, path)
        print(ask(base, args.model))
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    path.unlink()


if __name__ == "__main__":
    main()
