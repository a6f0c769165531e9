"""Claims of real responses, labelled by people: what is kept is as true as promised."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import comb

import pytest

from plimsoll.calibration.claim_filters import LabelledResponse, learned
from plimsoll.calibration.conformal_claims import ScoredClaim
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise, ClaimScoring
from plimsoll.domain.result import TaskKind
from tests.house.tree import ROOT
from tests.quality.build_claims import CLAIMS

GROUP = ClaimGroup(TaskKind.OPEN_QA, "en")
SCORING = ClaimScoring("support_by_other_models", "1", "")
MODELS = ("ChatGPT", "InstructGPT", "PerplexityAI")
RATES = (0.1, 0.2, 0.3)
ALL_TRUE, FALSE_SHARE = ClaimGuarantee.ALL_TRUE, ClaimGuarantee.FALSE_SHARE
SPLITS = 50
PAGE = ROOT / "docs" / "operations.md"


@cache
def responses() -> dict[str, tuple[LabelledResponse, ...]]:
    """Biographies by the model that wrote them, in the order of their topics."""
    found: dict[str, list[LabelledResponse]] = defaultdict(list)
    for line in CLAIMS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        claims = tuple(ScoredClaim(score, true=label == 1) for score, label in row["claims"])
        found[row["model"]].append(LabelledResponse(GROUP, claims))
    return {model: tuple(of_model) for model, of_model in found.items()}


@dataclass(frozen=True)
class Outcome:
    """Of responses that taught nothing: how many, in how many a false claim is kept, and shares."""

    new: int
    broken: int
    mean_false_share: float
    kept: float


def outcome(model: str, guarantee: ClaimGuarantee, rate: float, seed: int) -> Outcome:
    """Half of a model's biographies teach, and the other half is held against the promise."""
    mixed = list(responses()[model])
    random.Random(seed).shuffle(mixed)
    half = len(mixed) // 2
    promise = learned(mixed[:half], SCORING, guarantee, rate).promise(SCORING, GROUP)
    assert isinstance(promise, ClaimPromise)
    assert promise.labels == half
    new = mixed[half:]
    false = [
        sum(not claim.true and promise.keeps(claim.score) for claim in one.claims) for one in new
    ]
    claims = [claim for one in new for claim in one.claims]
    return Outcome(
        new=len(new),
        broken=sum(map(bool, false)),
        mean_false_share=sum(n / len(one.claims) for n, one in zip(false, new, strict=True))
        / len(new),
        kept=sum(promise.keeps(claim.score) for claim in claims) / len(claims),
    )


def outcomes(model: str, guarantee: ClaimGuarantee, rate: float) -> list[Outcome]:
    """Over fifty splits."""
    return [outcome(model, guarantee, rate, seed) for seed in range(SPLITS)]


def tail(broken: int, of: int, rate: float) -> float:
    """P(so many or more) where each is broken with that probability."""
    return sum(comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(broken, of + 1))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rate", RATES)
def test_all_kept_claims_are_true_as_often_as_promised(model: str, rate: float) -> None:
    """In the first split within the binomial bound, and over fifty splits on average."""
    found = outcomes(model, ALL_TRUE, rate)
    first = found[0]
    assert tail(first.broken, first.new, rate) > 0.01
    assert sum(one.broken / one.new for one in found) / SPLITS <= rate


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rate", RATES)
def test_the_share_of_claims_kept_and_false_is_as_small_as_promised(
    model: str, rate: float
) -> None:
    """Over fifty splits on average, while more claims are kept than where all have to be true."""
    found = outcomes(model, FALSE_SHARE, rate)
    assert sum(one.mean_false_share for one in found) / SPLITS <= rate
    strict = outcomes(model, ALL_TRUE, rate)
    assert all(mild.kept >= one.kept for mild, one in zip(found, strict, strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_something_is_kept(model: str) -> None:
    """The promise is not kept by dropping everything, and keeping everything would break it."""
    found = outcomes(model, ALL_TRUE, 0.1)
    assert sum(one.kept for one in found) / SPLITS > 0.15
    everything = sum(not all(c.true for c in one.claims) for one in responses()[model])
    assert everything / len(responses()[model]) > 0.3


@pytest.mark.parametrize("model", MODELS)
def test_the_published_figures_are_these(model: str) -> None:
    """docs/operations.md has the row of each model, as it comes out here."""
    claims = [claim for one in responses()[model] for claim in one.claims]
    strict, mild = outcomes(model, ALL_TRUE, 0.1), outcomes(model, FALSE_SHARE, 0.1)

    def mean(values: list[float]) -> str:
        return f"{sum(values) / SPLITS:.0%}".replace("%", " %")

    cells = [
        model,
        str(len(responses()[model])),
        f"{sum(claim.true for claim in claims) / len(claims):.0%}".replace("%", " %"),
        mean([1 - one.broken / one.new for one in strict]),
        mean([one.kept for one in strict]),
        mean([one.mean_false_share for one in mild]),
        mean([one.kept for one in mild]),
    ]
    assert f"| {' | '.join(cells)} |" in PAGE.read_text(encoding="utf-8")


def test_the_labels_have_their_notice() -> None:
    """Repository, licence and owner are named beside the data, which holds no text of it."""
    notice = CLAIMS.with_name("NOTICE").read_text(encoding="utf-8")
    assert "github.com/google-deepmind/long-form-factuality" in notice
    assert "Copyright (c) 2023 Sewon Min" in notice
    assert set(responses()) == set(MODELS)
