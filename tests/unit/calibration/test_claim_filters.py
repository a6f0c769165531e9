"""What labels teach of which claims to keep: what it promises, and where it promises nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.calibration.claim_filters import (
    ClaimFilters,
    LabelledResponse,
    learned,
    parse_claim_filters,
)
from plimsoll.calibration.conformal_claims import ScoredClaim
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise, ClaimScoring
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import TaskKind

ENGLISH = ClaimGroup(TaskKind.SUMMARIZATION, "en")
ITALIAN = ClaimGroup(TaskKind.SUMMARIZATION, "it")
ANSWERS = ClaimGroup(TaskKind.GROUNDED_QA, "en")
BY_A = ClaimScoring("claim_faithfulness", "1", "a@1")
ALL_TRUE, FALSE_SHARE = ClaimGuarantee.ALL_TRUE, ClaimGuarantee.FALSE_SHARE


def responses(count: int, group: ClaimGroup = ENGLISH) -> list[LabelledResponse]:
    """Response i of n has a false claim that scores i/n and a true one that scores 1."""
    return [
        LabelledResponse(
            group, (ScoredClaim(place / count, true=False), ScoredClaim(1.0, true=True))
        )
        for place in range(1, count + 1)
    ]


def taught(*given: LabelledResponse, rate: float = 0.1) -> ClaimFilters:
    """The filters of some labelled responses."""
    return learned(given, BY_A, ALL_TRUE, rate)


def why_not(outcome: ClaimPromise | Absence) -> str:
    """Why nothing is promised: always `abstained`, so that only the detail differs."""
    assert isinstance(outcome, Absence), outcome
    assert outcome.reason is AbsenceReason.ABSTAINED
    return outcome.detail


def test_the_promise_says_rate_labels_and_threshold() -> None:
    """Of fifty responses at a tenth the 46th smallest false claim decides."""
    promise = taught(*responses(50)).promise(BY_A, ENGLISH)
    assert promise == ClaimPromise(ALL_TRUE, 0.1, 50, 46 / 50)
    assert isinstance(promise, ClaimPromise)
    assert (promise.keeps(46 / 50), promise.keeps(47 / 50)) == (False, True)


def test_claims_that_are_scored_otherwise_get_no_promise() -> None:
    """Another version of the metric, or another model, orders claims in another way."""
    filters = taught(*responses(50))
    for other in (replace(BY_A, version="2"), replace(BY_A, model="b@1")):
        assert "learned of claim_faithfulness/1 by a@1" in why_not(filters.promise(other, ENGLISH))


def test_another_task_or_language_gets_no_promise() -> None:
    """Nothing is borrowed: not from summaries for answers, and not from English for Italian."""
    filters = taught(*responses(50))
    for other in (ITALIAN, ANSWERS, ClaimGroup(TaskKind.UNSPECIFIED, "")):
        assert str(other) in why_not(filters.promise(BY_A, other))


def test_a_group_with_too_few_labels_gets_no_promise() -> None:
    """Eight responses do not bear a tenth, whatever others bear; nine do."""
    filters = taught(*responses(9), *responses(8, ITALIAN))
    assert filters.promise(BY_A, ENGLISH) == ClaimPromise(ALL_TRUE, 0.1, 9, 1.0)
    said = why_not(filters.promise(BY_A, ITALIAN))
    assert said == "8 labelled responses of summarization (it), 0.1 takes 9"


@pytest.mark.parametrize(("rate", "needed"), [(0.1, 9), (0.05, 19), (0.3, 3), (0.01, 99)])
def test_nothing_is_learned_of_too_few(rate: float, needed: int) -> None:
    """One fewer than ceil(1 / rate) - 1 is refused, and the message says how many it takes."""
    taught(*responses(needed), rate=rate)
    with pytest.raises(ConfigurationError, match=f"takes {needed} labelled responses"):
        taught(*responses(needed - 1), rate=rate)


def test_where_nothing_was_false_all_is_kept() -> None:
    """No threshold is needed, and none is made up."""
    true = LabelledResponse(ENGLISH, (ScoredClaim(0.1, true=True),))
    promise = taught(*[true] * 20).promise(BY_A, ENGLISH)
    assert isinstance(promise, ClaimPromise)
    assert promise.threshold is None
    assert promise.keeps(0.0)


def test_a_share_is_promised_by_a_milder_threshold() -> None:
    """Half of each response's claims being false, a share of 0.3 keeps more than 0.3 in full."""
    strict = learned(responses(50), BY_A, ALL_TRUE, 0.3).promise(BY_A, ENGLISH)
    mild = learned(responses(50), BY_A, FALSE_SHARE, 0.3).promise(BY_A, ENGLISH)
    assert isinstance(strict, ClaimPromise)
    assert isinstance(mild, ClaimPromise)
    assert mild.guarantee is FALSE_SHARE
    assert strict.threshold is not None
    assert mild.threshold is not None
    assert mild.threshold < strict.threshold


def test_the_order_of_labels_does_not_matter_and_the_file_says_it_all() -> None:
    """Shuffled responses make the same artefact; what is read back promises the same."""
    given = [*responses(50), *responses(8, ITALIAN), *responses(20, ANSWERS)]
    filters = taught(*given)
    assert taught(*reversed(given)) == filters
    read = parse_claim_filters(filters.text())
    assert read == filters
    assert read.name == filters.name
    assert read.name.startswith("claims-")


def test_everything_that_moves_a_mark_moves_the_name() -> None:
    """Rate, guarantee, what scores, and labels: the artefact's hash tells each apart."""
    given = responses(50)
    names = {
        taught(*given).name,
        taught(*given, rate=0.2).name,
        taught(*responses(51)).name,
        learned(given, BY_A, FALSE_SHARE, 0.1).name,
        learned(given, replace(BY_A, model="b@1"), ALL_TRUE, 0.1).name,
    }
    assert len(names) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"schema": 1', '"schema": 2'),
        ('"all_true"', '"unspecified"'),
        ('"all_true"', '"most_true"'),
        ('"error_rate": 0.1', '"error_rate": 1.0'),
        ('"error_rate": 0.1', '"error_rate": NaN'),
        ('"error_rate": 0.1', '"error_rate": 0.001'),
        ('"threshold": 0.92', '"threshold": 1.5'),
        ('"threshold": 0.92', '"threshold": NaN'),
        ('"threshold": 0.92', '"treshold": 0.92'),
        ('"labels": 50', '"labels": 8'),
        ('"version": "1"', '"release": "1"'),
        ('"summarization"', '"poetry"'),
        ("{", "["),
    ],
)
def test_a_broken_artefact_is_a_configuration_error(old: str, new: str) -> None:
    """What is no artefact is refused when it is read, not when a result comes."""
    text = taught(*responses(50)).text()
    assert old in text
    with pytest.raises(ConfigurationError, match="learn it again"):
        parse_claim_filters(text.replace(old, new, 1))


def test_a_group_is_listed_once() -> None:
    """Two thresholds for one task kind and language are none."""
    text = taught(*responses(50), *responses(50, ITALIAN)).text()
    with pytest.raises(ConfigurationError, match="listed twice"):
        parse_claim_filters(text.replace('"it"', '"en"'))
