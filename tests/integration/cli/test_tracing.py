"""`why`, `status` and `dlq` on a real cluster tell each place that a result can be in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.identity import derived_result_id
from plimsoll.domain.record import OutRecord
from plimsoll.settings.model import Settings
from plimsoll.v1.result_pb2 import LlmResult, Response
from plimsoll.wire.json_results import result_from_json
from plimsoll.wire.publish import encode_result
from tests.integration.cli.program import plimsoll
from tests.support.checker import Partition
from tests.support.reader import ends_of
from tests.support.services import Fleet, fleet, wait_for_members

pytestmark = pytest.mark.kafka

RESULT = '{"resultId": "%s", "tenant": "t", "response": {"text": "Paris"}}'
_UNNAMED = LlmResult(tenant="t", response=Response(text="x")).SerializeToString()
GARBAGE = b"\xff\xfe\x1b[31m"


@pytest.fixture
async def ships(tmp_path: Path) -> AsyncIterator[Fleet]:
    """Services of the test, which end with it."""
    with fleet(tmp_path / "fleet") as made:
        yield made


async def send(settings: Settings, *records: OutRecord) -> None:
    """Publishes and waits for the brokers."""
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    try:
        for record in records:
            await (await producer.send(record))
    finally:
        await producer.stop()


def result(settings: Settings, result_id: str) -> OutRecord:
    """A good one."""
    return encode_result(result_from_json(RESULT % result_id), settings.topics.results)


def garbage(settings: Settings, result_id: str) -> OutRecord:
    """Bytes that are no result, under the key of one."""
    headers = (("ce_type", b"plimsoll.v1.LlmResult"),)
    return OutRecord(settings.topics.results, f"t/{result_id}".encode(), GARBAGE, headers)


def why(settings: Settings, key: str) -> tuple[int, dict[str, object]]:
    """Exit code and facts."""
    ended = plimsoll(settings, "why", key, "--json")
    return ended.code, ended.json()


async def test_a_result_on_its_way_is_placed_by_the_topics_alone(settings: Settings) -> None:
    """Without any service: not consumed yet, with partition, offset and lag; or not seen."""
    await send(settings, result(settings, "one"), result(settings, "two"))
    code, said = why(settings, "t/two")
    assert (code, said["place"]) == (1, "not_consumed")
    facts = said["facts"]
    assert isinstance(facts, dict)
    assert facts["topic"] == settings.topics.results
    assert facts["lag"] >= 1
    assert "no scorer is running" in str(said["advice"])
    code, said = why(settings, "t/three")
    assert (code, said["place"]) == (1, "not_seen")


async def test_a_record_is_found_by_what_it_holds(settings: Settings) -> None:
    """A result under a stranger's key, or without any ID, is found wherever it landed."""
    strange = result(settings, "x")._replace(key=b"somebody/else")
    unnamed = strange._replace(value=_UNNAMED, key=None, partition=2)
    await send(settings, strange, unnamed)
    assert why(settings, "t/x")[1]["place"] == "not_consumed"
    derived = derived_result_id(settings.topics.results, 2, await _last(settings, 2), 0)
    code, said = why(settings, f"t/{derived}")
    assert (code, said["place"]) == (1, "not_consumed")


async def test_every_place_of_a_running_deployment(settings: Settings, ships: Fleet) -> None:
    """Scored, dead and erased: each is told, and the funnel adds up at every step."""
    ships.scorer(settings)
    ships.indexer(settings)
    ships.start("plimsoll.cli", settings, "query")
    await ships.all_ready()
    await send(settings, result(settings, "good"), garbage(settings, "bad"))
    await _until_placed(settings, "t/good", "scored")
    got = plimsoll(settings, "get", "t/good", "--wait", "60", "--json")
    assert got.code == 0, got.err
    await _until_dead(settings)
    code, said = why(settings, "t/bad")
    assert (code, said["place"]) == (1, "dead_letter")
    assert "undecodable" in str(said["said"])
    assert _funnel(settings) == (0, [2, 1, 1, 0, 0, 0])
    ordered = plimsoll(
        settings, "erase", "--tenant", "t", "--result", "good", "--reason", "T-1",
        "--requested-by", "privacy desk",
    )  # fmt: skip
    assert ordered.code == 0, ordered.err
    code, said = why(settings, "t/good")
    assert (code, said["place"]) == (1, "erased")
    assert _funnel(settings) == (0, [2, 0, 1, 1, 0, 0])


async def test_a_dead_letter_is_shown_safely_and_comes_back_mended(
    settings: Settings, ships: Fleet, tmp_path: Path
) -> None:
    """No byte of it reaches the terminal; unmended it is refused, mended it is published."""
    ships.scorer(settings)
    await wait_for_members(settings.kafka.bootstrap_servers, settings.scorer.group_id, 1)
    await send(settings, garbage(settings, "bad"))
    (letter,) = await _until_dead(settings)
    place = str(letter["position"])
    saved = tmp_path / "saved"
    shown = plimsoll(settings, "dlq", "show", place, "--save", str(saved))
    assert shown.code == 0, shown.err
    assert "\x1b" not in shown.out
    assert "ff fe 1b 5b 33 31 6d" in shown.out
    assert saved.read_bytes() == GARBAGE
    refused = plimsoll(settings, "dlq", "redrive", place)
    assert refused.code == 1
    assert "would be parked again: undecodable" in refused.err
    mended = tmp_path / "mended"
    mended.write_bytes(result(settings, "bad").value or b"")
    redriven = plimsoll(settings, "dlq", "redrive", place, "--value", str(mended))
    assert redriven.code == 0, redriven.err
    absent = plimsoll(settings, "dlq", "show", "0:99999")
    assert absent.code == 1
    assert "nothing stands at 0:99999" in absent.err


async def test_publish_names_bad_lines_and_counts_acknowledgements(
    settings: Settings, tmp_path: Path
) -> None:
    """Good lines are on the topic, a bad one is told with its number, and the code is 1."""
    file = tmp_path / "in.jsonl"
    file.write_text(f"{RESULT % 'a'}\nnonsense\n{RESULT % 'b'}\n", encoding="utf-8")
    ended = plimsoll(settings, "publish", str(file), "--positions", "--json")
    assert ended.code == 1
    assert ended.json() == {"published": 2, "bad_lines": 1}
    assert f"{file}:2: undecodable" in ended.err
    assert why(settings, "t/b")[1]["place"] == "not_consumed"


async def test_doctor_finds_a_cluster_well(settings: Settings) -> None:
    """Broker and topics are looked at; a query service that is away fails, with a remedy."""
    ended = plimsoll(settings, "doctor", "--json")
    assert ended.code == 1
    checks = {check["check"]: check for check in ended.json()["checks"]}
    assert checks["broker"]["health"] == "ok"
    assert checks["query service"]["health"] == "failed"
    assert "plimsoll query" in checks["query service"]["remedy"]
    assert checks["scorers"]["health"] == "note"


def _funnel(settings: Settings) -> tuple[int, list[int]]:
    """Exit code and counts."""
    ended = plimsoll(settings, "status", "--json")
    names = "published", "visible", "dead", "erased", "waiting", "unaccounted"
    return ended.code, [ended.json()[name] for name in names]


async def _last(settings: Settings, partition: int) -> int:
    """The offset of a partition's newest record."""
    ends = await ends_of(settings.kafka.bootstrap_servers, settings.topics.results)
    return ends[Partition(settings.topics.results, partition)] - 1


async def _until_placed(settings: Settings, key: str, place: str) -> None:
    """Returns once that is where it is; a query service that stood still is not asked long."""
    for _ in range(60):
        said = why(settings, key)[1]
        if said["place"] == place:
            return
    raise AssertionError(said)


async def _until_dead(settings: Settings) -> list[dict[str, object]]:
    """The dead letters, once there is one."""
    for _ in range(60):
        letters: list[dict[str, object]] = plimsoll(settings, "dlq", "list", "--json").json()
        if letters:
            return letters
    raise AssertionError(f"no dead letter on {settings.topics.dead_letters}")
