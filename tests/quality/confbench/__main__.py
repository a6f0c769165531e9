"""Runs ConfBench: `python -m tests.quality.confbench [DATA] [--out DIR] [--publish]`.

Without a data folder it runs on the part that ships. `--publish` also writes what is made from
the results: with a data folder the page, its pictures and the strengths of metrics; without one
the figures that the tests hold the metrics against.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from plimsoll.ports.tools import Tools
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from tests.quality.choosing import ASSIGNMENTS
from tests.quality.confbench.ablations import ablations
from tests.quality.confbench.acceptance import judge
from tests.quality.confbench.bench import Bench, cross, set_up
from tests.quality.confbench.corpus import APART, corpus, shipped_part
from tests.quality.confbench.costs import adopt_orphans
from tests.quality.confbench.page import page
from tests.quality.confbench.patterns import missing_inputs
from tests.quality.confbench.plots import auroc_picture, reliability_picture, risk_picture
from tests.quality.confbench.results import Document, document
from tests.quality.confbench.values import default_folder
from tests.quality.guarded import guarded_strengths
from tests.quality.strengths import STRENGTHS, measured_strengths, written

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
SHIPPED = Path(__file__).with_name("shipped_strengths.json")


def tell(line: str) -> None:
    """Progress, apart from the results."""
    print(line, file=sys.stderr, flush=True)


def run(bench: Bench) -> Document:
    """All figures of a bench."""
    crossings = []
    for number, assignment in enumerate(ASSIGNMENTS, 1):
        tell(f"nested cross-validation of the combination, {number} of {len(ASSIGNMENTS)}")
        crossings.append(cross(bench, assignment=assignment))
    first = crossings[0]
    tell(f"forms: {', '.join(form.name for form in first.forms)}; comparing")
    verdicts = [judge(bench, crossed) for crossed in crossings]
    tell("leaving inputs and families of metrics out")
    patterns = missing_inputs(bench, first)
    # One form for all: choosing anew for each family and fold would take as long again.
    form = replace(first.forms[0], scales=())
    removed = ablations(bench, first, (form,))
    tell("figures of every metric on every task")
    return document(bench, crossings, verdicts, patterns, removed)


def main() -> None:
    """Measures, prints, and writes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", help="folder of labelled data")
    parser.add_argument("--out", type=Path, default=ROOT / ".confbench", help="where results go")
    parser.add_argument("--publish", action="store_true", help="write what is made from them too")
    parser.add_argument("--cache", type=Path, default=default_folder(), help="values of metrics")
    chosen = parser.parse_args()
    adopt_orphans()
    items = corpus(chosen.data)
    tools = build_tools(ToolSettings.of(Settings()))
    bench = set_up(items, tools, chosen.cache, tell)
    found = run(bench)
    write(found, chosen.out)
    print(page(found))
    if chosen.publish:
        publish(bench, found, tools, whole=chosen.data is not None)


def write(found: Document, folder: Path) -> None:
    """Results as data, and the pictures of them."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1) + "\n"
    (folder / "results.json").write_text(text, encoding="utf-8")
    for name, draw in (
        ("auroc", auroc_picture),
        ("reliability", reliability_picture),
        ("risk", risk_picture),
    ):
        (folder / f"{name}.svg").write_text(draw(found), encoding="utf-8")
    tell(f"wrote {folder}")


def publish(bench: Bench, found: Document, tools: Tools, *, whole: bool) -> None:
    """The page and the strengths, or the shipped part's figures for the tests."""
    values = {name: column.values for name, column in bench.columns.items()}
    if not whole:
        rows = guarded_strengths(bench.items, values, tools)
        SHIPPED.write_text(written(rows), encoding="utf-8")
        return
    write(found, DOCS / "confbench")
    (DOCS / "confbench.md").write_text(page(found), encoding="utf-8")
    # Nothing of the shipped part, so that the demo shows its metrics' strengths on other results.
    seen = frozenset[str]().union(*(item.sources for item in shipped_part()))
    apart = np.array([item.set_name in APART for item in bench.items])
    kept = np.flatnonzero(~apart & ~np.array([bool(i.sources & seen) for i in bench.items]))
    rows = measured_strengths(
        [bench.items[place] for place in kept.tolist()],
        {n: v[kept] for n, v in values.items()},
        tools,
    )
    STRENGTHS.write_text(written(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
