"""What ConfBench measures on: labelled records by task, with whatever made a label withheld."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from plimsoll.wire.json_results import result_from_json
from tests.quality.build_sample import SAMPLE
from tests.quality.public_data import Labelled, labelled, records

# Files of the data folder. Not among them: answers whose label is a schema (the schema would be
# withheld, and nothing left to measure), and pairs of answers, which no metric reads yet.
FILES = (
    "claims",
    "code",
    "grounded_qa",
    "lm_logprobs",
    "math",
    "open_qa",
    "summarization",
    "token_logits",
)
# Sets in which the label follows from the form of the answer: measured, and never mixed in.
APART = {
    "halueval_qa": "wrong answers were written to order; they are longer (AUROC of length .96)",
    "sac3_prime": "every right answer is yes",
    "sac3_senator": "every right answer is no",
}


def corpus(folder: Path | None) -> list[Labelled]:
    """Every record of a data folder, or the part that ships where there is none."""
    if folder is None:
        return shipped_part()
    missing = [file for file in FILES if not (folder / f"{file}.jsonl.gz").exists()]
    if missing:
        raise FileNotFoundError(f"{folder} has no {missing[0]}.jsonl.gz; name the data folder")
    return [labelled(record, record["id"]) for file in FILES for record in records(folder, file)]


def shipped_part() -> list[Labelled]:
    """The labelled sample of the package, under licences that let it ship."""
    lines = (SAMPLE / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["result_id"]: row for row in map(json.loads, lines)}
    found = []
    with gzip.open(SAMPLE / "results.jsonl.gz", "rt", encoding="utf-8") as results:
        for line in results:
            result = result_from_json(line)
            row = rows[result.key.result_id]
            found.append(
                Labelled(result, row["label"], row["set"], row["group"], str(result.task_kind))
            )
    return found


def tasks(items: Sequence[Labelled]) -> list[str]:
    """The tasks that there are, in order."""
    return sorted({item.task for item in items})
