"""The page that says how far reliability of judges may be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.statistics import (
    Indices,
    aurc,
    bootstrap,
    brier,
    ece,
    log_loss,
    null_ece_percentile,
)
from tests.quality.judgebench.cascades import (
    CHEAP,
    COVERAGES,
    PANEL,
    Run,
    cascade,
    panel,
    single,
)
from tests.quality.judgebench.panels import out_of_fold
from tests.quality.judgebench.recordings import (
    BOTH,
    MODELS,
    SEED,
    Recording,
    juror,
    learned_from,
    recordings,
)
from tests.quality.judgebench.simulation import JUDGES, LABELS, METHODS, Cell, alarm_share, grid
from tests.quality.judgebench.single_results import CORRELATIONS, PANELS, PanelCell, panel_cell
from tests.quality.judgebench.single_results import LABELS as PANEL_LABELS

STREAM_DRAWS = 10_000
ALARM_DRAWS = 500
PANEL_DRAWS = 200
_ALARM_JUDGES = ((0.7, 0.7), (0.9, 0.7), (0.9, 0.9), (0.97, 0.95))
_ALARM_LABELS = (50, 100, 200)

# Texts of the page; `{}` are filled in.
_HEAD = """# How far the reliability of judges may be trusted

`make judgebench DATA=<folder>` writes this page. Intervals are at 95 %, and should cover at 0.93
or more everywhere. One simulated share of 0.95 is uncertain by {stream_error:.3f} (streams) and
{panel_error:.3f} (panels), one standard error.
"""
_STREAMS = """## Pass rates of streams

Seven judges, five numbers of labels, five shares of right results (.05 to .95), 1,000 verdicts.
Rogan-Gladen's labels are half right and half wrong, whatever the stream's mix: prevalence shifts
in four of five shares. The audit of prediction-powered inference is drawn from the stream. Each
field is the lowest coverage over the five shares, and the mean width. What is bold is what
Plimsoll does; the rest are there to be compared.
"""
_ALARM = """## The alarm when both corrections disagree

At a size of .05: the share of false alarms (the highest over streams at .2, .5 and .8), and the
power where the audit is stale, and where the judge has become lenient. So many labels measured
the judge, and as many audited the stream.
"""
_PANELS = """## P(right) of one result

How often the interval holds the true P(right) after the votes, its mean width, and how often that
of naive Bayes (Beta(1, 1) posteriors, jurors taken for independent) would hold it. Lowest
coverage: {:.3f}.
"""
_RECORDED = """## Recorded judgements

{} pairs of LLMBar (MIT) with verdicts of {} in both orders;
five folds of whole items. P(the first response is better), by what the other folds teach. ECE
over ten bins of equal mass; beside it what a perfectly calibrated model stays below in 95 of 100
cases at this number.
"""
_JUDGES = """A judge that agrees with itself may still be wrong: what both orders agree on, and what
that is worth.
"""
_CASCADE = """## The cascade

PaLM 2, then GPT-4 in one order, then in the other: each is asked only where those before it were
not sure enough. Thresholds, and which order of GPT-4 comes first, are chosen on the other folds
(the least Brier score within 40 % of the panel's cost there). Calls are weighted by list prices of
late 2023 and by the length of the pair. Selective risk at five coverages; AURC is its mean over
all.
"""


def report(data: Path) -> str:
    """The whole page."""
    items = recordings(data)
    parts = [
        _HEAD.format(
            stream_error=(0.95 * 0.05 / STREAM_DRAWS) ** 0.5,
            panel_error=(0.95 * 0.05 / PANEL_DRAWS) ** 0.5,
        ),
        *_streams(),
        *_alarms(),
        *_panels(),
        *_recorded(items),
        *_cascade(items),
    ]
    return "\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _streams() -> list[str]:
    parts = [_STREAMS]
    for name, (run, interval) in METHODS.items():
        cells = grid(run, interval, STREAM_DRAWS)
        ours = name in ("Rogan-Gladen, Fieller", "PPI++, half an item a cell")
        worst = min(cells, key=lambda cell: cell.coverage)
        below = sum(cell.coverage < 0.93 for cell in cells)
        parts.append(
            f"{'**' * ours}{name}{'**' * ours}: lowest coverage {worst.coverage:.3f}; "
            f"{below} of {len(cells)} cells below 0.93.\n"
        )
        parts.append(_coverage_table(cells))
    return parts


def _coverage_table(cells: Sequence[Cell]) -> str:
    rows = []
    for judge in JUDGES:
        row = [f"{judge[0]:g} / {judge[1]:g}"]
        for labels in LABELS:
            here = [
                cell
                for cell in cells
                if (cell.sensitivity, cell.specificity) == judge and cell.labels == labels
            ]
            width = np.mean([cell.width for cell in here])
            row.append(f"{min(cell.coverage for cell in here):.3f} ({width:.2f})")
        rows.append(row)
    return table(["sens / spec", *(f"{labels} labels" for labels in LABELS)], rows)


def _alarms() -> list[str]:
    rows = []
    for judge in _ALARM_JUDGES:
        for labels in _ALARM_LABELS:
            still = [
                alarm_share(judge, judge, labels, (rate, rate), ALARM_DRAWS)
                for rate in (0.2, 0.5, 0.8)
            ]
            stale = alarm_share(judge, judge, labels, (0.8, 0.5), ALARM_DRAWS)
            lenient = (judge[0], judge[1] - 0.2)
            drift = alarm_share(judge, lenient, labels, (0.5, 0.5), ALARM_DRAWS)
            rows.append(
                [
                    f"{judge[0]:g} / {judge[1]:g}",
                    str(labels),
                    f"{max(still):.3f}",
                    f"{stale:.2f}",
                    f"{drift:.2f}",
                ]
            )
    head = ["sens / spec", "labels", "false alarms", "audited at .8, now .5", "spec less .2"]
    return [
        _ALARM,
        table(head, rows),
    ]


def _panels() -> list[str]:
    cells = [
        panel_cell(accuracies, correlation, labels, PANEL_DRAWS)
        for accuracies in PANELS
        for correlation in (CORRELATIONS if len(accuracies) > 1 else CORRELATIONS[:1])
        for labels in PANEL_LABELS
    ]
    lowest = min(cell.coverage for cell in cells)
    return [
        _PANELS.format(lowest),
        _panel_table(cells),
    ]


def _panel_table(cells: Sequence[PanelCell]) -> str:
    rows: dict[tuple[tuple[float, ...], float], list[str]] = {}
    for cell in cells:
        names = ", ".join(f"{accuracy:g}" for accuracy in cell.accuracies)
        row = rows.setdefault((cell.accuracies, cell.correlation), [names, f"{cell.correlation:g}"])
        row.append(f"{cell.coverage:.3f} ({cell.width:.2f}); {cell.naive:.2f}")
    head = ["accuracies", "error correlation", *(f"{labels} labels" for labels in PANEL_LABELS)]
    return table(head, rows.values())


def _recorded(items: Sequence[Recording]) -> list[str]:
    labels = np.array([recording.right for recording in items], dtype=int)
    base = log_loss(labels, np.full(len(labels), labels.mean()))
    rows = []
    panels = {
        "both orders as one juror": tuple((model, BOTH) for model in MODELS),
        "each order a juror": PANEL,
    }
    for name, asked in panels.items():
        found = out_of_fold(items, asked)
        null = null_ece_percentile(found, np.random.default_rng(SEED))
        rows.append(
            [
                name,
                f"{ece(labels, found):.3f}",
                f"{null:.3f}",
                f"{log_loss(labels, found):.3f}",
                f"{base:.3f}",
                f"{brier(labels, found):.3f}",
                f"{np.mean((found > 0.5) == labels):.3f}",
            ]
        )
    head = ["panel", "ECE", "by chance", "log-loss", "base rate's", "Brier", "accuracy"]
    return [
        _RECORDED.format(len(items), ", ".join(MODELS)),
        table(head, rows),
        _judges(items),
    ]


def _judges(items: Sequence[Recording]) -> str:
    known = learned_from(items, [(model, BOTH) for model in MODELS])
    rows = []
    for model in MODELS:
        counts = known.counts_of(juror(model, BOTH))
        decided = [r.verdict(model, BOTH).passed for r in items]
        agree = sum(passed is not None for passed in decided) / len(items)
        unreliable = counts.standing is not Standing.MEASURED
        rows.append(
            [
                model,
                f"{agree:.2f}",
                f"{counts.sensitivity.mean:.2f}",
                f"{counts.specificity.mean:.2f}",
                str(counts.standing) if unreliable else "measured",
            ]
        )
    head = ["judge", "orders agree", "sensitivity", "specificity", "standing"]
    return f"{_JUDGES}\n{table(head, rows)}"


def _cascade(items: Sequence[Recording]) -> list[str]:
    whole, alone = panel(items), single(items, "GPT-4")
    runs = {"full panel": whole, "best single judge (GPT-4, both orders)": alone}
    ours = {name: cascade(items, cheap) for name, cheap in CHEAP.items()}
    rows = [
        [name, f"{run.cost:.3f}", f"{run.aurc:.3f}", *(f"{run.risk(c):.3f}" for c in COVERAGES)]
        for name, run in (*runs.items(), *((f"cascade, {name}", run) for name, run in ours.items()))
    ]
    better = min((whole, alone), key=lambda run: run.aurc)
    return [
        _CASCADE,
        table(["", "cost", "AURC", *(f"risk at {c:g}" for c in COVERAGES)], rows),
        "Less the better of panel and single judge (above 0: worse), 90 % intervals over pairs:\n",
        *(_beside(items, name, run, (whole, alone), better) for name, run in ours.items()),
    ]


def _beside(
    items: Sequence[Recording], name: str, ours: Run, others: tuple[Run, Run], better: Run
) -> str:
    def difference(rows: Indices) -> float:
        return aurc(ours.right[rows], ours.sure[rows]) - aurc(better.right[rows], better.sure[rows])

    groups = [recording.item for recording in items]
    found = bootstrap(difference, groups, np.random.default_rng(SEED))
    between = f"{found.lower:+.3f} to {found.upper:+.3f}" if found else "unknown"
    whole = difference(np.arange(len(items)))
    at = ", ".join(
        f"{ours.risk(c) - min(run.risk(c) for run in others):+.3f} at {c:g}" for c in COVERAGES
    )
    said = f"AURC {whole:+.3f} ({between}); risk {at}; {ours.cost:.1%} of the panel's cost"
    return f"- {name}: {said}."
