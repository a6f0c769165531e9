"""The labelled sample that ships: results to publish, and whether each is right."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from importlib.resources import files

import orjson

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult
from plimsoll.wire.json_results import result_from_json


@dataclass(frozen=True, slots=True)
class SampleLabel:
    """1 where the result is right; `group` names what stands or falls together."""

    label: int
    dataset: str
    group: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Results in an order that mixes the sets, and their labels."""

    results: tuple[LlmResult, ...]
    labels: dict[ResultKey, SampleLabel]


def load_sample() -> Sample:
    """Reads the package's data."""
    folder = files("plimsoll") / "sample"
    packed = folder.joinpath("results.jsonl.gz").read_bytes()
    with gzip.open(io.BytesIO(packed)) as lines:
        results = [result_from_json(line) for line in lines]
    rows = map(orjson.loads, folder.joinpath("labels.jsonl").read_bytes().splitlines())
    by_id = {row["result_id"]: SampleLabel(row["label"], row["set"], row["group"]) for row in rows}
    labels = {result.key: by_id[result.key.result_id] for result in results}
    return Sample(tuple(_mixed(results, labels)), labels)


def _mixed(results: list[LlmResult], labels: dict[ResultKey, SampleLabel]) -> list[LlmResult]:
    """One of each set in turn, so that every stretch of the sample looks like the whole."""
    turns: dict[str, int] = {}
    order: list[tuple[int, str, LlmResult]] = []
    for result in results:
        dataset = labels[result.key].dataset
        turns[dataset] = turns.get(dataset, 0) + 1
        order.append((turns[dataset], dataset, result))
    return [result for _, _, result in sorted(order, key=lambda entry: entry[:2])]
