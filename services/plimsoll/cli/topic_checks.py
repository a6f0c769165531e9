"""What `plimsoll doctor` says of topics: each by itself, odd numbers of partitions at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.cli.findings import Finding, Health
from plimsoll.cli.topics import State, TopicReport


def topic_findings(reports: Sequence[TopicReport]) -> Iterator[Finding]:
    """One finding a topic; those that differ in partitions only share one.

    A broker in memory gives all of them another number, which is no reason for as many notes.
    """
    partitions = [report for report in reports if _differs_in_partitions(report)]
    for report in reports:
        if report.state in (State.BREAKS, State.MISSING):
            first, *_ = report.notes
            remedy = "run `plimsoll topics apply`" if report.state is State.MISSING else "change it"
            yield Finding(f"topic {report.name}", Health.FAILED, first, remedy)
        elif report.state is State.HIDDEN:
            remedy = "`plimsoll topics rights` lists who needs which; whom it lists not is well"
            yield Finding(f"topic {report.name}", Health.NOTE, report.notes[0], remedy)
        elif report not in partitions or len(partitions) == 1:
            said = "; ".join(report.notes) or f"{report.partitions} partitions"
            health = Health.NOTE if report.notes else Health.OK
            yield Finding(f"topic {report.name}", health, said)
    if len(partitions) > 1:
        yield _partitions(partitions)


def _differs_in_partitions(report: TopicReport) -> bool:
    """Whether that is all there is to say of it."""
    other = report.partitions != report.role.partitions
    return report.state is State.DIFFERS and other and len(report.notes) == 1


def _partitions(reports: Sequence[TopicReport]) -> Finding:
    said = ", ".join(
        f"{report.name} has {report.partitions}, not {report.role.partitions}" for report in reports
    )
    return Finding(
        "topics",
        Health.NOTE,
        f"partitions are others than the catalogue's: {said}",
        "harmless; `plimsoll topics list` says which to leave so, since keys would move",
    )
