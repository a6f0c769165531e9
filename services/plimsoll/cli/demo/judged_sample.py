"""The pairs that the demonstration has judged, by whom, and what is known of those beforehand.

Each judge stands for one whose judgements were recorded: it goes by the ID and the price of a model
on Bedrock, and what it says is what the recorded one said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plimsoll.adapters.emulator.recorded import Pair, recorded_pairs
from plimsoll.calibration.judges.table import TaskKey
from plimsoll.cli.sample import Sample, SampleLabel
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Message, Response, TaskKind
from plimsoll.domain.verdicts import JudgeKey
from plimsoll.settings.rubric_files import shipped_rubrics

PANEL, RUBRIC = "judges", "preference"
TASK = TaskKey("en", "1")
# Learned from recorded judgements of other pairs.
TABLE = Path(__file__).parents[2] / "sample" / "judges.json"
_TENANT, _SET = "demo", "llmbar"


@dataclass(frozen=True, slots=True)
class DemoJudge:
    """Its name in the settings, the recorded judge that speaks, and the model that it goes by."""

    name: str
    recorded: str
    model: str

    @property
    def panel(self) -> str:
        """The panel that asks it alone."""
        return f"{self.name}_alone"


JUDGES = (
    DemoJudge("gpt4", "GPT-4/Vanilla", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    DemoJudge("palm2", "PaLM2/Vanilla", "us.amazon.nova-pro-v1:0"),
    DemoJudge("chatgpt", "ChatGPT/Vanilla", "us.amazon.nova-lite-v1:0"),
)


def judge_key(judge: DemoJudge) -> JudgeKey:
    """What its reliability is kept under."""
    rubric = shipped_rubrics()[RUBRIC]
    return JudgeKey(rubric.name, rubric.version, judge.model, TASK.language, TASK.task_version)


def judged_sample() -> Sample:
    """One result a pair, right where people prefer it to the other; pairs that all have judged."""
    pairs = [pair for pair in recorded_pairs() if _is_whole(pair)]
    results = tuple(map(_result, pairs))
    labels = {
        result.key: SampleLabel(int(pair.better == 1), _SET, pair.id)
        for result, pair in zip(results, pairs, strict=True)
    }
    return Sample(results, labels)


def _is_whole(pair: Pair) -> bool:
    return all(
        set(pair.judges.get(judge.recorded, ())) <= {1, 2} and judge.recorded in pair.judges
        for judge in JUDGES
    )


def _result(pair: Pair) -> LlmResult:
    return LlmResult(
        key=ResultKey(_TENANT, pair.id),
        messages=(Message("user", pair.prompt),),
        response=Response(text=pair.first),
        comparison=Response(text=pair.second),
        language=TASK.language,
        task_kind=TaskKind.OPEN_QA,
    )
