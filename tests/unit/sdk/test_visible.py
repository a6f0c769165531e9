"""The visible rule on a stream."""

from __future__ import annotations

import pytest

from plimsoll.domain.identity import ResultKey
from plimsoll.sdk.visible import Sight, VisibleRule

KEY = ResultKey("default", "r-1")


def test_the_first_event_of_a_key_is_visible_and_its_copy_is_a_duplicate() -> None:
    """A score that was published twice is seen once."""
    rule = VisibleRule(10)
    assert rule.see(KEY, 0, "s-1") is Sight.VISIBLE
    assert rule.see(KEY, 0, "s-1") is Sight.DUPLICATE


def test_another_score_of_the_same_revision_is_a_conflict() -> None:
    """Within a revision the lowest offset stays visible, whatever comes after it."""
    rule = VisibleRule(10)
    rule.see(KEY, 0, "s-1")
    assert rule.see(KEY, 0, "s-2") is Sight.CONFLICT
    assert rule.see(KEY, 0, "s-1") is Sight.DUPLICATE


def test_a_higher_revision_is_visible_and_supersedes_the_lower() -> None:
    """A rescore is delivered, and a late copy of what it replaced is not."""
    rule = VisibleRule(10)
    rule.see(KEY, 0, "s-1")
    assert rule.see(KEY, 7, "s-7") is Sight.VISIBLE
    assert rule.see(KEY, 0, "s-1") is Sight.SUPERSEDED


def test_tenants_do_not_hide_each_others_results() -> None:
    """The same result ID of two tenants is two results."""
    rule = VisibleRule(10)
    rule.see(ResultKey("a", "r-1"), 0, "s-1")
    assert rule.see(ResultKey("b", "r-1"), 0, "s-1") is Sight.VISIBLE


def test_memory_is_bounded_and_keeps_what_was_seen_last() -> None:
    """Of more keys than the bound, the one not seen for longest is forgotten first."""
    rule = VisibleRule(2)
    first, second, third = (ResultKey("t", name) for name in ("a", "b", "c"))
    rule.see(first, 0, "s")
    rule.see(second, 0, "s")
    rule.see(first, 0, "s")
    rule.see(third, 0, "s")
    assert len(rule) == 2
    assert rule.see(first, 0, "s") is Sight.DUPLICATE
    assert rule.see(second, 0, "s") is Sight.VISIBLE


def test_a_rule_without_memory_is_refused() -> None:
    """A capacity below one is a mistake of the caller."""
    with pytest.raises(ValueError, match="capacity is 0"):
        VisibleRule(0)
