"""The program ends with the right code and one clear line, whatever is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from plimsoll.adapters.rpc.answers import ConfidenceRecord
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import DeadLetteredError
from plimsoll.cli import asking_why
from plimsoll.cli.__main__ import main
from plimsoll.cli.csv_lines import FIELDS
from plimsoll.cli.failures import Failure, describe, unexpected
from plimsoll.cli.whereabouts import Place, Whereabouts
from plimsoll.domain.errors import ConfigurationError, FatalError, PoisonError, RetryableError
from plimsoll.domain.identity import ResultKey
from tests.support.ports import closed_port
from tests.unit.cli.tree import commands_of

GROUPS = {"topics", "dlq", "settings", "plan", "telemetry"}


def run(*arguments: str) -> tuple[int, str, str]:
    """The program as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "plimsoll.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COLUMNS": "100"},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("path", commands_of(), ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` of each command ends with 0, prints its usage, and touches nothing."""
    assert main([*path, "--help"]) == 0
    assert "Usage: plimsoll" in capsys.readouterr().out


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """What a script may rely on stands in the help."""
    main(["--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "Exit codes: 0 done; 1 failed, or the answer is no; 2 the command line" in out


def test_help_names_what_a_column_may_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Every field that `--map` knows stands in the help of the commands that take it."""
    for command in ("score", "publish"):
        main([command, "--help"])
        words = set(re.findall(r"[a-z_]+", capsys.readouterr().out))
        assert set(FIELDS) <= words


def test_help_of_an_audit_says_where_the_texts_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A labeller needs them, and the CSV holds IDs only."""
    assert main(["audit", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The CSV holds IDs only. Prompts and responses are with whoever published" in said


def test_help_loads_no_service() -> None:
    """`--help` is quick: no service, client library or numerics is imported for it."""
    heavy = ("aiokafka", "grpc", "faust", "numpy", "plimsoll.metrics", "plimsoll.v1")
    script = (
        "import sys; from plimsoll.cli.__main__ import main; main(['--help']); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scrrer"], "No such command 'scrrer'"),
        (["get"], "Missing argument"),
        (["scorer", "--nonsense"], "No such option: --nonsense"),
        (["get", "a/b/c"], "result_id"),
        (["get", "x", "--wait", "99"], "less than or equal to 60"),
        (["scorer", "--config", "/nonexistent/x.yaml"], "/nonexistent/x.yaml cannot be read"),
        (["plan", "check", "/nonexistent/p.yaml"], "/nonexistent/p.yaml cannot be read"),
        (["dlq", "show", "here"], "'here' is not PARTITION:OFFSET"),
        (["watch", "--task-kind", "open_q"], "did you mean open_qa?"),
        (["feedback", "x"], "say --right, --wrong or --grade"),
        (["feedback", "x", "--right", "--source", "me"], "there is no source me"),
        (["metrics", "--family", "white"], "there is no family white"),
        (["metrics", "perplexiti"], "there is no metric perplexiti: did you mean perplexity?"),
        (["metrics", "perplexity", "--family", "code"], "no metric perplexity of family code"),
    ],
)
def test_a_wrong_command_line_ends_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line on standard error that says what is wrong, nothing on the other."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_bare_groups_show_their_commands() -> None:
    """A group without a command says what it holds and what is missing: a mistake of usage."""
    for group in GROUPS:
        code, out, err = run(group)
        assert code == 2
        assert "Commands" in out + err
        assert f"plimsoll: a command is missing (`plimsoll {group} --help` says more)" in err


def test_an_unreachable_kafka_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No broker: exit code 1 and one line that names the address, no traceback."""
    with closed_port() as port:
        address = f"127.0.0.1:{port}"
        monkeypatch.setenv("PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS", address)
        assert main(["topics", "list"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert address in err


def test_no_kafka_named_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cluster in the settings, the line says which variable to set."""
    monkeypatch.delenv("PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    assert main(["topics", "apply"]) == 2
    assert "PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS=host:port" in capsys.readouterr().err


def test_an_unreachable_query_service_ends_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No query service: exit code 1 and one line that names the address."""
    with closed_port() as port:
        address = f"127.0.0.1:{port}"
        assert main(["get", "x", "--endpoint", address]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert address in err


def test_a_reader_that_leaves_is_no_failure_to_talk_about() -> None:
    """`plimsoll ... | head` says nothing on standard error."""
    with subprocess.Popen(
        [sys.executable, "-m", "plimsoll.cli", "settings", "docs"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigurationError("kafka.x is wrong"), 2, "kafka.x is wrong"),
        (RetryableError("away"), 1, "away (it may pass: try again, or `plimsoll doctor`)"),
        (FatalError("two\nlines"), 1, "two lines"),
        (PoisonError("bad_id", "no"), 1, "bad_id: no"),
        (FileNotFoundError(2, "No such file or directory", "x"), 1, "x: No such file or directory"),
    ],
)
def test_expected_failures_have_words(error: Exception, code: int, said: str) -> None:
    """Each kind of failure has its exit code and its sentence."""
    assert describe(error) == Failure(code, said)


def test_an_unexpected_failure_is_one_line_too() -> None:
    """A defect of ours says its kind and its place, and asks to be reported."""
    assert describe(TypeError("x")) is None
    failure = unexpected(TypeError("x"))
    assert failure.code == 1
    assert "unexpected TypeError: x" in failure.message
    assert "\n" not in failure.message


def test_no_control_character_of_a_service_reaches_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in an answer nor in an error: whoever publishes results has a word in both."""

    async def where(*_: object) -> Whereabouts:
        facts: dict[str, object] = {"detail": "red\x1b[31m"}
        return Whereabouts(ResultKey("t", "a"), Place.DEAD_LETTER, "dead\x1b[2J", facts, "b\x1bc")

    async def trouble(*_: object) -> Whereabouts:
        raise FatalError("it says \x1b[31mred")

    monkeypatch.setattr(asking_why, "find_out_why", where)
    assert main(["why", "t/a"]) == 1
    assert capsys.readouterr().out == "t/a: dead [2J\n  detail: red [31m\n  what to do: b c\n"
    monkeypatch.setattr(asking_why, "find_out_why", trouble)
    assert main(["why", "t/a"]) == 1
    assert capsys.readouterr().err == "plimsoll: it says  [31mred\n"


def test_a_dead_letter_s_words_are_plain_where_it_is_looked_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its detail is as whoever parked it wrote it."""

    async def get(*_: object, **__: object) -> ConfidenceRecord:
        raise DeadLetteredError("t/a: red\x1b[31m", "DEAD_LETTER", {})

    monkeypatch.setattr(ConfidenceClient, "get", get)
    assert main(["get", "t/a"]) == 1
    assert capsys.readouterr().err == "plimsoll: t/a: red [31m\n"


def test_version_is_the_distribution_s(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` names the program and a version."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("plimsoll 0.")


def test_the_catalogue_is_for_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    """`metrics --json` lists name, family, needs, strength and cost of every metric."""
    assert main(["metrics", "--json"]) == 0
    entries = orjson.loads(capsys.readouterr().out)
    assert len(entries) >= 11
    for entry in entries:
        assert {"name", "family", "needs", "strength", "cost"} <= entry.keys()


def test_one_metric_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """`metrics NAME` says what it needs, costs and comes from, and all of each figure."""
    assert main(["metrics", "perplexity"]) == 0
    out = capsys.readouterr().out
    for said in ("response.tokens.logprobs", "free", "arXiv:2311.07383", "version 1"):
        assert said in out
    for task in ("grounded_qa en at 90%", "open_qa en at 90%"):
        assert task in " ".join(out.split())
    assert "gemma270m_ctx" in out
    assert "entity_containment" not in out


def test_one_metric_is_for_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    """`metrics NAME --json` is that entry of the catalogue; what is unmeasured has no strength."""
    assert main(["metrics", "token_sar", "--json"]) == 0
    entry = orjson.loads(capsys.readouterr().out)
    assert (entry["name"], entry["strength"]) == ("token_sar", [])
    assert main(["metrics", "token_sar"]) == 0
    assert "unmeasured" in capsys.readouterr().out


def test_settings_show_masks_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither `settings show` nor `doctor` prints a password, for people or for machines."""
    monkeypatch.setenv("PLIMSOLL_KAFKA__SASL_PASSWORD", "hush-hush")
    for arguments in (["settings", "show"], ["doctor", "--offline"]):
        for form in ([], ["--json"]):
            main([*arguments, *form])
            shown = "".join(capsys.readouterr())
            assert "hush-hush" not in shown
            assert "********" in shown


def test_doctor_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that is missing fails the check, with a remedy and exit code 1."""
    monkeypatch.setenv("PLIMSOLL_STORE__PATH", str(tmp_path / "none" / "x.db"))
    assert main(["doctor", "--offline", "--json"]) == 1
    checks = orjson.loads(capsys.readouterr().out)["checks"]
    (failed,) = [check for check in checks if check["health"] == "failed"]
    assert failed["check"] == "store's folder"
    assert "store.path" in failed["remedy"]


def test_doctor_survives_wrong_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that cannot be read are a finding, not the end of the examination."""
    monkeypatch.setenv("PLIMSOLL_KAFKA__SESSION_TIMEOUT_MS", "soon")
    assert main(["doctor", "--offline"]) == 1
    assert "SESSION_TIMEOUT_MS" in capsys.readouterr().out.replace("\n", "")


def test_a_wrong_script_of_the_emulator_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which step is wrong and why, without a library's own page."""
    script = tmp_path / "drill.yaml"
    script.write_text("steps: [{fault: throtling}]", encoding="utf-8")
    assert main(["dev", "bedrock", "--script", str(script)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"emulator's script {script}: steps.0: there is no fault throtling" in said
    assert main(["dev", "bedrock", "--script", "/nowhere"]) == 2
    assert capsys.readouterr().err == (
        "plimsoll: emulator's script /nowhere: No such file or directory\n"
    )
