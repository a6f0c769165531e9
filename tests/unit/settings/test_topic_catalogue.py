"""The topics as data hold what the contract says of them."""

from __future__ import annotations

from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.topic_catalogue import named_topics, topic_roles
from plimsoll.settings.topics import TopicNames

ROLES = {role.role: role for role in topic_roles()}


def test_the_scores_topic_forgets_nothing() -> None:
    """The store is rebuilt from it: delete policy without limit, partitions fixed."""
    scores = ROLES["scores"]
    assert dict(scores.configs)["retention.ms"] == "-1"
    assert dict(scores.configs)["cleanup.policy"] == "delete"
    assert scores.keeps_partitions


def test_each_topic_takes_the_largest_record_that_may_go_there() -> None:
    """No topic refuses what the scorer lets through; a dead letter is larger than its source."""
    scorer = ScorerSettings()
    assert ROLES["scores"].max_message_bytes >= scorer.max_scored_bytes
    assert ROLES["results"].max_message_bytes >= scorer.max_record_bytes
    assert ROLES["dead_letters"].max_message_bytes > ROLES["results"].max_message_bytes


def test_keys_meet_in_the_same_partition() -> None:
    """Results, scores and rescores of a key have as many partitions, so that workers align."""
    assert {ROLES[role].partitions for role in ("results", "scores", "rescores")} == {12}


def test_names_are_settings() -> None:
    """A renamed topic keeps its role's layout."""
    renamed = dict(named_topics(TopicNames(scores="team.scores")))
    assert renamed["team.scores"].role == "scores"
