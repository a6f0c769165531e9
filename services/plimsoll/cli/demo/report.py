"""What a demonstration shows at its end."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from plimsoll.cli.demo.facts import DemoFacts, Quality
from plimsoll.cli.demo.telling import Example, telling_results
from plimsoll.cli.rendering import interval_text, plain
from plimsoll.cli.sample import Sample
from plimsoll.cli.scores_table import scores_table
from plimsoll.cli.terminal import headline, table

_ROWS = 12
_SNIPPET_CHARS = 110

_CANNOT_TELL = """\
- These figures are of this sample: 300 results of five sets. Another task, model or language needs
  labels of its own.
- The status is `prior`: fitted on other public labels, calibrated on none of yours. Until you send
  labels, read it as an order.
- A confident and consistent mistake looks right to every metric here: nothing was run, looked up or
  judged by a model.
- `to accept` and `to review` are this demonstration's words for the highest and the lowest lower
  bound. A verdict needs a policy, and none is set.\
"""


def report(facts: DemoFacts, sample: Sample, console: Console) -> None:
    """Prints everything, the telling results first."""
    scored = facts.looked_up.scored
    headline(console, "three telling results")
    for example in telling_results(sample.results, scored, sample.labels):
        _example(example, console)
    headline(console, f"{_ROWS} of {len(scored)} results")
    keys = [result.key for result in sample.results if result.key in scored][:_ROWS]
    shown = [scored[key] for key in keys]
    console.print(scores_table(shown))
    headline(console, "where everything went")
    tell_funnel(facts, console)
    if facts.quality is not None:
        headline(console, "does the confidence tell right from wrong?")
        _quality(facts.quality, console)
    headline(console, "what this cannot tell")
    console.print(_CANNOT_TELL, markup=False)
    console.print(f"\n{facts.seconds:.1f} s in all", markup=False)


def _example(example: Example, console: Console) -> None:
    console.print(f"{example.heading}: {example.scored.key}", style="bold", markup=False)
    if example.prompt:
        console.print(f"  asked     {plain(example.prompt, _SNIPPET_CHARS)}", markup=False)
    console.print(f"  answered  {plain(example.response, _SNIPPET_CHARS)}", markup=False)
    confidence = example.scored.confidence
    console.print(
        f"  confidence {interval_text(confidence)} ({confidence.status.value})", markup=False
    )
    console.print(f"  {example.why}", markup=False)
    truth = "right" if example.label else "wrong"
    console.print(f"  its label, which no scorer saw: {truth}\n", style="dim", markup=False)


def tell_funnel(facts: DemoFacts, console: Console) -> None:
    """What was published, and where all of it is."""
    funnel = facts.funnel
    waiting = funnel.published - funnel.visible - funnel.dead
    console.print(
        f"published {funnel.published} = visible {funnel.visible} + dead {funnel.dead} + waiting "
        f"{waiting}; losses {funnel.losses}, doubles {funnel.doubles}",
        style="bold",
        markup=False,
    )
    for line in _funnel_lines(facts):
        console.print(line, markup=False)


def _funnel_lines(facts: DemoFacts) -> Iterator[str]:
    funnel, kill, before, after = facts.funnel, facts.kill, facts.latency_before, facts.latency
    yield "counted apart from each other: topics from offset 0, the store page by page"
    yield (
        f"{funnel.events} events on the scores topic, {funnel.repeated} of them scored again after "
        "the kill: the same score ID, visible once"
    )
    yield (
        f"looked up by ID: {facts.looked_up.count} of {facts.acknowledged}, each alone and in a "
        f"batch, in {facts.looked_up.seconds:.1f} s"
    )
    windows = "1 window" if facts.observed.windows == 1 else f"{facts.observed.windows} windows"
    yield (
        f"the observer counted {facts.observed.counted} results, in {windows} of one minute and "
        f"{facts.observed.series} series"
    )
    yield (
        f"from acknowledged to visible: p50 {before.p50:.0f} ms, p99 {before.p99:.0f} ms before "
        f"the kill; with it p50 {after.p50:.0f} ms, p99 {after.p99:.0f} ms"
    )
    yield (
        f"the kill held results up for {kill.held_up_s:.1f} s at most: so long the broker waits "
        f"for a silent member. {kill.uncommitted} results were not committed when {kill.scorer} "
        "died"
    )


def _quality(quality: Quality, console: Console) -> None:
    rows = table("set", "results>", "wrong>", "AUROC [90 %]", "by length alone>")
    for one in quality.by_set:
        bounds = f" [{one.interval.lower:.2f}, {one.interval.upper:.2f}]" if one.interval else ""
        counts = (str(one.results), str(one.wrong))
        rows.add_row(one.dataset, *counts, f"{one.auroc:.2f}{bounds}", f"{one.length_auroc:.2f}")
    mean, length = f"{quality.mean_auroc:.2f}", f"{quality.mean_length_auroc:.2f}"
    rows.add_row("mean of the sets", "", "", mean, length, style="bold")
    console.print(rows)
    kept = quality.kept
    bounds = f" [{kept.interval.lower:.0%}, {kept.interval.upper:.0%}]" if kept.interval else ""
    console.print(
        f"keep the top {kept.share:.0%} by lower bound: errors {kept.errors:.0%} -> "
        f"{kept.errors_kept:.0%}{bounds}",
        style="bold",
        markup=False,
    )
    without = quality.without_confidence
    console.print(
        f"calibration error (ECE) {quality.ece:.3f}; chance alone makes {quality.null_ece:.3f} of "
        f"it at this size. {without} without a confidence rank below all others",
        markup=False,
    )
