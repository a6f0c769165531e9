"""The reference of telemetry in Markdown, from the catalogues of series, spans and log events."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.ports import judge_telemetry, telemetry
from plimsoll.ports.log_events import log_events
from plimsoll.ports.telemetry import Instrument, Kind
from plimsoll.ports.telemetry_labels import LABELS
from plimsoll.ports.tracing import EVALUATION, EVALUATION_FIELDS, SPANS

_OPENING = """\
# Telemetry

<!-- Written by `plimsoll telemetry docs --out docs/telemetry.md`; a test keeps it fresh. -->

Every name that Plimsoll exports. Tests hold this list against the code in both directions, and the
chart's alerts and dashboards against this list. [Operations](operations.md) says where it is
scraped, [runbooks](runbooks.md) what to do.
"""
_SERIES = """\
## Series

For Prometheus, on `telemetry_port` of each service. A histogram has the endings `_bucket`, `_sum`
and `_count`. Units are in the names; what has none is a number of things.

| series | kind | labels | what |
| --- | --- | --- | --- |
"""
_LABELS = """\
Each label has few values. Where a series has 2,000 combinations of them, further ones go on as
`other`.

| label | its values |
| --- | --- |
"""
_LOGS = """\
## Log events

Lines on the standard error stream, for machines with `log_format: json`. The event is constant;
what happened is in its fields. A line within a span has its `trace_id` and `span_id`, too. No line
quotes a result.

| event | level | fields | what |
| --- | --- | --- | --- |
"""
_SPANS = """\
## Spans and events

Over OTLP, where `telemetry.otlp_endpoint` is set. `error.type` is there where something went wrong;
no attribute quotes a result, a judge or a credential.

| span | kind | attributes | what |
| --- | --- | --- | --- |
"""
_EVENTS = """\
An event stands at the span that came with the result, else at the one that scored it.

| event | attributes | what |
| --- | --- | --- |
"""
_EVALUATED = "The confidence of a traced result, and each of its scores where the settings say so."
_ENDS = {Kind.COUNTER: "_total", Kind.GAUGE: "", Kind.HISTOGRAM: ""}


def telemetry_reference() -> str:
    """The whole page."""
    return "\n".join(_parts())


def instruments() -> tuple[Instrument, ...]:
    """Every series, in the order of the catalogue."""
    both = (*vars(telemetry).values(), *vars(judge_telemetry).values())
    return tuple(one for one in both if isinstance(one, Instrument))


def _parts() -> Iterator[str]:
    yield _OPENING
    yield _SERIES + "".join(map(_series_row, instruments()))
    yield _LABELS + "".join(_row(f"`{name}`", says) for name, says in sorted(LABELS.items()))
    yield _SPANS + "".join(
        _row(f"`{one.name}`", one.kind.value, _names(one.attributes), one.help) for one in SPANS
    )
    yield _EVENTS + _row(f"`{EVALUATION}`", _names(EVALUATION_FIELDS), _EVALUATED)
    yield _LOGS + "".join(
        _row(f"`{one.name}`", one.level.value, _names(one.fields), one.help) for one in log_events()
    )


def _series_row(one: Instrument) -> str:
    return _row(f"`{one.name}{_ENDS[one.kind]}`", one.kind.value, _names(one.labels), one.help)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
