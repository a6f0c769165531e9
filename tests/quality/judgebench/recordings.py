"""Recorded judgements of pairs: what judges said in both orders, what people said, what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plimsoll.adapters.emulator.recorded import recorded_pairs
from plimsoll.calibration.judges.panel import Preference, both_orders, preference_value
from plimsoll.calibration.judges.rates import Audited
from plimsoll.calibration.judges.table import ReliabilityTable, TaskKey, learned
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.verdicts import Estimator, JudgeKey, JurorVerdict, LabelledVerdict
from tests.quality.public_data import records

TASK = TaskKey("en", "llmbar")
FOLDS = 5
SEED = 20_260_101
ORDERS = ("12", "21")
BOTH = "both"
# What a token of a prompt cost with each model, relative to the others: list prices of late 2023
# per million (GPT-4 30 US dollars, gpt-3.5-turbo 1.5, text-bison 1, Llama 2 70B on Bedrock 2);
# Falcon 180B had none, and is set by its size.
PRICES = {"GPT-4": 30.0, "Falcon": 5.0, "LLaMA2": 2.0, "ChatGPT": 1.5, "PaLM2": 1.0}
MODELS = tuple(PRICES)


@dataclass(frozen=True, slots=True)
class Recording:
    """One pair: preferences by model in both orders, whether the first is better, and its length.

    A preference is a verdict on the claim that the first response is the better one.
    """

    item: str
    right: bool
    said: dict[str, tuple[Preference | Absence, Preference | Absence]]
    characters: int

    def verdict(self, model: str, order: str) -> JurorVerdict:
        """The verdict of a model in one order, or in both."""
        first, second = self.said[model]
        chosen = {"12": first, "21": second}.get(order) or both_orders(first, second)
        return JurorVerdict(juror(model, order), preference_value(chosen), Estimator.SINGLE_SHOT)

    def price(self, model: str, order: str) -> float:
        """Of asking that: both orders are two calls."""
        return PRICES[model] * self.characters * (2.0 if order == BOTH else 1.0)


def juror(model: str, order: str) -> JudgeKey:
    """A model that is asked in some order is a judge of its own: position moves verdicts."""
    return JudgeKey(f"pairwise/{order}", "vanilla", model, TASK.language, TASK.task_version)


def recordings(folder: Path) -> list[Recording]:
    """LLMBar's pairs in a data folder, in the order of their IDs."""
    found = [
        Recording(
            item=record["group"],
            right=bool(record["label"]),
            said={
                model: _both(
                    record["judges"][f"{model}/Vanilla"][f"order_{order}"] for order in ORDERS
                )
                for model in MODELS
            },
            characters=sum(len(record[part]) for part in ("prompt", "response", "response_b")),
        )
        for record in records(folder, "pairwise_judging")
        if record["dataset"].startswith("llmbar")
    ]
    return sorted(found, key=lambda recording: recording.item)


def shipped_recordings() -> list[Recording]:
    """The pairs that the emulator ships."""
    return [
        Recording(
            item=pair.id,
            right=pair.better == 1,
            said={
                model: _both(
                    str(said) if said else None
                    for said in pair.judges.get(f"{model}/Vanilla", (0, 0))
                )
                for model in MODELS
            },
            characters=len(pair.prompt) + len(pair.first) + len(pair.second),
        )
        for pair in recorded_pairs()
    ]


def _both(said: Iterable[str | None]) -> tuple[Preference | Absence, Preference | Absence]:
    first, second = map(_preference, said)
    return first, second


def _preference(said: str | None) -> Preference | Absence:
    if said is None:
        return Absence(AbsenceReason.PARSE_FAILED, "no preference was recorded")
    return Preference.A if said == "1" else Preference.B


def folds(items: Sequence[Recording]) -> np.ndarray:
    """A fold for each pair; pairs of one item share it."""
    names = sorted({recording.item for recording in items})
    order = np.random.default_rng(SEED).permutation(len(names))
    fold_of = {names[place]: n % FOLDS for n, place in enumerate(order)}
    return np.array([fold_of[recording.item] for recording in items])


def learned_from(items: Iterable[Recording], asked: Sequence[tuple[str, str]]) -> ReliabilityTable:
    """The table of those judges on those pairs."""
    given = list(items)
    verdicts = []
    for recording in given:
        for model, order in asked:
            verdict = recording.verdict(model, order)
            if verdict.passed is not None:
                verdicts.append(
                    LabelledVerdict(verdict.judge, recording.item, verdict.passed, recording.right)
                )
    right = sum(recording.right for recording in given)
    return learned(verdicts, {TASK: Audited(right, len(given) - right)})
