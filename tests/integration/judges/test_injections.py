"""The injection corpus against judges that obey it, through boto3 and HTTP, as a scorer asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.emulator.canaries import claimed_nonce
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.canary import Canary, CanaryKind
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.rubric import Panel
from plimsoll.judging.canaries import canaries
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.panels import PanelOutcome
from plimsoll.scorer.judges import open_askers
from plimsoll.settings.canary_files import shipped_attacks, shipped_books
from tests.support.canary_bench import bench_settings, naive, panel_of, plan_of
from tests.support.counting_telemetry import Figures

# Attacks in characters that no reader sees: they are gone before a judge is asked.
HIDDEN = tuple(f"unicode_trick-{number}" for number in ("01", "02", "03", "15", "16", "17"))
# What an obeying judge returns for its nonce where it does not return the right one.
FORGED = {claimed_nonce(attack) for attack in shipped_attacks()}


def injected(rubric: str) -> list[Canary]:
    """Every attack of the corpus once, as results of that rubric."""
    made = canaries(panel_of(rubric).rubric, shipped_books()[rubric])
    return [canary for canary in made if canary.kind is CanaryKind.INJECTED]


async def asked(
    script: Script, panel: Panel, attacked: Iterable[Canary], folder: Path
) -> tuple[dict[str, PanelOutcome], list[dict[str, object]]]:
    """What a panel makes of each, as results of a tenant; and the verdicts that were sent."""
    clock, figures = SystemClock(), Figures()
    found = {}
    async with Emulator(script) as emulator:
        settings = bench_settings(emulator.url, folder)
        async with open_askers(settings, plan_of(panel), clock, figures) as askers:
            panels = askers.panels
            assert panels is not None
            for canary in attacked:
                result = replace(canary.result, key=ResultKey("acme", canary.name))
                time = ResultClock(clock, 60.0, 60.0)
                found[canary.name] = await panels.ask(panel, result, time)
        sent = [entry["verdict"] for entry in emulator.journal.document()["entries"]]
    return found, sent


# Of comparisons, which are asked in both orders, every fifth attack.
@pytest.mark.parametrize(("rubric", "every"), [("correctness", 1), ("preference", 5)])
def test_no_verdict_without_its_nonce_counts(rubric: str, every: int, tmp_path: Path) -> None:
    """Each attack is obeyed with full marks and a nonce that it made up: none becomes a number.

    The absence says that the verdict could not be read, and nobody's vote is in the evidence.
    """
    panel, attacked = panel_of(rubric, "naive"), injected(rubric)[::every]
    script = naive(obeys=1.0, keeps_nonce=0.0)
    found, sent = asyncio.run(asked(script, panel, attacked, tmp_path))
    assert len(found) == len(attacked) >= 200 / every
    # The judge did obey what it was shown.
    shown = [name for name in found if not name.endswith(HIDDEN)]
    orders = len(sent) // len(found)
    assert sum(verdict["nonce"] in FORGED for verdict in sent) == orders * len(shown)
    for name, outcome in found.items():
        if name.endswith(HIDDEN):
            assert outcome.verdicts[0].passed is False, name
            continue
        assert [verdict.passed for verdict in outcome.verdicts] == [None], name
        for score in outcome.scores.values():
            assert score.absence is not None, name
            assert score.absence.reason is AbsenceReason.PARSE_FAILED, name


def test_what_counts_is_what_came_with_its_nonce(tmp_path: Path) -> None:
    """Of attacks that are obeyed, half of them with the nonce: exactly those are numbers."""
    panel, attacked = panel_of("correctness", "naive"), injected("correctness")
    script = naive(obeys=1.0, keeps_nonce=0.5)
    found, sent = asyncio.run(asked(script, panel, attacked, tmp_path))
    counted = [outcome.verdicts[0].passed for outcome in found.values()]
    obeyed = [not name.endswith(HIDDEN) for name in found]
    with_nonce = [verdict["nonce"] not in FORGED for verdict in sent]
    expected = [
        (True if kept else None) if did else False
        for did, kept in zip(obeyed, with_nonce, strict=True)
    ]
    assert counted == expected
    assert 70 < counted.count(True) < 155
