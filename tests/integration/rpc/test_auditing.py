"""From the draw of an audit to its labels: the program against a served store."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from plimsoll.cli.drawing import Drawing, draw
from plimsoll.domain.auditing import drawn
from plimsoll.ports.store import ScoreFilter
from tests.contracts.rows import batch, key, score
from tests.integration.cli.program import Ended, plimsoll
from tests.integration.rpc.conftest import Service, message, scored
from tests.support.asking import patient_client

COUNT = 1_200


async def called(service: Service, *arguments: str) -> Ended:
    """The program, beside the service that it asks."""
    return await asyncio.to_thread(plimsoll, service.settings, *arguments)


async def test_a_draw_goes_through_every_page(service: Service) -> None:
    """Of 1,200 results those are drawn whose names say so, each once; and every one is counted."""
    await service.store.write(batch(*(scored(f"r{n}", n) for n in range(COUNT))))
    told = Drawing(0.1)
    async with patient_client(service.settings.query.listen) as client:
        found = [one async for one, _ in draw(client, ScoreFilter(), told)]
    assert sorted(map(str, found)) == sorted(
        str(key(f"r{n}")) for n in range(COUNT) if drawn(key(f"r{n}"), 0.1)
    )
    assert told == Drawing(0.1, seen=COUNT, without=0)


async def test_what_has_no_confidence_is_not_drawn(service: Service) -> None:
    """Nothing is promised of it: it is counted and left out."""
    absent = message("b")
    absent.confidence.absence.detail = "no metric that decides has a value"
    row = score("b", 1, payload=absent.SerializeToString())
    await service.store.write(batch(scored("a", 0), row))
    told = Drawing(1.0)
    async with patient_client(service.settings.query.listen) as client:
        found = [one async for one, _ in draw(client, ScoreFilter(), told)]
    assert found == [key("a")]
    assert told == Drawing(1.0, seen=2, without=1)


async def test_what_is_drawn_is_filled_in_and_sent(service: Service, tmp_path: Path) -> None:
    """The CSV of the one command is the file of the other; every label says that it was drawn."""
    odd = 'odd,"name'
    await service.store.write(batch(scored("a", 0), scored("b", 1)))
    event = message(odd, "acme")
    row = score(odd, 2, tenant="acme", payload=event.SerializeToString())
    await service.store.write(batch(row))
    begun = await called(service, "audit", "--rate", "1")
    assert begun.code == 0, begun.err
    head, *lines = begun.out.splitlines()
    assert head == "result_id,right"
    assert sorted(lines) == ['"acme/odd,""name",', "default/a,", "default/b,"]
    assert "3 drawn of 3 results" in begun.err
    file = tmp_path / "labels.csv"
    answers = {'"acme/odd,""name",': "1", "default/a,": "0", "default/b,": ""}
    file.write_text("\n".join([head, *(f"{one}{answers[one]}" for one in lines)]) + "\n")
    sent = await called(service, "feedback", "--file", str(file), "--audit", "--rater", "ann")
    assert sent.code == 0, sent.err
    assert "2 labels sent and acknowledged, 1 rows without one, 0 bad rows" in sent.out
    taken = {str(one.key): one for one in service.labels.taken}
    assert {name: one.label for name, one in taken.items()} == {
        f"acme/{odd}": True,
        "default/a": False,
    }
    assert all(one.audit and one.rater == "ann" for one in taken.values())


async def test_a_bad_row_is_told_and_costs_the_exit_code(service: Service, tmp_path: Path) -> None:
    """One line names file, row and problem, from here or from the service; the others are sent."""
    file = tmp_path / "labels.csv"
    long = "c" * 10_001
    file.write_text(f"result_id,right,comment\na,1,\nb,perhaps,\nc,1,{long}\nd,0,\n")
    said = await called(service, "feedback", "--file", str(file))
    assert said.code == 1
    first, second = said.err.splitlines()
    assert first.startswith(f"{file}:3: right is 'perhaps'")
    assert second.startswith(f"{file}:4: ")
    assert "comment" in second
    assert "2 labels sent and acknowledged, 0 rows without one, 2 bad rows" in said.out
    assert {one.key.result_id for one in service.labels.taken} == {"a", "d"}


async def test_labels_of_an_audit_that_teach_nothing_are_told(
    service: Service, tmp_path: Path
) -> None:
    """A result that look-ups do not show, as where its tenant was left out; others are silent."""
    there = message("a")
    there.confidence.basis = "b" * 16
    await service.store.write(batch(score("a", 0, payload=there.SerializeToString())))
    file = tmp_path / "labels.csv"
    file.write_text("result_id,right\na,1\nelsewhere,1\n")
    said = await called(service, "feedback", "--file", str(file), "--audit")
    assert said.code == 0
    assert "2 labels sent and acknowledged" in said.out
    assert said.err.startswith("1 of these labels teach nothing: ")
    told = await called(service, "feedback", "--file", str(file), "--audit", "--json")
    assert json.loads(told.out)["unseen"] == 1
    alone = await called(service, "feedback", "elsewhere", "--right", "--audit")
    assert alone.err.startswith("this label teaches nothing: ")
    for arguments in (["a", "--right", "--audit"], ["--file", str(file)], ["elsewhere", "--right"]):
        assert (await called(service, "feedback", *arguments)).err == ""
