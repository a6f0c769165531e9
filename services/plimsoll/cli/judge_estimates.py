"""What judging would take, of a file or of a span of the topic: `plimsoll judges estimate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from plimsoll.adapters.judges import NamedJudge, open_judges
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.cli.failures import OK
from plimsoll.cli.judging import panels_asked, plan_of_command, results_of
from plimsoll.cli.progress import counting
from plimsoll.cli.spans import Counted, Span, results_in
from plimsoll.cli.terminal import out, print_json, table
from plimsoll.domain.absence import Absence
from plimsoll.domain.judging import Price
from plimsoll.domain.plan import Plan
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.judging.questions import Question, estimated_tokens, questions
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.model import Settings


@dataclass(slots=True)
class Estimated:
    """What one judge would be asked; money None is unknown, hours None is without a quota."""

    judge: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens_at_most: int = 0
    usd_at_most: float | None = None
    hours: float | None = None

    def add(self, asked: Sequence[Question], panel: Panel) -> None:
        """One more result of a panel."""
        self.calls += len(asked)
        self.input_tokens += estimated_tokens([question.call for question in asked])
        self.output_tokens_at_most += len(asked) * panel.max_output_tokens

    def price(self, price: Price | None, settings: JudgeSettings) -> None:
        """Puts money and time to what was counted."""
        if price is not None:
            spent = self.input_tokens * price.input_usd
            self.usd_at_most = (spent + self.output_tokens_at_most * price.output_usd) / 1_000
        minutes = []
        if self.judge in settings.requests_per_minute:
            minutes.append(self.calls / settings.requests_per_minute[self.judge])
        if self.judge in settings.tokens_per_minute:
            tokens = self.input_tokens + self.output_tokens_at_most
            minutes.append(tokens / settings.tokens_per_minute[self.judge])
        self.hours = max(minutes) / 60 if minutes else None


class Estimate:
    """Adds up what a plan's panels would be asked, result by result; asks nobody."""

    def __init__(self, plan: Plan, judges: Mapping[str, NamedJudge]) -> None:
        self._plan = plan
        self._judges = judges
        self._found = {name: Estimated(name) for name in judges}
        self.results = 0

    def add(self, result: LlmResult) -> None:
        """One more result."""
        self.results += 1
        for panel in panels_asked(self._plan, result):
            for name in panel.judges:
                judge = self._judges[name]
                traits = judge.connection.traits(judge.model)
                asked = questions(panel, judge.model, traits, result)
                if not isinstance(asked, Absence):
                    self._found[name].add(asked, panel)

    def priced(self, settings: JudgeSettings) -> Sequence[Estimated]:
        """Every judge with what it would be asked, and what that takes."""
        for name, one in self._found.items():
            judge = self._judges[name]
            one.price(judge.connection.traits(judge.model).price, settings)
        return list(self._found.values())


def estimate_file(
    file: Path, columns: str, plan_file: Path | None, settings: Settings, *, as_json: bool
) -> int:
    """Calls, tokens, money and hours of judging a file, before anything is spent."""
    estimate = _estimate(plan_file, settings)
    for result, _ in results_of(file, columns):
        estimate.add(result)
    _tell(estimate, settings, {}, as_json=as_json)
    return OK


async def estimate_span(
    span: Span, plan_file: Path | None, settings: Settings, *, as_json: bool
) -> int:
    """The same of what stands on the topic of results; joins no group and commits nothing."""
    estimate, counted = _estimate(plan_file, settings), Counted()
    with counting() as progress:
        bar = progress.add_task("reading records", total=None)
        async for result in results_in(span, settings, counted):
            estimate.add(result)
            progress.update(bar, total=counted.asked, completed=counted.read)
    _tell(estimate, settings, asdict(counted), as_json=as_json)
    if not as_json:
        print(counted.said)
    return OK


def _estimate(plan_file: Path | None, settings: Settings) -> Estimate:
    plan = plan_of_command(plan_file, settings)
    return Estimate(plan, open_judges(settings.bedrock, settings.openai, PrometheusTelemetry()))


def _tell(
    estimate: Estimate, settings: Settings, records: Mapping[str, int], *, as_json: bool
) -> None:
    found = estimate.priced(settings.judges)
    if as_json:
        counts = {"records": records} if records else {}
        judges = [asdict(one) for one in found]
        print_json({"results": estimate.results, **counts, "judges": judges})
    else:
        _show(estimate.results, found)


def _show(results: int, found: Sequence[Estimated]) -> None:
    shown = table(
        "judge", "calls>", "tokens in>", "tokens out, at most>", "US$, at most>", "hours>"
    )
    for one in found:
        shown.add_row(
            one.judge,
            f"{one.calls:,}",
            f"{one.input_tokens:,}",
            f"{one.output_tokens_at_most:,}",
            "unknown" if one.usd_at_most is None else f"{one.usd_at_most:,.2f}",
            "no quota set" if one.hours is None else f"{one.hours:,.2f}",
        )
    out().print(shown)
    print(f"{results} results; nobody was asked. Where a verdict is settled less is asked.")
