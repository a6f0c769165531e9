"""What every metric says of the fixed results, and whether that may be written down."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.metric import Metric
from plimsoll.wire.json_results import result_to_json

GOLDEN = Path(__file__).with_name("values.json")
SCHEMA = 1
_DIGITS = 6
# Linear algebra differs in its last digits from one processor to the next.
TOLERANCE = 1e-5
# A value, or the reason why there is none.
Outcome = float | str


@dataclass(frozen=True)
class Said:
    """What one version of a metric says: its outcomes by the ID of the result."""

    version: str
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class Golden:
    """What every metric says of results, which are known by their IDs and digests."""

    results: Mapping[str, str]
    metrics: Mapping[str, Said]


def measured(metrics: Sequence[Metric], results: Mapping[str, LlmResult]) -> Golden:
    """What the code as it stands says."""
    return Golden(
        results={
            name: hashlib.sha256(result_to_json(result).encode()).hexdigest()[:16]
            for name, result in results.items()
        },
        metrics={
            metric.spec.name: Said(
                metric.spec.version,
                {name: _outcome(evaluate(metric, result)) for name, result in results.items()},
            )
            for metric in metrics
        },
    )


def _outcome(score: Score) -> Outcome:
    if score.value is None:
        return "" if score.absence is None else str(score.absence.reason)
    return round(score.value, _DIGITS)


def unannounced(recorded: Golden, now: Golden) -> list[str]:
    """What a metric says otherwise than was written down of the same result and version."""
    same = [name for name, what in now.results.items() if recorded.results.get(name) == what]
    return [
        f"{metric} {said.version} of {name}: {before.outcomes[name]}, now {said.outcomes[name]}"
        for metric, said in now.metrics.items()
        for before in [recorded.metrics.get(metric)]
        if before is not None and before.version == said.version
        for name in same
        if _differ(before.outcomes[name], said.outcomes[name])
    ]


def unwritten(recorded: Golden, now: Golden) -> list[str]:
    """Results and versions of metrics that are not those which were written down."""
    results = set(recorded.results.items()) ^ set(now.results.items())
    versions = [
        {(metric, said.version) for metric, said in golden.metrics.items()}
        for golden in (recorded, now)
    ]
    return sorted({name for name, _ in results | (versions[0] ^ versions[1])})


def _differ(before: Outcome, now: Outcome) -> bool:
    if isinstance(before, str) or isinstance(now, str):
        return before != now
    return abs(before - now) > TOLERANCE


def written(golden: Golden) -> str:
    """The file: a line a metric, so that a change shows which; its commonest absence goes last."""
    lines = [
        f"{json.dumps(metric)}: {json.dumps(_row(golden.metrics[metric]))}"
        for metric in sorted(golden.metrics)
    ]
    results = json.dumps(golden.results, sort_keys=True)
    body = ",\n".join(lines)
    return f'{{"schema": {SCHEMA},\n"results": {results},\n"metrics": {{\n{body}\n}}}}\n'


def _row(said: Said) -> dict[str, Any]:
    absences = Counter(one for one in said.outcomes.values() if isinstance(one, str))
    others = max(sorted(absences), key=lambda reason: absences[reason], default="")
    kept = {name: one for name, one in said.outcomes.items() if one != others}
    return {"version": said.version, "outcomes": kept, "others": others}


def read(text: str) -> Golden:
    """What was written; ValueError where it is of another schema."""
    document: dict[str, Any] = json.loads(text)
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}, {SCHEMA} expected")
    results: dict[str, str] = document["results"]
    return Golden(
        results,
        {
            metric: Said(
                row["version"], {name: row["outcomes"].get(name, row["others"]) for name in results}
            )
            for metric, row in document["metrics"].items()
        },
    )
