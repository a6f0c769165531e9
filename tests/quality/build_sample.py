"""Builds the labelled sample that ships: `python -m tests.quality.build_sample DATA`."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from plimsoll.wire.json_results import result_to_json
from tests.quality.public_data import Labelled
from tests.quality.selection import sample

SAMPLE = Path(__file__).parents[2] / "services" / "plimsoll" / "sample"


def write_results(items: Sequence[Labelled], path: Path) -> None:
    """One result a line, in the protobuf JSON mapping; the same items give the same bytes."""
    text = "".join(f"{result_to_json(item.result)}\n" for item in items)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def write_labels(items: Sequence[Labelled], path: Path) -> None:
    """One label a line, apart from the results."""
    rows = [
        {
            "result_id": item.result.key.result_id,
            "label": item.label,
            "set": item.set_name,
            "group": item.group,
        }
        for item in items
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Writes results.jsonl.gz and labels.jsonl; NOTICE is written by hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("data", type=Path, help="folder of the public labelled data")
    items = sample(parser.parse_args().data)
    SAMPLE.mkdir(exist_ok=True)
    write_results(items, SAMPLE / "results.jsonl.gz")
    write_labels(items, SAMPLE / "labels.jsonl")


if __name__ == "__main__":
    main()
