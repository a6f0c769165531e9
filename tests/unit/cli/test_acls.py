"""Rights on the brokers as lines and as JSON."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from plimsoll.cli.__main__ import main
from plimsoll.cli.acls import acl_lines, acls_json
from plimsoll.settings.kafka_rights import kafka_rights
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.topics import TopicNames

SETTINGS = Settings(
    topics=TopicNames(feedback="labels"), scorer=ScorerSettings(group_id="it's a group")
)


def test_lines_for_a_shell() -> None:
    """Names come from the settings, quoted; each component is named where the principal says so."""
    lines = list(acl_lines(kafka_rights(SETTINGS), "User:CN=COMPONENT"))
    assert all(shlex.split(line)[0] == "kafka-acls.sh" for line in lines)
    query = [shlex.split(line) for line in lines if "CN=query" in line]
    assert [line[-4:] for line in query] == [
        ["--operation", "Write", "--topic", "labels"],
        ["--operation", "Read", "--topic", "llm.calibrations.v1"],
    ]
    assert any("it's a group" in shlex.split(line) for line in lines)
    (prefixed,) = [line for line in lines if "prefixed" in line]
    assert "plimsoll-observer-" in shlex.split(prefixed)


def test_json_by_component() -> None:
    """Every component is there, with what it may do."""
    found = acls_json(kafka_rights(SETTINGS))
    assert set(found) == {"scorer", "indexer", "query", "observer", "jobs"}
    assert found["query"] == [
        {"resource": "topic", "name": name, "operations": (operation,), "pattern": "literal"}
        for name, operation in (("labels", "Write"), ("llm.calibrations.v1", "Read"))
    ]


def test_the_lines_say_what_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    """The variable and the file that each line names are told before the first of them."""
    assert main(["topics", "rights"]) == 0
    before, _, lines = capsys.readouterr().out.partition("kafka-acls.sh")
    assert "BROKERS is host:port" in before
    assert "admin.properties" in before
    assert lines
    ended = subprocess.run(
        ["/bin/sh", "-c", before], env={}, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "BROKERS" in ended.stderr
