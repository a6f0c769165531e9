"""Builds the demo's table of judges' reliability: `python -m tests.quality.build_judges DATA`."""

from __future__ import annotations

import argparse
from pathlib import Path

from plimsoll.adapters.emulator.recorded import recorded_pairs
from plimsoll.calibration.judges.panel import both_orders, preference_value
from plimsoll.calibration.judges.rates import Audited
from plimsoll.calibration.judges.table import ReliabilityTable, learned
from plimsoll.cli.demo.judged_sample import JUDGES, TABLE, TASK, judge_key
from plimsoll.domain.verdicts import Estimator, JurorVerdict, LabelledVerdict
from tests.quality.judgebench.recordings import Recording, recordings
from tests.quality.public_data import records


def unseen(folder: Path) -> list[Recording]:
    """Recorded pairs that share nothing with those that ship."""
    shipped = {pair.id for pair in recorded_pairs()}
    rows = list(records(folder, "pairwise_judging"))
    groups = {row["group"] for row in rows if row["id"] in shipped}
    return [recording for recording in recordings(folder) if recording.item not in groups]


def table_of(items: list[Recording]) -> ReliabilityTable:
    """What the demo's judges said of these, in both orders, against what people say."""
    verdicts = []
    for recording in items:
        for judge in JUDGES:
            value = preference_value(both_orders(*recording.said[judge.recorded.partition("/")[0]]))
            verdict = JurorVerdict(judge_key(judge), value, Estimator.SINGLE_SHOT)
            if verdict.passed is not None:
                verdicts.append(
                    LabelledVerdict(verdict.judge, recording.item, verdict.passed, recording.right)
                )
    right = sum(recording.right for recording in items)
    return learned(verdicts, {TASK: Audited(right, len(items) - right)})


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("data", type=Path, help="folder of the public labelled data")
    table = table_of(unseen(parser.parse_args().data))
    TABLE.write_text(table.text() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
