"""What the commands on claims do: find them for people to label, learn which to keep."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from plimsoll.calibration.claim_filters import ClaimFilters, LabelledResponse, learned
from plimsoll.calibration.conformal_claims import ScoredClaim
from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.labels import label_of
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.cli.progress import counting
from plimsoll.cli.terminal import out, table
from plimsoll.cli.unknown_names import telling
from plimsoll.domain.absence import Absence
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise, ClaimScoring
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.metrics.claim_faithfulness import ClaimFaithfulness, scoring_by
from plimsoll.metrics.claim_marks import claim_score, group_of
from plimsoll.metrics.claim_verdicts import judged_claims
from plimsoll.metrics.inputs import first_missing
from plimsoll.ports.tools import EntailmentModel
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be promised, and at which rate."""

    guarantee: ClaimGuarantee
    error_rate: float


def find_claims(file: Path, columns: str, settings: Settings, *, output: Path) -> int:
    """One line a response: its claims with offsets and scores, for people to label.

    ConfigurationError where no model of entailment is configured.
    """
    model = build_tools(ToolSettings.of(settings)).entailment
    if model is None:
        raise ConfigurationError(
            "claims are scored by a model of entailment: name its folder in models.entailment "
            "(PLIMSOLL_MODELS__ENTAILMENT)"
        )
    found, bad, without = 0, 0, Counter[str]()
    with output.open("wb") as written, counting() as progress:
        bar = progress.add_task("claims", total=None)
        for line in telling(file, read_lines(file, parse_map(columns) if columns else None)):
            progress.advance(bar)
            if isinstance(line, BadLine):
                bad += 1
                sys.stderr.write(f"{file}:{line.number}: {line.problem}\n")
                continue
            row = _row(line, model)
            if isinstance(row, Absence):
                without[row.reason.value] += 1
            else:
                found += 1
                written.write(row)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(without.items()))
    left_out = f", {without.total()} left out ({told})" if told else ""
    print(f"claims of {found} responses in {output}{left_out}; {bad} bad lines")
    print(f"say of each claim whether it is true, then `plimsoll claims learn {output}`")
    return OK if found and not bad else FAILED


def _row(line: Line, model: EntailmentModel) -> bytes | Absence:
    result: LlmResult = line.result
    needs = ClaimFaithfulness.spec.needs
    judged = first_missing(needs, result) or judged_claims(result, model)
    if isinstance(judged, Absence):
        return judged
    group = group_of(result)
    claims = [
        {
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            "score": claim_score(verdict),
            "true": None,
        }
        for sentence, verdict in zip(judged.claims.sentences, judged.verdicts, strict=True)
    ]
    told = {"item": result.key.encode().decode(), **asdict(group), **asdict(scoring_by(model))}
    return orjson.dumps({**told, "claims": claims}) + b"\n"


def learn_claims(file: Path, asked: Asked, *, output: Path) -> int:
    """Writes what labelled claims teach, with what it would have kept of them."""
    rows = list(_rows(file))
    whole = [row for row in rows if row.response is not None]
    responses = [row.response for row in rows if row.response is not None]
    scorings = sorted({row.scoring for row in whole}, key=str)
    if not responses:
        raise ConfigurationError(f"{file} has no response with a label for each of its claims")
    if len(scorings) > 1:
        raise ConfigurationError(
            f"{file} has claims that were scored differently: {scorings[0]} and {scorings[1]}"
        )
    filters = learned(responses, scorings[0], asked.guarantee, asked.error_rate)
    output.write_text(filters.text() + "\n", encoding="utf-8")
    _show(filters, responses)
    left_out = len(rows) - len(whole)
    print(
        f"{filters.name} of {len(responses)} labelled responses in {output}, {left_out} without a "
        "label for each claim left out"
    )
    print("set claims.filter_file to it")
    return OK


def _show(filters: ClaimFilters, responses: list[LabelledResponse]) -> None:
    shown = table("task kind", "language", "responses>", "claims>", "true>", "kept>", "threshold")
    for group in sorted(filters.labels):
        claims = [claim for one in responses if one.group == group for claim in one.claims]
        promise = filters.promise(filters.scoring, group)
        shown.add_row(
            group.task_kind.value,
            group.language or "-",
            str(filters.labels[group]),
            str(len(claims)),
            _percent(sum(claim.true for claim in claims), len(claims)),
            "-"
            if isinstance(promise, Absence)
            else _percent(sum(promise.keeps(claim.score) for claim in claims), len(claims)),
            _threshold(promise),
        )
    out().print(shown)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _threshold(promise: ClaimPromise | Absence) -> str:
    if isinstance(promise, Absence):
        return "too few responses"
    return "keeps all" if promise.threshold is None else f"{promise.threshold:.4f}"


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A line; None where a claim of the response has no label."""

    item: str
    scoring: ClaimScoring
    response: LabelledResponse | None


def _rows(file: Path) -> Iterator[_Labelled]:
    """Every line; ConfigurationError where one is none, or a response is there twice."""
    seen: set[str] = set()
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = _labelled(orjson.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{file}:{number}: no labelled claims: {error}") from error
        if row.item in seen:
            raise ConfigurationError(f"{file}:{number}: a response that is there twice counts once")
        seen.add(row.item)
        yield row


def _labelled(row: Mapping[str, object]) -> _Labelled:
    scoring = ClaimScoring(*(str(row[name]) for name in ("metric", "version", "model")))
    group = ClaimGroup(TaskKind(str(row["task_kind"])), str(row["language"]))
    given = row["claims"]
    if not isinstance(given, list):
        raise TypeError("claims is no list")
    claims = [_claim(one) for one in given]
    known = tuple(claim for claim in claims if claim is not None)
    whole = known and len(known) == len(claims)
    return _Labelled(str(row["item"]), scoring, LabelledResponse(group, known) if whole else None)


def _claim(given: Mapping[str, object]) -> ScoredClaim | None:
    """None where nobody has said whether it is true."""
    score = float(str(given["score"]))
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"a score of {score} is not in [0, 1]")
    true = label_of(given, "true")
    return None if true is None else ScoredClaim(score, true=true == 1)
