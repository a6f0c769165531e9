"""The shipped sample: what it holds, what it must not hold, and how well the prior does on it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import numpy as np
import pytest

from plimsoll.calibration.statistics import auroc, ece, null_ece, risk_at
from tests.quality.build_sample import SAMPLE
from tests.quality.fit_prior import PACKAGE, SOURCES
from tests.quality.public_data import sources
from tests.quality.selection import PER_SET, SAMPLE_SETS
from tests.quality.shipped import Shipped, shipped

# The file grows the package that everybody installs.
MAX_BYTES = 1_000_000


def of_set(name: str) -> list[Shipped]:
    """The sample's results of one set."""
    return [item for item in shipped() if item.set_name == name]


def labels_of(items: list[Shipped]) -> list[int]:
    """The labels of some results."""
    return [item.label for item in items]


def test_the_sample_is_sixty_of_each_of_five_sets() -> None:
    """Three hundred results, each with its label, in less than a megabyte."""
    assert Counter(item.set_name for item in shipped()) == dict.fromkeys(SAMPLE_SETS, PER_SET)
    assert {item.label for item in shipped()} == {0, 1}
    assert (SAMPLE / "results.jsonl.gz").stat().st_size < MAX_BYTES


def test_what_made_a_label_is_not_in_the_sample() -> None:
    """No result carries a reference answer, a supplied test, a label or a grade."""
    for item in shipped():
        assert item.result.expectations is None
        assert item.result.code is None or item.result.code.tests == ()
        assert item.result.attributes == ()


def test_every_set_has_its_notice() -> None:
    """Owner, repository and licence of each set are named beside the data."""
    notice = (SAMPLE / "NOTICE").read_text(encoding="utf-8")
    for name in SAMPLE_SETS:
        assert f"{name}-" in notice
    for owner in ("zlin7/UQ-NLG", "RUCAIBox/HaluEval", "microsoft/CodeT", "salesforce/factualNLG"):
        assert f"github.com/{owner}" in notice


def test_the_prior_never_saw_a_question_of_the_sample() -> None:
    """No hash of a question, document, function or group of the sample is among the prior's."""
    text = SOURCES.read_text(encoding="utf-8")
    document = json.loads((PACKAGE / "calibration" / "prior.json").read_text(encoding="utf-8"))
    assert hashlib.sha256(text.encode()).hexdigest() == document["data"]["sources_sha256"]
    seen = set(text.split())
    assert len(seen) > 1_000
    leaked = [i.result.key.result_id for i in shipped() if sources(i.result, i.group) & seen]
    assert leaked == []


def test_the_same_question_has_the_same_hash_under_any_spelling() -> None:
    """Case, punctuation and the set's name do not hide a shared question."""
    item = shipped()[0]
    message = item.result.messages[0]
    loud = f"  {message.text.upper()}!!"
    shouted = type(item.result)(
        key=item.result.key,
        response=item.result.response,
        messages=(type(message)(role="user", text=loud),),
    )
    assert sources(shouted, "another_set:000000000000") & sources(item.result, item.group)


def test_the_mean_auroc_over_sets_reaches_its_aim() -> None:
    """0.70 or better as the mean over five sets, so that base rates between sets do not help."""
    figures = [
        auroc(labels_of(of_set(name)), [item.point for item in of_set(name)])
        for name in SAMPLE_SETS
    ]
    assert np.mean(figures) >= 0.70


def test_the_prior_beats_length() -> None:
    """In the mean over sets it tells more than the length of the response does."""
    gains = []
    for name in SAMPLE_SETS:
        items, labels = of_set(name), labels_of(of_set(name))
        length = [item.scores["response_length"].value or 0.0 for item in items]
        gains.append(auroc(labels, [item.point for item in items]) - auroc(labels, length))
    assert np.mean(gains) > 0.1


def test_keeping_the_best_lowers_the_error_rate() -> None:
    """The top 60 % by lower bound hold fewer errors than all, and the top 40 % fewer still."""
    estimates = [item.confidence.estimate for item in shipped()]
    bounds = [0.0 if e is None else e.interval.lower for e in estimates]
    labels = labels_of(list(shipped()))
    rates = [risk_at(labels, bounds, coverage) for coverage in (1.0, 0.6, 0.4)]
    assert rates[0] > rates[1] + 0.05
    assert rates[1] > rates[2]


def test_the_prior_is_no_further_off_than_its_intervals_say() -> None:
    """Its calibration error on unseen sets is within 0.10 of what chance alone makes."""
    points = [item.point for item in shipped()]
    labels = labels_of(list(shipped()))
    assert ece(labels, points) < null_ece(points, np.random.default_rng(1)) + 0.10


@pytest.mark.parametrize("name", sorted(SAMPLE_SETS))
def test_every_result_has_a_confidence_or_says_why_not(name: str) -> None:
    """Only an empty response goes without a number."""
    for item in of_set(name):
        assert (item.confidence.estimate is None) == (not item.result.response.text.strip())
