"""Log lines: one JSON object each for machines, nothing of what users wrote in tracebacks."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.trace import NonRecordingSpan, SpanContext, use_span

from plimsoll.adapters.telemetry.logs import configure_logs
from plimsoll.domain.errors import ConfigurationError


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Puts the process's logging back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_json_lines_hold_event_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is one JSON object with event, level, time and facts; none goes to stdout."""
    configure_logs("INFO", "json")
    structlog.get_logger("room").info("scorer.joined", group="g")
    printed = capsys.readouterr()
    line = json.loads(printed.err)
    assert (line["event"], line["level"], line["group"]) == ("scorer.joined", "info", "g")
    assert "timestamp" in line
    assert printed.out == ""


def test_a_line_within_a_span_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    """Trace and span in hexadecimal, of our lines and of libraries'; without a span neither."""
    configure_logs("INFO", "json")
    span = NonRecordingSpan(SpanContext(0xABC, 0xDEF, is_remote=False))
    with use_span(span):
        structlog.get_logger("room").info("scorer.joined", group="g")
        logging.getLogger("aiokafka.consumer").warning("coordinator dead")
    structlog.get_logger("room").info("scorer.stopped")
    *within, outside = map(json.loads, capsys.readouterr().err.splitlines())
    ids = [(line["trace_id"], line["span_id"]) for line in within]
    assert ids == [(f"{0xABC:032x}", f"{0xDEF:016x}")] * 2
    assert not {"trace_id", "span_id"} & outside.keys()


def test_the_threshold_holds_for_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    """At INFO the chatter of client libraries is left out, and their warnings are not."""
    configure_logs("INFO", "json")
    logging.getLogger("aiokafka.consumer").info("Heartbeat")
    logging.getLogger("aiokafka.consumer").warning("coordinator dead")
    assert [json.loads(x)["event"] for x in capsys.readouterr().err.splitlines()] == [
        "coordinator dead"
    ]


@pytest.mark.parametrize("form", ["console", "json"])
def test_tracebacks_show_no_local_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a result says must not come into the log by way of a traceback's variables."""
    configure_logs("INFO", form)
    # Made of two parts, since a traceback quotes the line that it stands on.
    response_text = f"what-the-{form}-model-wrote"
    try:
        _ = len(response_text) // 0
    except ZeroDivisionError:
        structlog.get_logger("room").exception("record.failed")
    printed = capsys.readouterr().err
    assert "ZeroDivisionError" in printed
    assert response_text not in printed


@pytest.mark.parametrize(("level", "form"), [("LOUD", "json"), ("INFO", "xml")])
def test_wrong_settings_are_named(level: str, form: str) -> None:
    """A level or format that is none says what there is."""
    with pytest.raises(ConfigurationError, match="log_"):
        configure_logs(level, form)
