"""The results as a page: what was measured, how well it went, and what that does not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.quality.confbench.claims import claims
from tests.quality.confbench.unmeasured import without_figure

Document = dict[str, Any]

_OPENING = """\
# ConfBench

<!-- Written by `make confbench` from confbench/results.json; a test keeps it fresh. -->

How well each metric, and the confidence that is combined from them, tells right results from wrong
ones: on public labelled data, with whatever made a label (reference answers, supplied tests)
withheld from every metric.

```console
$ make confbench                            # the part that ships: 300 results, two minutes
$ make confbench CONFBENCH_DATA=FOLDER       # everything that you have, in the form below
```

It prints these tables, and writes them as data with three plots into `.confbench`
(`CONFBENCH_OUT`). Values of metrics are kept in `~/.cache/plimsoll/confbench`, by version and code
of the metric, by the models, sandbox and toolchains that it had, and by result, so a second run
measures only what is new. `CONFBENCH_PUBLISH=1` also writes this page, and the strengths that the
catalogue and every score show.

Programs are run in [the sandbox](operations.md#the-sandbox), and their types are checked by the
mypy of `.venv`. As root, who leaves the sandbox to a user without rights, name an interpreter with
mypy that every user may run, by `PLIMSOLL_SANDBOX__TYPE_CHECKER`; what cannot be measured for want
of a tool is told. CPU time counts all that a metric has started, programs in the sandbox too.

The data folder holds gzip-compressed JSON lines, a file a family of tasks, with `id`, `dataset`,
`task`, `prompt`, `context`, `response`, `samples`, `logprobs`, `label` and `group` a record.

## How it is measured

- **Cross-validation by source.** Records that share a question, an article or a task are never on
  both sides of a split. How far the combination may bend is chosen inside the training folds, the
  plainest form within one standard error; and so is, for each task by itself, how hard its maps
  are pulled together: the least of five strengths, a decade apart, within one standard error.
  Last its logits are scaled, by the intercept and the slope that fit records held out there.
- **Five assignments of sources to folds.** Which sources share a fold is chance, and on tasks with
  few sources it moves figures by as much as any remedy does. The combination's figures are means
  over five assignments, each with choices of its own; brackets give the least and the greatest
  calibration error among them. Missing inputs, families and sets apart are by the first one.
- **Rivals are chosen as the combination is fitted**: the best single metric and the best trivial
  baseline (length either way round, overlap with the context, plain agreement of samples) on the
  training folds.
- **Length is never an input.** Baselines and reference-based metrics are reported and never decide.
- **Intervals** are bootstrapped over sources, paired where two scores are compared; a lower bound
  is one-sided at 95 %.
- **Calibration error** (ECE, ten bins of equal mass) is held against what a perfectly calibrated
  model shows at that number of results: its 95th percentile, or 0.05 from 1,000 results on.
- PRR and AURC are over the full curve of rejections, not cut at one half.
"""

_CLOSING = """\
## What it does not say

- Nothing about your stream. The models are those of the public sets, many of them small or old;
  log-probabilities come from one model of 270 million parameters. Labels of your own results count
  for more than all of this.
- Nothing about languages other than English, and nothing about records on which nothing could be
  measured: an answer without log-probabilities, samples or a context has no confidence, and is in
  no figure.
- In a task several sets are pooled. AUROC over the pool also counts telling an easy set from a hard
  one; *within* is the mean of the AUROCs inside each set, where that does not help, and so are
  the strengths of metrics. A set weighs by right x wrong / (right + wrong) of its labels, as the
  variance of its AUROC falls with that.
- Calibration errors are close to their bounds where sources are few: by single assignments of
  sources to folds claims, code and summarization are now within and now beyond them (brackets
  above). It is the mean that is held to the mean of their bounds, which is no stricter than a
  single assignment would be on average. Results of one source are right or wrong together, so that
  1,272 summaries say as much as some 530 would.
- What was tried was seen on the same folds. By the first assignment alone and without a scale of
  its own, summarization was at .055 of .050; over five at .050, with code at .041 of .037. The
  scale brought summarization to .042; that a type checker counts as an input of its own brought
  code to .037. Did no better: pulling harder (summarization .035, though perhaps .027 behind its
  best metric; code .045), averages over strengths (code .045), fits on resampled sources (.052 to
  .058 by the first assignment).
- `dual_execution_agreement` has no figure. It takes examples in the request and samples at once:
  CodeT's requests come without examples, MBPP's show none, ChatGPT's answers have no samples, and
  of the 132 results of `humaneval_gpt4` of which it can tell, two are wrong. A metric without a
  figure is no input of the combination either.
- `generated_tests` and `dual_execution_agreement` run what the request shows, and 420 of the 1,513
  tests of HumanEval, which made the labels and are withheld, repeat that. It is for the model to
  read and no leak; of 28 wrong programs with examples 26 fail a test that is not shown as well.
- A combination in these tables was fitted on other folds of the same sets. The confidence that
  ships is a prior for sets that nobody has labelled, and is marked so.
"""

_MISSING = """\
## Missing inputs

All records as if an input had never been sent, by the same fits: does the confidence stay a
probability, and does the interval grow for each that had it? Those that had it come from few sets,
whose base rates differ from the others', so their calibration error alone is larger.

"""
_WORTH = """\
## What each family is worth

AUROC that the combination loses without a family of metrics, with its interval; the others are
fitted anew, in the form that the first fold took and without a scale.

"""
_BESIDE = """\
Length and overlap are AUROCs of the baselines on the same results as the score beside them.

"""
_EXECUTION = """\
## HumanEval by itself

How far programs that answer the same task do the same when they are run. One set has solutions
that were sampled from one model, a fifth of them right; the other has another model's, nearly all
of them right, beside its own further attempts. Over both pooled AUROC also counts telling the two
models apart, which agreement does not: *within* is the figure that does not.

"""
_APART = """\
## Sets apart

The label follows from the form of the answer, so that figures on them say nothing. They are in no
fit and in no other table.

"""


def page(found: Document) -> str:
    """The whole page, in Markdown."""
    return "\n".join([_OPENING, *_sections(found), _CLOSING])


def _sections(found: Document) -> Iterator[str]:
    judged, records = found["judged"], found["records"]
    yield f"## The combined confidence\n\n{judged:,} of {records:,} records could be measured.\n"
    yield _acceptance(found["acceptance"])
    yield claims(found)
    yield "![Combination, best single metric and best baseline by task](confbench/auroc.svg)\n"
    yield "![Claimed against found, by task](confbench/reliability.svg)\n"
    yield "![Error rate by share kept, by task](confbench/risk.svg)\n"
    yield _patterns(found["patterns"])
    yield _ablations(found["ablations"])
    for task, of_task in found["tasks"].items():
        yield _task(task, of_task, found["costs"])
    yield _execution(found["execution"])
    yield _apart(found["apart"])
    # Results of earlier runs do not say it.
    if "unmeasured" in found:
        yield without_figure(found["unmeasured"])
    yield _sets(found["sets"])


def _acceptance(found: Document) -> str:
    rows = [
        [
            task,
            f"{row['n']:,}",
            f"**{_two(row['auroc'])}** ({_two(row['within'])})",
            _rival(row["single"]),
            _rival(row["trivial"]),
            _within(row),
            f"{_two(row['log_loss'])} / {_two(row['base_log_loss'])}",
            "yes" if row["holds"] else "no",
        ]
        for task, row in found["tasks"].items()
    ]
    head = [
        "task",
        "n",
        "AUROC (within)",
        "best single metric: AUROC, gain at least",
        "best baseline: AUROC, gain at least",
        "ECE / bound",
        "log-loss / base rate",
        "holds",
    ]
    single, trivial = found["mean_gain_on_single"], found["mean_gain_on_trivial"]
    return (
        _table(head, rows)
        + f"\nMean gain over tasks: at least {single:+.3f} on the best single metric, at least "
        + f"{trivial:+.3f} on the best baseline. A task holds where no gain is below -0.02 for "
        + "certain, the calibration error is within its bound, and the log-loss beats the base "
        + "rate's.\n"
    )


def _rival(row: Document) -> str:
    return f"{', '.join(row['names'])}: {_two(row['auroc'])}, {row['gain_lower']:+.3f}"


def _within(row: Document) -> str:
    eces = row.get("eces")
    spread = f" [{_two(min(eces), 3)}, {_two(max(eces), 3)}]" if eces else ""
    return f"{_two(row['ece'], 3)}{spread} / {_two(row['ece_bound'], 3)}"


def _patterns(found: list[Document]) -> str:
    rows = [
        [
            row["missing"],
            f"{row['n']:,} ({row['touched']:,})",
            _two(row["with_input"]["ece"], 3),
            _within(row["without_input"]),
            _two(row["touched_ece"], 3),
            f"{row['width']:.2f}, {row['least_growth']:+.3f}",
            "yes" if row["holds"] else "no",
        ]
        for row in found
    ]
    head = [
        "not sent",
        "n (had it)",
        "ECE with it",
        "without / bound",
        "width (logits), grows by",
        "holds",
    ]
    return _MISSING + _table(head, rows)


def _ablations(found: list[Document]) -> str:
    tasks = sorted({row["task"] for row in found})
    cells = {(row["family"], row["task"]): row for row in found}
    rows = [
        [family, *[_gain(cells.get((family, task))) for task in tasks]]
        for family in sorted({row["family"] for row in found})
    ]
    return _WORTH + _table(["family", *tasks], rows)


def _gain(row: Document | None) -> str:
    if row is None or row["interval"] is None:
        return "-"
    interval = row["interval"]
    return f"{row['gain']:+.3f} [{interval['lower']:+.3f}, {interval['upper']:+.3f}]"


def _task(task: str, found: Document, costs: dict[str, float]) -> str:
    scored = {
        "**combined**": found["combined"],
        **dict(sorted(found["metrics"].items(), key=lambda pair: -pair[1]["auroc"])),
        **{f"*{name}*": row for name, row in found["baselines"].items()},
    }
    rows = [
        [
            name,
            f"{row['n']:,}",
            f"{_two(row['auroc'])} [{_two(row['lower'])}, {_two(row['upper'])}]",
            _two(row["within"]),
            _two(row["prr"]),
            _two(row["aurc"]),
            _two(row.get("brier")),
            f"{_two(row['ece'])} ({_two(row['null_ece'])})" if "ece" in row else "",
            _two(row.get("length")),
            _two(row.get("overlap")),
            _two(costs.get(name)),
        ]
        for name, row in scored.items()
    ]
    head = [
        "score",
        "n",
        "AUROC",
        "within",
        "PRR",
        "AURC",
        "Brier",
        "ECE (null)",
        "length",
        found["overlap_is"],
        "CPU s / 1,000",
    ]
    return (
        f"## {task}\n\n{found['n']:,} results, {100 * found['right']:.0f} % right. "
        + _BESIDE
        + _table(head, rows)
    )


def _execution(found: list[Document]) -> str:
    rows = [
        [
            row["metric"],
            " + ".join(row["sets"]),
            f"{one['n']:,}",
            f"{100 * one['right']:.0f} %",
            f"{_two(one['auroc'], 3)} [{_two(one['lower'], 3)}, {_two(one['upper'], 3)}]",
            _two(one["within"], 3),
        ]
        for row in found
        for one in [row["figures"]]
    ]
    return _EXECUTION + _table(["score", "sets", "n", "right", "AUROC", "within"], rows)


def _apart(found: Document) -> str:
    rows = [
        [name, f"{row['n']:,}", _two(row["auroc"]), _two(row["length"]), row["why"]]
        for name, row in found.items()
    ]
    return _APART + _table(["set", "n", "combined", "length", "why"], rows)


def _sets(found: Document) -> str:
    rows = [
        [
            name,
            row["task"],
            f"{row['records']:,}",
            f"{100 * row['right']:.0f} %",
            f"{row['judged']:,}",
        ]
        for name, row in sorted(found.items(), key=lambda pair: (pair[1]["task"], pair[0]))
    ]
    return "## Sets\n\n" + _table(["set", "task", "records", "right", "measurable"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _two(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"
