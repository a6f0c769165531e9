"""The reference of metrics in Markdown, from the registry and the measured strengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.cli.catalogue import MetricEntry, StrengthEntry, catalogue

_OPENING = """\
# Metrics

<!-- Written by `plimsoll metrics --docs docs/metrics.md`; a test keeps it fresh. -->

Every metric gives a value in [0, 1], higher is better, or a typed absence that says why not.
*Needs* are inputs of the result, or a tool that the deployment configures (`models.*`, `sandbox`).
*AUROC* is how well the metric alone told right results from wrong ones on labelled data of one task
kind, in English, with its 90 % interval; 0.5 is a coin. Where labels are not enough for a figure,
nothing stands there. [ConfBench](confbench.md) says how it was measured, and what is lacking where
it was not. With `strengths.file` set, figures on labels of your own go before these
([strengths](operations.md#strengths-on-your-own-data)).

With `claims.filter_file` set, `claim_faithfulness` marks the claims that may be kept at a promised
rate of errors ([which claims to keep](operations.md#which-claims-to-keep)).

Baselines, and metrics that see reference answers, are reported and never decide a confidence.
"""
_HEAD = (
    "| metric | what it says | needs | cost | AUROC on labels | source |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)


def metrics_reference() -> str:
    """The whole page."""
    return "\n".join([_OPENING, *_sections(catalogue())])


def _sections(entries: Sequence[MetricEntry]) -> Iterator[str]:
    for family in dict.fromkeys(entry["family"] for entry in entries):
        rows = "".join(_row(entry) for entry in entries if entry["family"] == family)
        yield f"## {family.replace('_', ' ')}\n\n{_HEAD}{rows}"


def _row(entry: MetricEntry) -> str:
    name = f"`{entry['name']}`" + (" (baseline)" if entry["baseline"] else "")
    needs = ", ".join(entry["needs"])
    strengths = "<br>".join(_strength(one) for one in entry["strength"])
    cells = [name, entry["summary"], needs, entry["cost"], strengths, entry["source"]]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _strength(one: StrengthEntry) -> str:
    return f"{one['task_kind']} {one['auroc']:.2f} [{one['lower']:.2f}, {one['upper']:.2f}]"
