"""Settings come from the environment, then a file, and every mistake is named with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.masked import MASK, shown
from plimsoll.settings.model import Settings, load_settings, load_with_sources
from plimsoll.settings.sources import unknown_variables
from plimsoll.settings.variables import child_environment


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PLIMSOLL_"):
            monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    file = folder / "plimsoll.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problem(file: Path | None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    return str(caught.value)


def test_environment_beats_file_beats_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one section, each value comes from the first source that has it."""
    file = written(tmp_path, "kafka:\n  client_id: from-file\n  session_timeout_ms: 7000\n")
    monkeypatch.setenv("PLIMSOLL_KAFKA__CLIENT_ID", "from-environment")
    kafka = load_settings(file).kafka
    assert (kafka.client_id, kafka.session_timeout_ms) == ("from-environment", 7_000)
    assert kafka.request_timeout_ms == 30_000


def test_the_file_may_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLIMSOLL_CONFIG names the file where no argument does."""
    monkeypatch.setenv("PLIMSOLL_CONFIG", str(written(tmp_path, "log_level: DEBUG\n")))
    assert load_settings().log_level == "DEBUG"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable leaves the default, also where the default is no path at all."""
    monkeypatch.setenv("PLIMSOLL_SCORER__PLAN_FILE", "")
    assert load_settings().scorer.plan_file is None


def test_unknown_keys_are_named_with_line_and_suggestion(tmp_path: Path) -> None:
    """Every misspelt key of a file is told, each with its line and what was meant."""
    file = written(tmp_path, "kafka:\n  boostrap_servers: a:1\nscorr:\n  group_id: x\n")
    said = problem(file)
    assert f"{file}:2: there is no setting kafka.boostrap_servers" in said
    assert "did you mean bootstrap_servers?" in said
    assert f"{file}:3: there is no setting scorr: did you mean scorer?" in said


def test_a_wrong_value_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value out of bounds is told with the line of the file or the name of the variable."""
    file = written(tmp_path, "scorer:\n  max_in_flight: 0\n")
    assert f"scorer.max_in_flight ({file}:2)" in problem(file)
    monkeypatch.setenv("PLIMSOLL_SCORER__MAX_IN_FLIGHT", "many")
    assert "environment variable PLIMSOLL_SCORER__MAX_IN_FLIGHT" in problem(file)


def test_a_key_twice_is_a_mistake(tmp_path: Path) -> None:
    """YAML's silent last-one-wins is refused, with both lines."""
    file = written(tmp_path, "log_level: INFO\nlog_level: DEBUG\n")
    assert f"{file}:2: log_level stands here for the second time (first on line 1)" in problem(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kafka: [1\n", "not YAML"),
        ("- a list\n", "a settings file is a mapping"),
        ("kafka: here\n", "kafka is a section"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """What is no mapping of sections ends in one clear sentence."""
    assert said in problem(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is told by its name."""
    assert "none.yaml cannot be read" in problem(tmp_path / "none.yaml")


def test_a_misspelt_nested_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable with two underscores can only be ours, so a wrong one stops the start."""
    monkeypatch.setenv("PLIMSOLL_KAFKA__BOOTSTRAP_SERVER", "a:1")
    assert "did you mean PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS?" in problem(None)


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("OBSERVER__PROMISES", "[0.05,", "is no JSON: Expecting value at its end; lists and"),
        ("OBSERVER__PROMISES", "[0.05 0.1]", "Expecting ',' delimiter at character 7; lists and"),
        ("OBSERVER", '{"promises', "Unterminated string starting at character 2; lists and"),
        ("OBSERVER", "[1]", ": observer is a section: a JSON mapping of its settings"),
        ("OBSERVER", '{"promse_days": 1}', "no setting observer.promse_days: did you mean promise"),
        ("STORE", '{"postgres": {"dns": ""}}', "no setting store.postgres.dns: did you mean dsn?"),
    ],
)
def test_json_of_the_environment_is_named_by_variable_and_key(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, said: str
) -> None:
    """What cannot be read as JSON, and keys that set nothing: a section alone helps nobody."""
    monkeypatch.setenv(f"PLIMSOLL_{variable}", text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"environment variable PLIMSOLL_{variable}")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("OBSERVER__PROMISES", "0.05", "observer.promises (environment variable {}): Input should"),
        ("OBSERVER", '{"promise_days": "x"}', "observer.promise_days (environment variable {}): "),
        ("SCORER__ALLOWED_TENANTS", '{"t": 5}', "scorer.allowed_tenants.t (environment variable"),
    ],
)
def test_a_wrong_value_within_json_is_named_by_variable_and_key(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, said: str
) -> None:
    """A list or a mapping that is none says how the environment has them."""
    monkeypatch.setenv(f"PLIMSOLL_{variable}", text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert said.format(f"PLIMSOLL_{variable}") in str(caught.value)
    assert ("of the environment are JSON" in str(caught.value)) is ("promise_days" not in text)


def test_json_that_cannot_be_read_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold a password."""
    monkeypatch.setenv("PLIMSOLL_KAFKA", '{"sasl_password": "hunter2" "sasl_username": "u"}')
    with pytest.raises(ConfigurationError, match="PLIMSOLL_KAFKA is no JSON") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_other_variables_are_reported_and_orchestrators_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A near miss is reported; what Kubernetes puts there for a service is not."""
    monkeypatch.setenv("PLIMSOLL_LOG_LEVLE", "DEBUG")
    monkeypatch.setenv("PLIMSOLL_QUERY_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("PLIMSOLL_QUERY_PORT_8086_TCP", "tcp://10.0.0.1:8086")
    (reported,) = unknown_variables(Settings)
    assert "PLIMSOLL_LOG_LEVLE" in reported
    assert "did you mean PLIMSOLL_LOG_LEVEL?" in reported


def test_secrets_are_masked_and_never_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret shows as a mask, and a message about a wrong one does not hold it."""
    monkeypatch.setenv("PLIMSOLL_KAFKA__SASL_PASSWORD", "hush-hush")
    rows = {row.name: row for row in shown(*load_with_sources())}
    assert rows["kafka.sasl_password"].value == MASK
    assert "hush-hush" not in repr(rows)
    monkeypatch.delenv("PLIMSOLL_KAFKA__SASL_PASSWORD")
    file = written(tmp_path, "kafka:\n  sasl_password: [hush-hush]\n")
    assert "hush-hush" not in problem(file)


def test_where_a_value_comes_from_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value is shown with its variable, its line, or as the default."""
    file = written(tmp_path, "store:\n  path: a.db\n")
    monkeypatch.setenv("PLIMSOLL_LOG_LEVEL", "DEBUG")
    where = {row.name: row.where for row in shown(*load_with_sources(file))}
    assert where["log_level"] == "environment variable PLIMSOLL_LOG_LEVEL"
    assert where["store.path"] == f"{file}:2"
    assert where["log_format"] == "default"


def test_children_get_exactly_these_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child's environment gives the parent's settings, whatever file the parent had read."""
    file = written(
        tmp_path,
        "kafka:\n  sasl_password: hush\nscorer:\n  allowed_tenants:\n    results: [a, b]\n",
    )
    monkeypatch.setenv("PLIMSOLL_CONFIG", str(file))
    parent = load_settings()
    parent = parent.model_copy(
        update={
            "store": parent.store.model_copy(update={"path": tmp_path / "x.db"}),
            "judges": parent.judges.model_copy(update={"path": tmp_path / "judges.db"}),
            "evidence": parent.evidence.model_copy(update={"path": tmp_path / "keys.db"}),
        }
    )
    environment = child_environment(parent)
    assert "PLIMSOLL_CONFIG" not in environment
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == parent
