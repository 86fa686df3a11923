"""A server of `/v1/embeddings` on loopback, over any Embedder; it misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from retrieval.ports import Embedder


@dataclass
class EmbeddingServer:
    """`answers` are given first, one a request: (status, body)."""

    embedder: Embedder
    key: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    change: Callable[[list[dict[str, Any]]], object] = lambda rows: rows
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        self.asked.append(asked)
        if self.answers:
            return self.answers.pop(0)
        if path != "/v1/embeddings":
            return 404, b"{}"
        if self.key and authorization != f"Bearer {self.key}":
            return 401, b"{}"
        rows = [{"index": at, "embedding": row.tolist()} for at, row in enumerate(self.embedder.embed(asked["input"]))]
        return 200, json.dumps({"object": "list", "data": self.change(rows), "model": asked["model"]}).encode()


@contextmanager
def serving(embedder: Embedder, **how: Any) -> Iterator[EmbeddingServer]:
    made = EmbeddingServer(embedder, **how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = made.answer(self.path, self.headers.get("Authorization", ""), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
