"""What a demonstration with judges shows at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from plimsoll.calibration.judges.beta import Beta
from plimsoll.cli.demo.facts import DemoFacts
from plimsoll.cli.demo.judged_facts import JudgedFacts, score_of
from plimsoll.cli.demo.judged_sample import PANEL
from plimsoll.cli.demo.report import tell_funnel
from plimsoll.cli.demo.summary import summary
from plimsoll.cli.rendering import plain
from plimsoll.cli.sample import Sample
from plimsoll.cli.terminal import headline, table
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import ScoredResult

_SNIPPET_CHARS = 100

_CANNOT_TELL = """\
- The judgements are real and old: GPT-4, ChatGPT and PaLM 2 of 2023 on pairs of LLMBar (MIT). An
  emulator replays them under the IDs and list prices of models on Bedrock; tokens are counted
  by length.
- How far a judge may be trusted was learned from other pairs of the same set, in English. Another
  task, rubric, model or language needs labels of its own: `plimsoll judges ask` and `learn`.
- With about sixty pairs every figure is rough; its interval says how rough.\
"""


def judged_report(facts: DemoFacts, found: JudgedFacts, sample: Sample, console: Console) -> None:
    """Prints everything, three results first."""
    scored = facts.looked_up.scored
    headline(console, "what the judges said of three results")
    for heading, result in _telling(sample.results, [scored[r.key] for r in sample.results]):
        _example(heading, result, scored[result.key], sample, console)
    headline(console, "how reliable?")
    _judges(found, console)
    headline(console, "what it took")
    for line in _took(found):
        console.print(line, markup=False)
    headline(console, "where everything went")
    tell_funnel(facts, console)
    headline(console, "what this cannot tell")
    console.print(_CANNOT_TELL, markup=False)
    console.print(f"\n{facts.seconds:.1f} s in all", markup=False)


def judged_summary(facts: DemoFacts, found: JudgedFacts) -> dict[str, object]:
    """The figures that a machine asks for, beside those of every demonstration."""
    panel, spent = found.panel, found.spent
    return {
        **summary(facts),
        "panel_auroc": round(panel.auroc, 4),
        "panel_ece": round(panel.ece, 4),
        "panel_null_ece": round(panel.null_ece, 4),
        "panel_width": round(panel.width, 4),
        "judges": {
            one.judge.name: {
                "agreed": one.agreed,
                "answered": one.answered,
                "silent": one.silent,
                "sensitivity": round(one.sensitivity.mean, 4),
                "specificity": round(one.specificity.mean, 4),
            }
            for one in found.judges
        },
        "questions": found.questions,
        "calls": found.calls,
        "calls_by_outcome": dict(found.outcomes),
        "asked_twice": found.twice,
        "tokens": spent.tokens,
        "usd": round(spent.usd, 6),
        "usd_of_lost": round(spent.usd_of_lost, 6),
        "judge_absences": dict(found.absences),
    }


def _telling(
    results: Sequence[LlmResult], scored: Sequence[ScoredResult]
) -> Iterator[tuple[str, LlmResult]]:
    """The surest yes, the most divided panel, and one that lacks a juror."""
    both = list(zip(results, scored, strict=True))
    whole = [(r, s) for r, s in both if _right(s).value is not None]
    lacking = [(r, s) for r, s in both if "judge_missing" in _right(s).flags]
    if whole:
        best = max(whole, key=lambda pair: (_lower(_right(pair[1])), str(pair[0].key)))
        yield "the surest yes", best[0]
        split = min(whole, key=lambda pair: (abs((_said(pair[1]) or 0) - 0.5), str(pair[0].key)))
        yield "they are divided", split[0]
    if lacking:
        yield "one of them does not answer, which widens the interval", lacking[0][0]


def _example(
    heading: str, result: LlmResult, scored: ScoredResult, sample: Sample, console: Console
) -> None:
    said, right = score_of(scored, PANEL), _right(scored)
    console.print(f"{heading}: {result.key}", style="bold", markup=False)
    console.print(f"  asked     {plain(result.messages[0].text, _SNIPPET_CHARS)}", markup=False)
    console.print(f"  answered  {plain(result.response.text, _SNIPPET_CHARS)}", markup=False)
    votes = next((e.text for e in said.evidence if e.kind == "votes"), "none")
    console.print(f"  votes     {votes}", markup=False)
    console.print(f"  P(right)  {_bounded(right)}", markup=False)
    truth = "better" if sample.labels[result.key].label else "worse"
    console.print(f"  people, whom no judge saw: it is the {truth} of two\n", style="dim")


def _judges(found: JudgedFacts, console: Console) -> None:
    rows = table("judge", "sensitivity", "specificity", "agrees>", "no verdict>")
    for one in found.judges:
        agreed = f"{one.agreed} of {one.answered}"
        told = (_of(one.sensitivity), _of(one.specificity))
        rows.add_row(one.judge.recorded, *told, agreed, str(one.silent))
    console.print(rows)
    console.print(
        "sensitivity and specificity: from other pairs, with 90 % intervals; agrees: with people, "
        "on these. A preference that turns with the order is no verdict. A judge whose two rates "
        "add up to 1.05 or less is no better than a coin, and counts nothing.",
        style="dim",
        markup=False,
    )
    panel = found.panel
    at = f" [{panel.interval.lower:.2f}, {panel.interval.upper:.2f}]" if panel.interval else ""
    console.print(
        f"the panel's P(right) on these: AUROC {panel.auroc:.2f}{at}, calibration error (ECE) "
        f"{panel.ece:.3f}; chance alone makes {panel.null_ece:.3f} of it at this size",
        style="bold",
        markup=False,
    )
    console.print(
        f"its intervals are {panel.width:.2f} wide on average; {panel.without} without a number "
        "rank below all others",
        markup=False,
    )


def _took(found: JudgedFacts) -> Iterator[str]:
    ended = ", ".join(f"{count} {how}" for how, count in found.outcomes.items())
    yield f"{found.questions} questions, {found.calls} calls: {ended}"
    yield (
        f"replies that died with the killed scorer and were asked for again: {found.twice}; each "
        "judge was asked alone, too, and all of that was in the memo"
    )
    spent = found.spent
    yield (
        f"{spent.tokens:,} tokens, {spent.usd:.4f} US dollars at list prices, and at most "
        f"{spent.usd_of_lost:.4f} for replies that nobody has"
    )
    absent = ", ".join(f"{count} {why}" for why, count in found.absences.items()) or "none"
    yield f"scores of judges without a number: {absent}"


def _right(scored: ScoredResult) -> Score:
    return score_of(scored, f"{PANEL}_posterior")


def _said(scored: ScoredResult) -> float | None:
    return score_of(scored, PANEL).value


def _lower(score: Score) -> float:
    return score.interval.lower if score.interval is not None else 0.0


def _bounded(score: Score) -> str:
    if score.value is None:
        return f"none: {score.absence.reason.value if score.absence else 'unknown'}"
    at = score.interval
    return f"{score.value:.2f}" + (f" [{at.lower:.2f}, {at.upper:.2f}]" if at else "")


def _of(rate: Beta) -> str:
    lower, upper = rate.interval(0.90)
    return f"{rate.mean:.2f} [{lower:.2f}, {upper:.2f}]"
