"""`plimsoll score --learned`: by what labels have taught, as scorers that follow the topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from plimsoll.cli.__main__ import main
from plimsoll.cli.learned_reading import read_scopes
from plimsoll.cli.promises_text import learned_json
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.result import TaskKind
from tests.support.learned import (
    FITTED,
    ISSUED,
    KEY,
    certificate,
    learned,
    learned_claims,
    watched_claims,
)

RESULT = {
    "resultId": "r-1",
    "taskKind": "TASK_KIND_OPEN_QA",
    "response": {"text": "Paris"},
    "alternatives": [{"response": {"text": "Paris"}}, {"response": {"text": "Paris"}}],
}


def written(folder: Path, *scopes: LearnedScope) -> Path:
    """The file that `plimsoll promises --json` makes of them."""
    path = folder / "learned.json"
    now = datetime.now(UTC)
    path.write_text(json.dumps([learned_json(one, now, ()) for one in scopes]), encoding="utf-8")
    return path


def results(folder: Path) -> Path:
    """One result to score."""
    path = folder / "results.jsonl"
    path.write_text(json.dumps(RESULT) + "\n", encoding="utf-8")
    return path


def scored(folder: Path, *options: str) -> dict[str, object]:
    """The confidence that is written for the one result."""
    output = folder / "out.jsonl"
    assert main(["score", str(results(folder)), "--out", str(output), "--json", *options]) == 0
    (line,) = output.read_bytes().splitlines()
    found = orjson.loads(line)["confidence"]
    assert isinstance(found, dict)
    return found


def test_a_file_brings_calibration_and_promises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The point is the learned one, beside the prior's; what was taken back promises nothing."""
    prior = scored(tmp_path)
    key = ScopeKey("default", TaskKind.OPEN_QA, str(prior["basis"]))
    gone = certificate("gone", 0.1, revoked=ISSUED)
    scope = learned(certificate("stands", threshold=0.01), gone, key=key, calibration=FITTED)
    capsys.readouterr()
    found = scored(tmp_path, "--learned", str(written(tmp_path, scope)))
    assert (prior["status"], found["status"]) == ("prior", "calibrated")
    assert found["labels"] == FITTED.labels
    assert found["unlearned"] == {"point": prior["point"], "interval": prior["interval"]}
    assert found["point"] != prior["point"]
    assert found["promises"] == [{"error_rate": 0.05, "certificate": "certificate-stands"}]
    assert orjson.loads(capsys.readouterr().out)["by_labels"] == 1


def test_a_result_that_nothing_was_learned_of_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its tenant or task kind has no scope in the file: the prior speaks, and that is said."""
    basis = str(scored(tmp_path)["basis"])
    other = learned(key=ScopeKey("acme", TaskKind.OPEN_QA, basis), calibration=FITTED)
    assert scored(tmp_path, "--learned", str(written(tmp_path, other)))["status"] == "prior"
    said = capsys.readouterr().err
    assert f"nothing stands for default/open_qa/{basis}: by the prior" in said


def test_a_file_of_another_basis_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is scored: no result could ever find anything there."""
    file = written(tmp_path, learned(calibration=FITTED))
    output = tmp_path / "out.jsonl"
    arguments = ["score", str(results(tmp_path)), "--out", str(output)]
    assert main([*arguments, "--learned", str(file)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"has scopes of basis {KEY.basis}, and here it is" in said
    assert not output.exists()


def test_a_file_about_claims_alone_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which promises about claims were taken back, and nothing of points: by the prior."""
    file = written(tmp_path, learned_claims(watched_claims(revoked=ISSUED)))
    assert scored(tmp_path, "--learned", str(file))["status"] == "prior"
    assert "nothing stands for default/open_qa" in capsys.readouterr().err


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """Calibration and certificates come back to the last bit."""
    scope = learned(certificate("a"), certificate("b", revoked=ISSUED), calibration=FITTED)
    assert read_scopes(written(tmp_path, scope)) == [scope]
    assert read_scopes(written(tmp_path, learned())) == [learned()]


def _without(name: str) -> Callable[[dict[str, object]], object]:
    return lambda scope: {key: value for key, value in scope.items() if key != name}


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        (_without("tenant"), "scope 1: there is no tenant"),
        (_without("certificates"), "scope 1: there is no certificates"),
        (lambda scope: {**scope, "task_kind": "poetry"}, "'poetry' is not a valid TaskKind"),
        (lambda scope: {**scope, "labels": "many"}, "scope 1: "),
        (lambda scope: {**scope, "update_time": "yesterday"}, "scope 1: Invalid isoformat"),
        (lambda scope: {**scope, "calibration": {"slope": 1.0}}, "there is no calibration_id"),
        (lambda scope: {**scope, "certificates": ["a"]}, "scope 1: "),
        (lambda scope: {**scope, "claims": "none"}, "scope 1: "),
    ],
    ids=["tenant", "none", "kind", "labels", "time", "calibration", "certificate", "claims"],
)
def test_what_is_no_scope_is_refused(
    tmp_path: Path, bend: Callable[[dict[str, object]], object], said: str
) -> None:
    """The error names the scope, what is wrong, and how to write the file."""
    scope = learned_json(learned(certificate("a"), calibration=FITTED), ISSUED, ())
    path = tmp_path / "learned.json"
    path.write_text(json.dumps([bend(scope)]), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"plimsoll promises --json") as caught:
        read_scopes(path)
    assert said in str(caught.value)


def test_numbers_that_nothing_can_have_learned_are_refused(tmp_path: Path) -> None:
    """A map that falls would turn the order of results."""
    falling = learned(calibration=replace(FITTED, slope=-0.5))
    with pytest.raises(ConfigurationError, match="scope 1: undecodable: not a LearnedScope"):
        read_scopes(written(tmp_path, falling))


@pytest.mark.parametrize(
    "text", ["", "result_id,right\nr-1,1\n", '{"tenant": "default"}', '["acme"]']
)
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    """An empty file, a CSV of labels, or one scope alone."""
    path = tmp_path / "learned.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"write it by `plimsoll promises --json`"):
        read_scopes(path)
