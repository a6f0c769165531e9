"""What a deployment's own labels say of metrics, which goes before the figures that ship."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.grounding import GUARDRAIL
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Pairs, TaskKind
from plimsoll.domain.score import Score, Strength
from plimsoll.metrics.strength_rows import SCHEMA, StrengthKey, parse_rows, primary, row_of
from plimsoll.metrics.strengths import MODEL_FACTS
from plimsoll.settings.strengths import StrengthSettings

MAX_BYTES = 8 * 1024**2
# Judges and guardrails are models, too: what one was worth says nothing of another.
_ASKED = MODEL_FACTS | {"judges", GUARDRAIL}

# Figures of one task kind and language, by metric, and then by version and model.
_OfTask = dict[str, dict[tuple[str, str], Strength]]
# Each result has dozens of scores to make anew, and whatever fields they have is kept.
_score_of = quick(Score)
_FIELDS = [one.name for one in fields(Score)]
_values_of = attrgetter(*_FIELDS)
_PLACE = _FIELDS.index("strength")


@dataclass(frozen=True, slots=True)
class OwnStrengths:
    """Figures by metric, version, task kind, language and model; `made_on` decides nothing."""

    figures: Mapping[StrengthKey, Strength]
    made_on: date | None = field(default=None, compare=False)
    by_task: Mapping[tuple[TaskKind, str], _OfTask] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[tuple[TaskKind, str], _OfTask] = {}
        for (metric, version, kind, language, model), strength in self.figures.items():
            of_task = found.setdefault((kind, language), {})
            of_task.setdefault(metric, {})[version, model] = strength
        object.__setattr__(self, "by_task", found)

    @property
    def name(self) -> str:
        """A hash of all that scores are given of it."""
        told = json.dumps(self._rows(), separators=(",", ":"))
        return f"strengths-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def restated(self, scores: Iterable[Score], result: LlmResult) -> tuple[Score, ...]:
        """The scores of a result, each with the figure from here where there is one for it.

        A figure is of one version of a metric, one task kind, one language and one model; where
        any of them is another, a score keeps what it has.
        """
        mine = self.by_task.get((result.task_kind, primary(result.language)))
        return tuple(scores) if mine is None else tuple(_restated(score, mine) for score in scores)

    def text(self) -> str:
        """The table as it is kept, the same for equal ones made on one day."""
        made = {} if self.made_on is None else {"made_on": self.made_on.isoformat()}
        return json.dumps({"schema": SCHEMA, **made, "strengths": self._rows()}, indent=1)

    def _rows(self) -> list[dict[str, Any]]:
        return [row_of(*key[:2], strength) for key, strength in sorted(self.figures.items())]


def _restated(score: Score, mine: _OfTask) -> Score:
    of_metric = mine.get(score.metric)
    if of_metric is None:
        return score
    own = of_metric.get((score.version, model_of(score.provenance)))
    if own is None:
        return score
    values = list(_values_of(score))
    values[_PLACE] = own
    return _score_of(*values)


def model_of(provenance: Pairs) -> str:
    """Whose judgement a number rests on, as its provenance says; empty where on nobody's."""
    if not provenance:
        return ""
    return next((fact for name, fact in provenance if name in _ASKED), "")


def parse_own_strengths(text: str) -> OwnStrengths:
    """Reads a table; ValueError or RecursionError say what is wrong with it."""
    document = json.loads(text)
    figures = parse_rows(document)
    made = document.get("made_on")
    return OwnStrengths(figures, None if made is None else date.fromisoformat(str(made)[:40]))


def own_strengths(settings: StrengthSettings) -> OwnStrengths | None:
    """What the settings' file says; None where none is named.

    ConfigurationError where it cannot be read, is too large, or holds what is no figure.
    """
    if settings.file is None:
        return None
    try:
        return parse_own_strengths(_bounded(settings.file))
    except OSError as error:
        raise ConfigurationError(
            # A relative one is taken from the working directory, which not everybody knows.
            f"strengths.file {settings.file.absolute()} cannot be read: {error.strerror}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"strengths.file {settings.file.absolute()} cannot be read: {error}; "
            "make it again by `plimsoll strengths learn`"
        ) from error


def _bounded(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    return content.decode()
