"""Builds the labelled claims of biographies: `python -m tests.quality.build_claims DATA`."""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from plimsoll.metrics.passages import passages
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words
from tests.quality.public_data import records

CLAIMS = Path(__file__).with_name("claims") / "biographies.jsonl"
# Long enough for a sentence, short enough that words of another do not add up.
_PASSAGE_WORDS = 40
_DIGITS = 4

_Claims = dict[tuple[int, str], list[tuple[float, int]]]


def write_claims(folder: Path, path: Path) -> None:
    """One response a line: topic, model, and each claim's score and label; no text of the data."""
    lines = (
        json.dumps({"topic": topic, "model": model, "claims": claims})
        for (topic, model), claims in sorted(_claims(folder).items())
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _claims(folder: Path) -> _Claims:
    """A claim's score is its support by what two other models have written of the same person."""
    with gzip.open(folder / "factscore_bios.jsonl.gz", "rt", encoding="utf-8") as lines:
        written = {row["topic"]: row["bios"] for row in map(json.loads, lines)}
    topics = {topic: place for place, topic in enumerate(sorted(written))}
    found: _Claims = defaultdict(list)
    for record in records(folder, "claims"):
        if record["dataset"] != "factscore":
            continue
        topic, model = record["topic"], record["model"]
        own = _content(record["response"]) - _content(topic)
        others = [text for name, text in sorted(written[topic].items()) if name != model]
        if own and others:
            support = sum(max(_shares(own, text)) for text in others) / len(others)
            found[topics[topic], model].append((round(support, _DIGITS), record["label"]))
    return {key: sorted(claims) for key, claims in found.items()}


def _shares(own: set[str], text: str) -> Iterator[float]:
    yield 0.0
    for start, end, _, _ in passages(text, _PASSAGE_WORDS):
        yield len(own & _content(text[start:end])) / len(own)


def _content(text: str) -> set[str]:
    return set(words(folded(text))) - STOPWORDS


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="The folder of labelled data.")
    write_claims(parser.parse_args().data, CLAIMS)
