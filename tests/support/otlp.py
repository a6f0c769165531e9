"""A receiver of OTLP over HTTP: takes spans and events, and keeps them as they were sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

_DEADLINE_S = 300.0


@dataclass(frozen=True)
class Seen:
    """A span or an event: whose, where in which trace, and what it says."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    facts: dict[str, Any]
    kind: int = 0
    links: tuple[str, ...] = ()


@dataclass
class Receiver:
    """What has come so far; `hangs` takes requests and never answers."""

    url: str
    spans: list[Seen] = field(default_factory=list)
    events: list[Seen] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    asked: Event = field(default_factory=Event)

    def until(self, *names: str, events: int = 0) -> None:
        """Returns once there is a span of each of these names, and so many events."""
        ends = time.monotonic() + _DEADLINE_S
        while not set(names) <= {seen.name for seen in self.spans} or len(self.events) < events:
            assert time.monotonic() < ends, [seen.name for seen in self.spans]
            time.sleep(0.02)

    def one(self, name: str) -> Seen:
        """The span of that name; there has to be one."""
        (found,) = [seen for seen in self.spans if seen.name == name]
        return found


@contextmanager
def receiver(*, hangs: bool = False) -> Iterator[Receiver]:
    """One on a free port; one that hangs lets go at the end."""
    release = Event()
    kept = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.asked.set()
            if hangs:
                release.wait(_DEADLINE_S)
                return
            kept.raw.append(body)
            if self.path == "/v1/traces":
                kept.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
            else:
                kept.events.extend(_events(ExportLogsServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def _spans(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for of in request.resource_spans:
        service = str(_facts(of.resource.attributes)["service.name"])
        for scope in of.scope_spans:
            for span in scope.spans:
                yield Seen(
                    service,
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _facts(span.attributes),
                    span.kind,
                    tuple(link.trace_id.hex() for link in span.links),
                )


def _events(request: ExportLogsServiceRequest) -> Iterator[Seen]:
    for of in request.resource_logs:
        service = str(_facts(of.resource.attributes)["service.name"])
        for scope in of.scope_logs:
            for one in scope.log_records:
                where = (one.trace_id.hex(), one.span_id.hex(), "")
                yield Seen(service, one.event_name, *where, _facts(one.attributes))


def _facts(attributes: Any) -> dict[str, Any]:
    def value(pair: KeyValue) -> Any:
        return getattr(pair.value, pair.value.WhichOneof("value") or "string_value")

    return {pair.key: value(pair) for pair in attributes}
