"""The small HTTP server of a service: scrapes by Prometheus, and probes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from plimsoll.adapters.telemetry.probes import Probes

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Server(ThreadingMixIn, WSGIServer):
    """A slow scrape does not keep a probe waiting."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Logs are for what happens, and probes come every few seconds."""


def serve_scrapes(port: int, registry: CollectorRegistry, probes: Probes) -> None:
    """Serves on every address, in a thread that ends with the process."""
    application = _application(registry, probes)
    server = make_server("", port, application, _Server, handler_class=_Silent)
    Thread(target=server.serve_forever, name="telemetry", daemon=True).start()


def _application(registry: CollectorRegistry, probes: Probes) -> Application:
    scrape: Application = make_wsgi_app(registry)

    def answer(request: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        probed = probes.answer(request.get("PATH_INFO", ""), request.get("QUERY_STRING", ""))
        if probed is None:
            return scrape(request, start)
        status, text = probed
        start(f"{status} {HTTPStatus(status).phrase}", [("Content-Type", "text/plain")])
        return [text.encode()]

    return answer
