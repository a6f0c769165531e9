"""Files that hold labels of results by their IDs: JSON lines, or a CSV as audits have it."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

import orjson

from plimsoll.cli.label_files import LabelRow, Said, label_rows
from plimsoll.cli.labels import label_of
from plimsoll.cli.lines import BadLine, opened
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.feedback import Feedback, FeedbackSource

_FORM = (
    'a file of labels is JSON lines, as {"result_id": "r-1", "label": 1}, or a CSV with the '
    "columns result_id and right, as `plimsoll audit` begins it"
)
_RIGHT = 0.5


def read_labels(path: Path) -> dict[str, tuple[int, str]]:
    """The label of each ID, 1 or 0, and its group.

    JSON lines of {"result_id", "label", "group"?}, whatever the tenant; or a CSV, as `plimsoll
    feedback --file` takes it, where an ID is tenant/result_id and a result with several labels is
    right where their mean is above one half, as for calibrations. A language model's are none.
    FatalError names the first line that is no label, ConfigurationError a file without any.
    """
    with opened(path) as stream:
        content = stream.read()
    first = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    # Anything else is no JSON object: its first line has to be the head of a table.
    found = _of_lines(content, path) if first in {b"{", b""} else _of_table(content, path)
    if not found:
        raise ConfigurationError(f"{path} holds no label: {_FORM}")
    return found


def _of_lines(content: bytes, path: Path) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            label = label_of(row, "label")
            result_id = str(row["result_id"])
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise FatalError(f"{path}:{number}: not a label: {_FORM}") from error
        except ValueError as error:
            raise FatalError(f"{path}:{number}: not a label: {error}") from error
        if label is not None:
            group = row.get("group")
            found[result_id] = (label, str("" if group is None else group) or result_id)
    return found


def _of_table(content: bytes, path: Path) -> dict[str, tuple[int, str]]:
    said: dict[str, list[float]] = {}
    for label in _labels(content, path):
        if label.source is not FeedbackSource.LLM and label.label is not None:
            said.setdefault(str(label.key), []).append(float(label.label))
    return {
        key: (int(math.fsum(labels) / len(labels) > _RIGHT), key) for key, labels in said.items()
    }


def _labels(content: bytes, path: Path) -> Iterator[Feedback]:
    try:
        for row in label_rows(io.BytesIO(content), path, Said(FeedbackSource.HUMAN.value)):
            if isinstance(row, BadLine):
                raise FatalError(f"{path}:{row.number}: not a label: {row.problem}")
            if isinstance(row, LabelRow) and row.label is not None:
                yield row.label
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}: {_FORM}") from error
