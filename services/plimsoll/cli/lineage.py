"""What `plimsoll lineage` does: labelled results become the conditional that scorers read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from plimsoll.calibration.lineage import Pair, learned
from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.failures import OK
from plimsoll.cli.labels import label_of
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.domain.absence import Absence
from plimsoll.domain.errors import FatalError
from plimsoll.metrics.parents_confidence import confidences_of, frechet


def learn_lineage(file: Path, columns: str, *, label: str, output: Path) -> int:
    """Writes the artefact; ConfigurationError where there are too few labels."""
    found = list(_pairs(file, columns, label))
    pairs = [pair for pair in found if pair is not None]
    conditional = learned(pairs)
    output.write_text(conditional.text() + "\n", encoding="utf-8")
    left_out = len(found) - len(pairs)
    print(f"{conditional.name} of {conditional.labels} labels in {output}, {left_out} left out")
    print("set lineage.conditional_file to it")
    return OK


def _pairs(file: Path, columns: str, label: str) -> Iterator[Pair | None]:
    """The parents' lower bound and the label of each result; None where one of them is missing."""
    for line in read_lines(file, parse_map(columns) if columns else None):
        if isinstance(line, BadLine):
            sys.stderr.write(f"{file}:{line.number}: {line.problem}\n")
        elif isinstance(line, Line):
            try:
                right = label_of(line.fields, label)
            except ValueError as error:
                raise FatalError(f"{file}:{line.number}: {error}") from error
            confidences = confidences_of(line.result.parents)
            if right is None or isinstance(confidences, Absence) or not confidences:
                yield None
            else:
                yield frechet(list(confidences.values()))[0], right == 1
