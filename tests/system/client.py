"""One connection to a supervisor's socket, kept open, on which anything can be sent."""

import json
import socket

from runtime import RpcError


class Client:
    """A context: Client(runtime) or Client(path of a socket)."""

    def __init__(self, where, timeout=20):
        self.path = where.runtime_file()["socket"] if hasattr(where, "runtime_file") else str(where)
        self.timeout = timeout
        self.last_id = 0

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(self.timeout)
        self.socket.connect(self.path)
        self.lines = self.socket.makefile("rb")
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def send(self, what):
        """Bytes as they are, anything else as a line of JSON."""
        self.socket.sendall(what if isinstance(what, bytes) else json.dumps(what).encode() + b"\n")

    def receive(self):
        """The next line as JSON; None: the connection was closed."""
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, method, **params):
        """Sends a request; its id."""
        self.last_id += 1
        self.send({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params})
        return self.last_id

    def call(self, method, **params):
        """The result of a request, while no other is under way."""
        wanted = self.ask(method, **params)
        answer = self.receive()
        assert answer and answer["jsonrpc"] == "2.0" and answer["id"] == wanted, answer
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]
