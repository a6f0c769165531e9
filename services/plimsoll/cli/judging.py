"""What the commands on judges do: list, ask, learn."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import timedelta
from pathlib import Path

import orjson

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.judges import open_judges
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.judges.table import learned
from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.labels import label_of
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.cli.progress import counting
from plimsoll.cli.rendering import price_text
from plimsoll.cli.terminal import out, print_json, table
from plimsoll.cli.unknown_names import telling
from plimsoll.domain.absence import Absence
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.domain.plan import Plan
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.verdicts import JudgeKey, JurorVerdict, LabelledVerdict
from plimsoll.metrics.boilerplate import boilerplate
from plimsoll.metrics.inputs import first_missing
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.panels import PanelOutcome, PanelScorer
from plimsoll.scorer.judges import judge_models, open_askers, reliability
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan

# For one panel on one result, where nobody waits for the answer.
_PATIENCE_S = 600.0
# For a judge that is away or may not be asked, while somebody sits before the command.
_HOLD_S = 120.0


def list_judges(settings: Settings, *, as_json: bool) -> int:
    """Judges with their models, prices and standing."""
    known = reliability(settings.judges)
    judges = open_judges(settings.bedrock, settings.openai, PrometheusTelemetry())
    shown = table("judge", "model", "in / out, US$ per 1,000 tokens", "on labels")
    rows = []
    for name, judge in judges.items():
        price = judge.connection.traits(judge.model).price
        measured = [
            f"{key.rubric} {key.language or 'any'}: {known.counts_of(key).standing.value}"
            for key in sorted(known.judges)
            if key.model == judge.model
        ]
        cost = "unknown"
        if price is not None:
            cost = f"{price_text(price.input_usd)} / {price_text(price.output_usd)}"
        shown.add_row(name, judge.model, cost, "\n".join(measured) or "unmeasured")
        per_1000 = None if price is None else asdict(price)
        rows.append({"name": name, "model": judge.model, "price": per_1000, "measured": measured})
    if as_json:
        print_json(rows)
    elif not rows:
        print("no judge is configured: name some in bedrock.judges or openai.judges")
    else:
        out().print(shown)
    return OK


async def ask_file(
    file: Path,
    columns: str,
    plan_file: Path | None,
    settings: Settings,
    *,
    label: str,
    output: Path,
) -> int:
    """Asks every panel about every labelled result; one line a juror's verdict."""
    plan = plan_of_command(plan_file, settings)
    asked, labelled, without = 0, 0, Counter[str]()
    async with open_askers(settings, plan, SystemClock(), PrometheusTelemetry()) as askers:
        panels = askers.panels
        if panels is None:
            raise ConfigurationError(
                "the plan has no panel in any rule: name one that has with --plan or "
                "scorer.plan_file"
            )
        with output.open("wb") as written, counting() as progress:
            bar = progress.add_task("judging", total=None)
            for result, given in results_of(file, columns, {label}):
                right = label_of(given, label)
                labelled += right is not None
                for panel in panels_asked(plan, result) if right is not None else ():
                    outcome = await _not_held_out(panels, panel, result, plan.max_hold)
                    rows = [_row(v, result, right=bool(right)) for v in outcome.verdicts]
                    written.writelines(row for row in rows if row)
                    asked += sum(map(bool, rows))
                    without.update(_reasons(outcome.verdicts))
                progress.advance(bar)
    if not labelled:
        raise ConfigurationError(f"--label {label}: no result of {file} has a label there")
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(without.items()))
    left_out = f", {without.total()} left out ({told})" if told else ""
    print(f"{asked} verdicts in {output}{left_out}; now `plimsoll judges learn {output}`")
    return OK if asked else FAILED


async def _not_held_out(
    panels: PanelScorer, panel: Panel, result: LlmResult, max_hold: timedelta
) -> PanelOutcome:
    """What the panel says; RetryableError where a judge could not be asked for too long."""
    hold_s = min(_HOLD_S, max_hold.total_seconds())
    outcome = await panels.ask(panel, result, ResultClock(SystemClock(), _PATIENCE_S, hold_s))
    why = outcome.held_out
    if why is not None:
        raise RetryableError(
            f"a judge of {panel.name} could not be asked for {hold_s:g} s: {why.reason.value} "
            f"({why.detail}); what was answered is kept, so running this again asks for the rest"
        )
    return outcome


def _reasons(verdicts: Sequence[JurorVerdict]) -> Iterator[str]:
    """Why jurors have no verdict that a table could count."""
    for verdict in verdicts:
        if verdict.passed is None:
            outcome = verdict.outcome
            yield outcome.reason.value if isinstance(outcome, Absence) else "undecided"


def _row(verdict: JurorVerdict, result: LlmResult, *, right: bool) -> bytes:
    """A line of a labelled verdict; nothing where the juror did not answer."""
    if verdict.passed is None:
        return b""
    told = {"item": result.key.encode().decode(), "passed": verdict.passed, "right": right}
    return orjson.dumps({**asdict(verdict.judge), **told}) + b"\n"


def learn_file(file: Path, output: Path) -> int:
    """A table from labelled verdicts, with what it says of each judge."""
    verdicts = list(_verdicts(file))
    try:
        known = learned(verdicts)
    except ValueError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    found = replace(known, made_on=SystemClock().now().date())
    output.write_text(found.text() + "\n", encoding="utf-8")
    shown = table("rubric", "model", "language", "right>", "wrong>", "sens>", "spec>", "standing")
    for key in sorted(found.judges):
        counts = found.counts_of(key)
        shown.add_row(
            f"{key.rubric}/{key.rubric_version}",
            key.model,
            key.language or "-",
            f"{counts.right:g}",
            f"{counts.wrong:g}",
            f"{counts.sensitivity.mean:.2f}",
            f"{counts.specificity.mean:.2f}",
            counts.standing.value,
        )
    out().print(shown)
    print(f"{found.reliability_id} in {output}; set judges.reliability_file to it")
    return OK


def plan_of_command(plan_file: Path | None, settings: Settings) -> Plan:
    """The plan of `--plan`, or that of the settings."""
    names = [metric.spec.name for metric in registered_metrics()]
    return load_plan(plan_file or settings.scorer.plan_file, names, judge_models(settings))


def panels_asked(plan: Plan, result: LlmResult) -> Iterator[Panel]:
    """The panels that would be asked about a result."""
    if boilerplate(result.response.text) is not None:
        return
    for panel in plan.rule_for(result.key.tenant, result.task_kind).panels:
        if first_missing(panel.rubric.needs, result) is None:
            yield panel


def results_of(
    file: Path, columns: str, expected: Collection[str] = ()
) -> Iterator[tuple[LlmResult, dict[str, object]]]:
    """Results of a file with their fields; what is wrong goes to standard error, with its line.

    So do names of no field, but for those that are expected.
    """
    for line in telling(file, read_lines(file, parse_map(columns) if columns else None), expected):
        if isinstance(line, BadLine):
            sys.stderr.write(f"{file}:{line.number}: {line.problem}\n")
        elif isinstance(line, Line):
            yield line.result, dict(line.fields)


def _verdicts(file: Path) -> Iterator[LabelledVerdict]:
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield _labelled(orjson.loads(line))
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{file}:{number}: not a labelled verdict: {error}") from error


def _labelled(row: Mapping[str, object]) -> LabelledVerdict:
    key = JudgeKey(*(str(row[field.name]) for field in fields(JudgeKey)))
    passed, right = row["passed"], row["right"]
    if not isinstance(passed, bool) or not isinstance(right, bool):
        raise TypeError("passed and right are true or false")
    return LabelledVerdict(key, str(row["item"]), passed, right)
