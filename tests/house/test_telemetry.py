"""The catalogue of telemetry and the code agree, in both directions, by the code's syntax."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from plimsoll.cli.telemetry_reference import instruments, telemetry_reference
from plimsoll.ports import judge_telemetry, telemetry, tracing
from plimsoll.ports.log_events import log_events
from plimsoll.ports.telemetry import Instrument, Kind
from plimsoll.ports.telemetry_labels import LABELS
from plimsoll.ports.tracing import EVALUATION_FIELDS, SPANS, SpanType
from tests.house.tree import CODE, ROOT, code_modules, parsed

TRACED = (
    "pipeline/traced.py",
    "pipeline/traced_compute.py",
    "pipeline/traced_judge.py",
    "adapters/rpc/tracing.py",
)
EVENTS = ("adapters/telemetry/evaluations.py", "adapters/telemetry/tracing.py")
CATALOGUE = CODE / "ports"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
METHODS = {"count": Kind.COUNTER, "set": Kind.GAUGE, "observe": Kind.HISTOGRAM}
CONSTANTS = {
    name: one
    for module in (telemetry, judge_telemetry)
    for name, one in vars(module).items()
    if isinstance(one, Instrument)
}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Calls of methods, with the method's name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def logged() -> Iterator[tuple[str, ast.Call]]:
    """Every call that logs through structlog, with its level."""
    for path in code_modules():
        for method, call in calls(path):
            on = ast.unparse(call.func)
            if method in LEVELS and (on.startswith("_log.") or "structlog.get_logger" in on):
                yield method, call


def told() -> Iterator[tuple[str, Instrument, ast.Call]]:
    """Every call that tells a series of the catalogue, with its method."""
    for path in code_modules():
        for method, call in calls(path):
            first = call.args[0] if call.args else None
            if method in METHODS and isinstance(first, ast.Name) and first.id in CONSTANTS:
                yield method, CONSTANTS[first.id], call


def used() -> set[str]:
    """Constants of series that code outside the catalogue reads, imports apart."""
    return {
        node.id
        for path in code_modules()
        if CATALOGUE not in path.parents
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and node.id in CONSTANTS
    }


def test_the_telemetry_reference_is_fresh() -> None:
    """docs/telemetry.md is what `plimsoll telemetry docs` prints."""
    written = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
    assert written == telemetry_reference(), "plimsoll telemetry docs --out docs/telemetry.md"


def test_every_series_is_told_by_some_code() -> None:
    """No name is in the catalogue that nothing exports."""
    assert CONSTANTS.keys() - used() == set()


def test_every_series_is_told_as_what_it_is() -> None:
    """Counters are counted, gauges are set, histograms observe, each with all of its labels."""
    for method, one, call in told():
        assert METHODS[method] is one.kind, one.name
        at = 1 if method == "count" else 2
        labels = call.args[at] if len(call.args) > at else ast.Tuple([])
        if isinstance(labels, ast.Tuple) and not any(
            isinstance(label, ast.Starred) for label in labels.elts
        ):
            assert len(labels.elts) == len(one.labels), one.name


def test_names_and_labels_of_series_are_in_order() -> None:
    """Names are unique and ours, each has a sentence, and each label says what bounds it."""
    names = [one.name for one in instruments()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"plimsoll_[a-z_]+", name) for name in names)
    assert all(one.help.endswith(".") for one in instruments())
    assert {label for one in instruments() for label in one.labels} == LABELS.keys()


def test_log_events_are_constant_and_listed() -> None:
    """Every call logs a literal name of the catalogue, at its level, with no field besides."""
    listed = {one.name: one for one in log_events()}
    fields: dict[str, set[str]] = defaultdict(set)
    for level, call in logged():
        (name,) = call.args
        assert isinstance(name, ast.Constant), ast.unparse(call)
        assert isinstance(name.value, str)
        assert name.value in listed, f"{name.value}: list it in ports/log_events.py"
        event = listed[name.value]
        assert level == event.level.value, event.name
        named = {keyword.arg for keyword in call.keywords if keyword.arg}
        fields[event.name] |= named
        assert named <= set(event.fields), event.name
        whole = all(keyword.arg for keyword in call.keywords)
        assert not whole or named == set(event.fields), event.name
    assert fields.keys() == listed.keys()


def test_no_code_logs_past_structlog() -> None:
    """The standard library's loggers are only ever set, never written to."""
    found = [
        f"{path}:{call.lineno}"
        for path in code_modules()
        for method, call in calls(path)
        if method in LEVELS and re.match(r"logg(ing|er)\b", ast.unparse(call.func))
    ]
    assert found == []


def test_log_events_are_sorted() -> None:
    """By name, so that two who add one do not meet in the same line."""
    names = [one.name for one in log_events()]
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name) for name in names)


def test_every_span_is_begun_with_what_is_listed() -> None:
    """Each kind of span is begun somewhere, and attributes are those of the catalogue."""
    kinds = {name: one for name, one in vars(tracing).items() if isinstance(one, SpanType)}
    assert tuple(kinds.values()) == SPANS
    begun = {
        call.args[0].id
        for path in code_modules()
        for method, call in calls(path)
        if method == "begin" and call.args and isinstance(call.args[0], ast.Name)
        if call.args[0].id.isupper()
    }
    assert begun == kinds.keys()
    listed = {name for one in SPANS for name in one.attributes} | set(EVALUATION_FIELDS)
    said = {
        node.value
        for name in (*TRACED, *EVENTS)
        for node in ast.walk(parsed(CODE / name))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"(messaging|gen_ai|rpc|plimsoll|error)\.[a-z_.]+", node.value)
    }
    assert said == listed


def test_runbooks_and_operations_name_only_what_is_exported() -> None:
    """A series or log event in the pages for operators is one of the catalogue."""
    series = {one.name for one in instruments()}
    for page in ("runbooks.md", "operations.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        said = set(re.findall(r"`(plimsoll_[a-z_]+?)(?:_total|_bucket|_sum|_count)?[`{]", text))
        assert said <= series, page
