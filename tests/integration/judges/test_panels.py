"""Panels from end to end: a plan, an emulated Bedrock, and scores that say what judges said."""

from __future__ import annotations

import asyncio
import json
import random
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plimsoll.settings.model import Settings
from plimsoll.wire.scored import decode_scored
from tests.integration.cli.program import run
from tests.support.bedrock import IDENTITY
from tests.support.emulator_process import EmulatorProcess, emulator_process
from tests.support.environment import environment
from tests.support.load import Outgoing, produce, single
from tests.support.ports import free_port
from tests.support.reader import read_topic
from tests.support.services import PROGRAM, Fleet, fleet

PLAN = """\
panels:
  - {name: judge_correctness, rubric: correctness, judges: [cheap, strong]}
policies:
  - name: strict
    conditions:
      - {name: judges say no, when: {scores.judge_correctness: "< 0.5"}, then: reject}
      - {name: judges say yes, when: {scores.judge_correctness: ">= 0.5"}, then: accept}
    otherwise: review
rules:
  - {metrics: [response_length], panels: [judge_correctness], policy: strict, deadline: 60s}
"""
JUDGES = {
    "cheap": "amazon.nova-lite-v1:0",
    "strong": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
}
RESULTS = 6


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[EmulatorProcess]:
    """One that answers everything."""
    with emulator_process(tmp_path) as running:
        yield running


@pytest.fixture
def variables(emulator: EmulatorProcess, tmp_path: Path) -> dict[str, str]:
    """The environment of a command that asks it."""
    return {
        **IDENTITY,
        "PLIMSOLL_BEDROCK__REGION": "us-east-1",
        "PLIMSOLL_BEDROCK__ENDPOINT_URL": emulator.url,
        "PLIMSOLL_BEDROCK__JUDGES": json.dumps(JUDGES),
        "PLIMSOLL_JUDGES__PATH": str(tmp_path / "judges.db"),
    }


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan with a panel and a policy on it."""
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Labelled results, every other one right."""
    file = tmp_path / "results.jsonl"
    lines = [
        {
            "resultId": f"r-{number}",
            "language": "en",
            "messages": [{"role": "user", "text": f"What is {number} and {number}?"}],
            "response": {"text": f"It is {2 * number + number % 2}."},
            "attributes": {"correct": str(1 - number % 2)},
        }
        for number in range(RESULTS)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def journal(emulator: EmulatorProcess) -> dict[str, Any]:
    """What the emulator has seen and said."""
    with urllib.request.urlopen(f"{emulator.url}/emulator/journal") as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def calls(emulator: EmulatorProcess) -> int:
    """How many questions the emulator has seen."""
    return int(journal(emulator)["calls"])


def scores(file: Path) -> list[Mapping[str, Any]]:
    """What was written."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_file_is_judged_and_never_twice(
    emulator: EmulatorProcess, variables: dict[str, str], plan: Path, results: Path, tmp_path: Path
) -> None:
    """Every result has both scores and a verdict; a second run asks nobody and says the same."""
    written = []
    for number in range(2):
        out = tmp_path / f"scored-{number}.jsonl"
        ended = run(variables, "score", str(results), "--plan", str(plan), "--out", str(out))
        assert ended.code == 0, ended.err
        written.append(scores(out))
        assert calls(emulator) == RESULTS * len(JUDGES)
    assert written[0] == written[1]
    for one in written[0]:
        found = {score["metric"]: score for score in one["scores"]}
        assert 0.0 <= found["judge_correctness"].get("value", 0.0) <= 1.0
        assert "unmeasured" in found["judge_correctness_posterior"]["flags"]
        assert one["decision"]["verdict"] in {"accept", "reject", "review"}


def test_an_estimate_asks_nobody(
    emulator: EmulatorProcess, variables: dict[str, str], plan: Path, results: Path
) -> None:
    """Calls, tokens and money are told before anything is spent."""
    ended = run(variables, "judges", "estimate", str(results), "--plan", str(plan), "--json")
    assert ended.code == 0, ended.err
    told = {judge["judge"]: judge for judge in ended.json()["judges"]}
    assert {name: told[name]["calls"] for name in JUDGES} == dict.fromkeys(JUDGES, RESULTS)
    assert all(told[name]["usd_at_most"] > 0 for name in JUDGES)
    assert calls(emulator) == 0
    neither = run(variables, "judges", "estimate", "--plan", str(plan))
    assert (neither.code, "name a FILE, or --topic" in neither.err) == (2, True)


def test_an_estimate_counts_all_that_is_asked(
    emulator: EmulatorProcess, variables: dict[str, str], results: Path, tmp_path: Path
) -> None:
    """Alternatives and checks of a guardrail cost money too, and stand beside the panels."""
    plan = tmp_path / "more.yaml"
    plan.write_text(
        "rules: [{metrics: [exact_match_rate, contextual_grounding, contextual_relevance], "
        "resampling: {samples: 4, judge: cheap, max_output_tokens: 100}, deadline: 60s}]",
        encoding="utf-8",
    )
    grounded = tmp_path / "grounded.jsonl"
    lines = results.read_text(encoding="utf-8").replace('"language"', '"context": [], "language"')
    context = json.dumps([{"text": "What is 1 and 1?"}])
    grounded.write_text(lines.replace('"context": []', f'"context": {context}', 1), "utf-8")
    named = {
        **variables,
        "PLIMSOLL_BEDROCK__GUARDRAIL_ID": "gr1",
        "PLIMSOLL_BEDROCK__GUARDRAIL_VERSION": "3",
        "PLIMSOLL_BEDROCK__GUARDRAIL_USD_PER_1000_UNITS": "0.1",
    }
    ended = run(named, "judges", "estimate", str(grounded), "--plan", str(plan), "--json")
    assert ended.code == 0, ended.err
    told = {judge["judge"]: judge for judge in ended.json()["judges"]}
    # The first result's context is no part of what was asked, so that it cannot be asked again.
    assert told["cheap"]["calls"] == 4 * (RESULTS - 1)
    assert told["cheap"]["output_tokens_at_most"] == 400 * (RESULTS - 1)
    assert told["strong"]["calls"] == 0
    assert (told["guardrail"]["calls"], told["guardrail"]["input_tokens"]) == (1, 1_000)
    assert told["guardrail"]["usd_at_most"] == pytest.approx(0.0001)
    assert calls(emulator) == 0


@pytest.mark.kafka
async def test_an_estimate_reads_a_span_of_the_topic(
    settings: Settings, emulator: EmulatorProcess, variables: dict[str, str], plan: Path
) -> None:
    """By time and by number, beside every group; what is no result is counted, and nobody asked."""
    bootstrap, topic = settings.kafka.bootstrap_servers, settings.topics.results
    await produce_some(bootstrap, topic)
    await asyncio.sleep(0.01)
    between = datetime.now(UTC).isoformat()
    await asyncio.sleep(0.01)
    await produce_some(bootstrap, topic)
    await produce(bootstrap, topic, [Outgoing(b"k", b"\xff\xfe", (None,))])
    told = {**environment(settings), **variables}
    span = ("judges", "estimate", "--topic", "--plan", str(plan), "--json")

    async def estimated(*more: str) -> dict[str, Any]:
        ended = await asyncio.to_thread(run, told, *span, *more)
        assert ended.code == 0, ended.err
        found: dict[str, Any] = ended.json()
        return found

    whole = await estimated()
    assert whole["results"] == 2 * RESULTS
    assert whole["judges"][0]["calls"] == 2 * RESULTS
    assert (whole["records"]["read"], whole["records"]["unreadable"]) == (2 * RESULTS + 1, 1)
    assert (await estimated("--until", between))["results"] == RESULTS
    later = await estimated("--since", between)
    assert (later["results"], later["records"]["unreadable"]) == (RESULTS, 1)
    few = (await estimated("--most-records", "5"))["records"]
    assert few["read"] == few["asked"] <= 5 < few["there"]
    assert calls(emulator) == 0


def test_labels_make_a_table(
    emulator: EmulatorProcess, variables: dict[str, str], plan: Path, results: Path, tmp_path: Path
) -> None:
    """Judges are asked about labelled results, and the table that is learned changes the scores.

    Who has no verdict is counted with the reason: a table learns nothing of them.
    """
    verdicts, table = tmp_path / "verdicts.jsonl", tmp_path / "table.json"
    lines = results.read_text(encoding="utf-8").splitlines()
    longer = json.loads(lines[0])
    longer["response"]["text"] = "two words " * 20_000
    one_more = tmp_path / "one-more.jsonl"
    one_more.write_text("\n".join([*lines, json.dumps(longer)]), encoding="utf-8")
    asked = run(
        variables, "judges", "ask", str(one_more), "--label", "correct", "--out", str(verdicts),
        "--plan", str(plan),
    )  # fmt: skip
    assert asked.code == 0, asked.err
    told = [not entry["verdict"]["cannot_tell"] for entry in journal(emulator)["entries"]]
    assert len(told) == RESULTS * len(JUDGES)
    assert len(verdicts.read_text(encoding="utf-8").splitlines()) == sum(told)
    assert f"{len(told) - sum(told) + 2} left out (" in asked.out
    assert "2 input_too_large" in asked.out
    assert run(variables, "judges", "learn", str(verdicts), "--out", str(table)).code == 0
    known = {**variables, "PLIMSOLL_JUDGES__RELIABILITY_FILE": str(table)}
    out = tmp_path / "scored.jsonl"
    assert run(known, "score", str(results), "--plan", str(plan), "--out", str(out)).code == 0
    first = {score["metric"]: score for score in scores(out)[0]["scores"]}
    assert "unmeasured" not in first["judge_correctness"].get("flags", [])
    assert calls(emulator) == RESULTS * len(JUDGES)


def test_a_label_that_no_result_has(
    variables: dict[str, str], plan: Path, results: Path, tmp_path: Path
) -> None:
    """It is named, and nobody is asked and nobody sent on with an empty table."""
    asked = run(
        variables, "judges", "ask", str(results), "--label", "corect", "--out",
        str(tmp_path / "verdicts.jsonl"), "--plan", str(plan),
    )  # fmt: skip
    assert asked.code != 0
    assert "--label corect: no result of" in asked.err
    assert "judges learn" not in asked.out


def test_judges_that_are_away_end_the_command(
    variables: dict[str, str], plan: Path, results: Path, tmp_path: Path
) -> None:
    """Nobody sits before it for longer than the hold; it says who is away and what to do."""
    hasty = tmp_path / "hasty.yaml"
    hasty.write_text("max_hold: 1s\n" + plan.read_text(encoding="utf-8"), encoding="utf-8")
    away = {**variables, "PLIMSOLL_BEDROCK__ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    asked = run(
        away, "judges", "ask", str(results), "--label", "correct", "--out",
        str(tmp_path / "verdicts.jsonl"), "--plan", str(hasty),
    )  # fmt: skip
    assert asked.code != 0
    assert "could not be asked for 1 s" in asked.err
    assert "running this again" in " ".join(asked.err.split())


@pytest.mark.kafka
async def test_a_scorer_asks_judges(
    settings: Settings, variables: dict[str, str], plan: Path, tmp_path: Path
) -> None:
    """Results on the topic come back with their judges' scores and the policy's verdict."""
    settings.scorer.plan_file = plan
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    with fleet(tmp_path / "logs") as ships:
        start(ships, settings, variables)
        await ships.all_ready()
        await produce_some(bootstrap, topics.results)
        async with asyncio.timeout(300):
            while len(events := await read_topic(bootstrap, topics.scores)) < RESULTS:  # noqa: ASYNC110 - only reading tells
                await asyncio.sleep(0.2)
    for event in events:
        scored = decode_scored(event.value)
        found = {score.metric: score for score in scored.scores}
        assert found["judge_correctness"].value is not None
        assert scored.decision is not None
        assert scored.observation is not None
        costs = [metric.cost_usd for metric in scored.observation.metrics]
        assert any(cost is not None and cost > 0 for cost in costs)


def start(ships: Fleet, settings: Settings, variables: Mapping[str, str]) -> None:
    """A scorer that finds the emulator."""
    ships.start(PROGRAM, settings, "scorer", variables=variables)


async def produce_some(bootstrap: str, topic: str) -> None:
    """A few results."""
    chance = random.Random(7)
    await produce(bootstrap, topic, [single(chance, f"r-{n}") for n in range(RESULTS)])
