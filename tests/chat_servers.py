"""HTTP servers on loopback that speak, or fail to speak, the chat API; for tests."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request, and the means to answer it well or badly."""

    protocol_version = "HTTP/1.1"
    server: "ChatTestServer"
    chat: dict[str, Any]

    def do_POST(self) -> None:
        self.chat = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.chats.append(self.chat)
            self.server.headers.append(dict(self.headers.items()))
            self.server.paths.append(self.path)
            self.number = len(self.server.chats)
        self.server.behave(self)

    def answer(self, body: Any, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Send a whole answer: bytes as they are, anything else as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(sent)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(sent)

    def drop(self) -> None:
        """Hang up."""
        self.close_connection = True

    def wait(self) -> None:
        """Say nothing until the test is over, and hang up then."""
        self.server.over.wait(30)
        self.drop()

    def drip(self, text: bytes) -> None:
        """Send bytes of a text one by one, again and again, until the test is over or nobody listens."""
        self.close_connection = True
        while not self.server.over.wait(0.02):
            for place in range(len(text)):
                try:
                    self.wfile.write(text[place : place + 1])
                except OSError:
                    return
                if self.server.over.wait(0.02):
                    return

    @property
    def question(self) -> str:
        """The text beside the photo."""
        return str(self.chat["messages"][1]["content"][1]["text"])

    def log_message(self, *args: object) -> None:
        """Say nothing on stderr."""


class ChatTestServer(ThreadingHTTPServer):
    """Remembers what it was sent."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, behave: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.behave = behave
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.chats: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients hang up without a word."""


@contextmanager
def chat_server(behave: Behaviour) -> Iterator[ChatTestServer]:
    """Serve until the block ends."""
    server = ChatTestServer(behave)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def said(text: str | None, *, finish: str = "stop", first: dict[str, float] | None = None) -> dict[str, Any]:
    """Return a chat completion; `first` are the log-probabilities listed for its first token."""
    listed = [{"token": token, "logprob": value, "bytes": None} for token, value in (first or {}).items()]
    positions = [{**listed[0], "top_logprobs": listed}] if listed else None
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": {"content": positions} if positions else None,
    }
    return {"id": "chat-1", "object": "chat.completion", "model": "tiny", "choices": [choice]}
