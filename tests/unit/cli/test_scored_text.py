"""What people read of scored results: numbers first, reasons together, on a narrow terminal."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from plimsoll.cli.rendering import weakest_text
from plimsoll.cli.scored_json import scored_json
from plimsoll.cli.scored_text import print_scored
from plimsoll.cli.scores_table import scores_table
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimGuarantee, ClaimPromise
from plimsoll.domain.confidence import (
    Confidence,
    ConfidenceStatus,
    Decision,
    Estimate,
    Promise,
    Verdict,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Score, Strength
from plimsoll.domain.scored import ScoredResult

BOUNDS = Interval(0.7, 0.9, 0.9, IntervalKind.BOOTSTRAP)


def strength(auroc: float) -> Strength:
    """Measured on fifty labels."""
    return Strength(auroc, BOUNDS, 50, "somewhere", TaskKind.OPEN_QA, "en")


MISSING = Absence(AbsenceReason.INPUT_MISSING, "no context")
SCORED = ScoredResult(
    key=ResultKey("acme", "r-1"),
    score_id="s",
    revision=0,
    input_digest="d",
    plan_version="p",
    scores=(
        Score("strong_metric", "1", 0.25, strength=strength(0.9)),
        Score("weak_metric", "1", 1.0, strength=strength(0.6)),
        Score("first_missing", "1", MISSING),
        Score("second_missing", "1", MISSING),
        Score("never_meant", "1", Absence(AbsenceReason.NOT_APPLICABLE, "no code")),
    ),
    confidence=Confidence(
        Estimate(0.75, Interval(0.5, 0.9, 0.9, IntervalKind.CREDIBLE)),
        ConfidenceStatus.PRIOR,
        "p",
        900,
    ),
)


def with_claims(outcome: ClaimPromise | Absence, *claims: Claim) -> ScoredResult:
    """The same with a score whose claims are marked."""
    marked = Score("of_claims", "1", 0.5, claim_filter=ClaimFilter("claims-0", outcome, claims))
    return replace(SCORED, scores=(*SCORED.scores, marked))


def narrow() -> Console:
    """Eighty columns into memory."""
    return Console(file=StringIO(), width=80, color_system=None)


def printed(console: Console) -> str:
    """What was printed."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_metrics_without_a_number_are_told_by_their_reason() -> None:
    """Each reason once, with its metrics; those that widen the interval before the others."""
    console = narrow()
    print_scored(SCORED, console)
    text = printed(console)
    assert text.count("no context") == 1
    assert "first_missing, second_missing" in text
    assert "input_missing: 2 of 5 metrics" in text
    assert text.index("input_missing") < text.index("not_applicable: 1 of 5 metrics")
    assert text.index("strong_metric") < text.index("input_missing")


def test_marks_of_claims_say_what_they_promise() -> None:
    """How many are kept and where, at which rate, and from how many labelled responses."""
    claims = Claim(0, 18, 0.9, kept=True), Claim(19, 40, 0.1, kept=False)
    for guarantee, said in (
        (ClaimGuarantee.ALL_TRUE, "all of them are true in 0.9 of responses or more"),
        (ClaimGuarantee.FALSE_SHARE, "kept and false are 0.1 of a response's on average, or fewer"),
    ):
        console = narrow()
        print_scored(with_claims(ClaimPromise(guarantee, 0.1, 50, 0.5), *claims), console)
        text = " ".join(printed(console).split())
        told = f"claims kept 1 of 2, at 0-18: {said}, by 50 labelled responses (claims-0)"
        assert told in text


def test_no_promise_says_why() -> None:
    """The reason in words, in place of marks."""
    console = narrow()
    print_scored(with_claims(Absence(AbsenceReason.ABSTAINED, "no labels of code (en)")), console)
    told = "no promise about claims (claims-0): abstained, no labels of code (en)"
    assert told in " ".join(printed(console).split())


def test_a_row_fits_on_a_line() -> None:
    """How many have a value among those that apply, and the strongest of them."""
    console = narrow()
    console.print(scores_table([SCORED]))
    (row,) = [line for line in printed(console).splitlines() if "r-1" in line]
    assert "2/4" in row
    assert "strong_metric 0.25" in row
    assert "0.75 [0.50, 0.90]" in row


PROMISED = replace(
    SCORED,
    confidence=replace(
        SCORED.confidence,
        status=ConfidenceStatus.CALIBRATED,
        basis="0123456789abcdef",
        unlearned=Estimate(0.8, Interval(0.3, 0.95, 0.9, IntervalKind.CREDIBLE)),
        promises=(Promise(0.05, "certificate-a"), Promise(0.1, "certificate-b")),
    ),
    decision=Decision("strict", Verdict.ACCEPT, "promised", "certificate-a"),
)
STATES = {
    "certificate-a": CertificateState.REVOKED,
    "certificate-b": CertificateState.STANDING,
}


def test_promises_are_told_with_how_they_stand_now() -> None:
    """What the prior said, what was promised and became of it, and on what the verdict rests."""
    console = narrow()
    print_scored(PROMISED, console, STATES)
    text = " ".join(printed(console).split())
    assert "before labels 0.80 [0.30, 0.95]" in text
    told = "promised that at most 0.05 of such results are wrong, TAKEN BACK since (certificate-a)"
    assert told in text
    told = "promised that at most 0.1 of such results are wrong, which stands (certificate-b)"
    assert told in text
    assert "verdict accept by strict: promised, resting on certificate-a, TAKEN BACK since" in text


def test_a_file_that_was_scored_tells_of_no_states() -> None:
    """Where nobody was asked how certificates stand, nothing is said of it."""
    console = narrow()
    print_scored(PROMISED, console)
    text = " ".join(printed(console).split())
    assert "promised that at most 0.05 of such results are wrong (certificate-a)" in text


def test_programs_are_told_the_same() -> None:
    """Point and interval before labels, each promise with its state, and the certificate."""
    found = scored_json(PROMISED, STATES)
    confidence, decision = found["confidence"], found["decision"]
    assert isinstance(confidence, dict)
    assert confidence["basis"] == "0123456789abcdef"
    assert confidence["unlearned"]["point"] == 0.8
    assert confidence["promises"] == [
        {"error_rate": 0.05, "certificate": "certificate-a", "state": "revoked"},
        {"error_rate": 0.1, "certificate": "certificate-b", "state": "standing"},
    ]
    assert isinstance(decision, dict)
    assert decision["certificate"] == "certificate-a"
    plain = scored_json(SCORED)["confidence"]
    assert isinstance(plain, dict)
    assert not {"basis", "unlearned", "promises"} & set(plain)


def test_a_weakest_part_without_a_value_is_told_as_absent() -> None:
    """What costs the confidence most may be a metric that has no number to look for."""
    absent = replace(SCORED.confidence, weakest_metric="first_missing")
    console = narrow()
    print_scored(replace(SCORED, confidence=absent), console)
    assert "weakest part first_missing (absent)" in printed(console)
    there = replace(SCORED.confidence, weakest_metric="strong_metric")
    assert weakest_text(replace(SCORED, confidence=there)) == "strong_metric"
    assert weakest_text(SCORED) == ""
