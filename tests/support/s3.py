"""A small S3 on the wire: GetObject, and the errors that it may answer with."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

_ERROR = """\
<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{code}</Code><Message>{code}</Message></Error>"""


@dataclass
class SmallS3:
    """Objects by `bucket/key`; `failures` are answered first: a status and a code, or "slow"."""

    objects: dict[str, bytes] = field(default_factory=dict)
    failures: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                store._answer(self)

            def log_message(self, *_words: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Serves no more."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        name = unquote(urlsplit(request.path).path).removeprefix("/")
        self.asked.append(name)
        authorization = request.headers.get("Authorization", "")
        self.signed.append(authorization.startswith("AWS4-HMAC-SHA256 Credential="))
        if self.failures:
            status, code = self.failures.pop(0)
            if code == "slow":
                self._trickle(request, self.objects[name])
                return
            _send(request, status, _ERROR.format(code=code).encode(), "application/xml")
        elif name in self.objects:
            _send(request, 200, self.objects[name], "binary/octet-stream")
        else:
            _send(request, 404, _ERROR.format(code="NoSuchKey").encode(), "application/xml")

    @staticmethod
    def _trickle(request: BaseHTTPRequestHandler, body: bytes) -> None:
        """A byte now and then, which no read timeout notices."""
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        try:
            for byte in body:
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
                time.sleep(0.05)
        except OSError:
            request.close_connection = True


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Content-Type", kind)
    request.send_header("x-amz-request-id", "0123456789ABCDEF")
    request.end_headers()
    request.wfile.write(body)
