"""What judging would take, of a file or of a span of the topic: `plimsoll judges estimate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from plimsoll.adapters.judges import NamedJudge, open_judges
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.cli.failures import OK
from plimsoll.cli.judging import panels_asked, plan_of_command, results_of
from plimsoll.cli.progress import counting
from plimsoll.cli.rendering import bound_text
from plimsoll.cli.spans import Counted, Span, results_in
from plimsoll.cli.terminal import out, print_json, table
from plimsoll.domain.absence import Absence
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.grounding import GUARDRAIL, UNIT
from plimsoll.domain.judging import JudgeCall, Price
from plimsoll.domain.plan import Resampling
from plimsoll.domain.result import LlmResult
from plimsoll.judging.questions import estimated_tokens, questions
from plimsoll.judging.sampling import calls, prompt
from plimsoll.metrics.inputs import first_missing
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.resampling import sampler_for
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.ports.metric import AskedMetric, Metric
from plimsoll.scorer.judges import asks_somebody, guardrail_of, serving
from plimsoll.scorer.tools import ToolSettings, build_tools
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

    def add(self, calls: Sequence[JudgeCall]) -> None:
        """What is asked of one more result."""
        self.calls += len(calls)
        self.input_tokens += estimated_tokens(calls)
        self.output_tokens_at_most += sum(call.max_output_tokens for call in calls)

    def add_check(self, call: JudgeCall) -> None:
        """One more check of a guardrail, which counts units."""
        self.calls += 1
        self.input_tokens += -(-sum(map(len, call.texts)) // UNIT) * UNIT

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
    """Adds up what a plan would have asked, result by result; asks nobody.

    `scorer` tells which metrics wait for alternatives.
    """

    def __init__(
        self, scorer: ResultScorer, judges: Mapping[str, NamedJudge], guardrail: NamedJudge | None
    ) -> None:
        self._scorer = scorer
        self._serving = serving({name: judge.model for name, judge in judges.items()})
        checks = {} if guardrail is None else {guardrail.name: guardrail}
        self._judges = {**judges, **checks}
        self._found = {name: Estimated(name) for name in self._judges}
        self.results = 0

    def add(self, result: LlmResult) -> None:
        """One more result."""
        self.results += 1
        allotment = self._scorer.allot(result)
        if allotment.waiting and allotment.rule.resampling is not None:
            self._add_alternatives(allotment.rule.resampling, result)
        if GUARDRAIL in self._judges:
            self._add_check(allotment.metrics, result)
        for panel in panels_asked(self._scorer.plan, result):
            for name in panel.judges:
                judge = self._judges[name]
                traits = judge.connection.traits(judge.model)
                asked = questions(panel, judge.model, traits, result)
                if not isinstance(asked, Absence):
                    self._found[name].add([question.call for question in asked])

    def _add_alternatives(self, how: Resampling, result: LlmResult) -> None:
        asked, name = prompt(result), sampler_for(how, result, self._serving)
        if name is None or isinstance(asked, Absence):
            return
        judge = self._judges[name]
        traits = judge.connection.traits(judge.model)
        self._found[name].add(calls(asked, how, judge.model, traits))

    def _add_check(self, metrics: Sequence[Metric], result: LlmResult) -> None:
        """Metrics that ask the same are one check."""
        asking = [
            metric.question(result)
            for metric in metrics
            if isinstance(metric, AskedMetric) and first_missing(metric.spec.needs, result) is None
        ]
        for call in dict.fromkeys(call for call in asking if not isinstance(call, Absence)):
            self._found[GUARDRAIL].add_check(call)

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
    plan, telemetry = plan_of_command(plan_file, settings), PrometheusTelemetry()
    if not asks_somebody(plan):
        raise ConfigurationError(
            "the plan asks no judge: no rule has panels, resampling or a metric of a guardrail; "
            "name a plan that has with --plan or scorer.plan_file"
        )
    tools = build_tools(ToolSettings.of(settings))
    metrics = registered_metrics(tools)
    return Estimate(
        ResultScorer(plan, metrics, Combination.load_prior(), tools),
        open_judges(settings.bedrock, settings.openai, telemetry),
        guardrail_of(settings, plan, telemetry),
    )


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
            "unknown" if one.usd_at_most is None else bound_text(one.usd_at_most),
            "no quota set" if one.hours is None else f"{one.hours:,.2f}",
        )
    out().print(shown)
    print(f"{results} results; nobody was asked. Where a verdict is settled less is asked.")
