"""What `plimsoll doctor` says of topics."""

from __future__ import annotations

from plimsoll.cli.findings import Finding, Health
from plimsoll.cli.topic_checks import topic_findings
from plimsoll.cli.topics import State, TopicReport
from plimsoll.settings.topic_catalogue import TopicRole

ROLE = TopicRole(
    role="results",
    what="results",
    key="tenant/result_id",
    value="LlmResult",
    partitions=12,
    retention=None,
    cleanup="delete",
    max_message_bytes=1_000_000,
    keeps_partitions=True,
)


def report(name: str, state: State, partitions: int, *notes: str) -> TopicReport:
    """A topic as the cluster has it."""
    return TopicReport(ROLE, name, state, partitions, 1, notes)


ONE = report("one", State.DIFFERS, 4, "has 4 partitions")
TWO = report("two", State.DIFFERS, 1, "has 1 partitions")


def test_other_numbers_of_partitions_are_one_note() -> None:
    """With every topic and both numbers in it; what is as it should be stays a line of its own."""
    same = report("same", State.SAME, 12)
    first, second = topic_findings([ONE, same, TWO])
    assert first == Finding("topic same", Health.OK, "12 partitions")
    assert (second.check, second.health) == ("topics", Health.NOTE)
    assert second.found.endswith("one has 4, not 12, two has 1, not 12")


def test_one_alone_is_named_by_itself() -> None:
    """There is nothing to sum up."""
    assert list(topic_findings([ONE])) == [Finding("topic one", Health.NOTE, "has 4 partitions")]


def test_whatever_else_is_wrong_with_a_topic_is_told_of_it() -> None:
    """A retention that differs, too; a topic that is missing, and one that must be changed."""
    kept = report("kept", State.DIFFERS, 4, "has 4 partitions", "retention.ms is 1")
    missing = report("missing", State.MISSING, 0, "there is no such topic")
    broken = report("broken", State.BREAKS, 12, "cleanup.policy is compact")
    found = list(topic_findings([ONE, kept, missing, TWO, broken]))
    assert [(one.check, one.health) for one in found] == [
        ("topic kept", Health.NOTE),
        ("topic missing", Health.FAILED),
        ("topic broken", Health.FAILED),
        ("topics", Health.NOTE),
    ]
    assert found[0].found == "has 4 partitions; retention.ms is 1"
    assert found[1].remedy == "run `plimsoll topics apply`"


def test_a_topic_that_may_not_be_seen_is_not_called_missing() -> None:
    """It is no failure, since nobody needs a right to all of them, and making it is no remedy."""
    (found,) = topic_findings([report("hidden", State.HIDDEN, 0, "no right to it")])
    assert (found.check, found.health, found.found) == (
        "topic hidden",
        Health.NOTE,
        "no right to it",
    )
    assert "topics rights" in found.remedy
    assert "apply" not in found.remedy
