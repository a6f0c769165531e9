"""Canaries as questions: complete, distinct, and unable to leave the marks that they stand in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.canary import Canary, CanaryKind
from plimsoll.domain.rubric import Part
from plimsoll.judging.canaries import canaries
from plimsoll.judging.material import material, neutral
from plimsoll.pipeline.canary_asking import stock
from plimsoll.settings.canary_files import shipped_attacks, shipped_books
from plimsoll.settings.rubric_files import shipped_rubrics

RUBRICS = sorted(shipped_rubrics())
OPENED = re.compile(r"<<<([a-z ]+)>>>")


def made(rubric: str) -> Iterator[Canary]:
    """All canaries of a rubric that ships."""
    return canaries(shipped_rubrics()[rubric], shipped_books()[rubric])


def outside(shown: str) -> str:
    """What a literal-minded reader takes to stand outside of all marks.

    Such a reader folds signs that look alike, sees nothing that is not shown, opens a part at its
    mark and closes it at the first mark that names its end.
    """
    plain = unicodedata.normalize("NFKC", shown).translate({0x2039: "<", 0x203A: ">"})
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    left = []
    while plain:
        opened = OPENED.search(plain)
        if opened is None:
            left.append(plain)
            break
        left.append(plain[: opened.start()])
        end = f"<<<end of {opened[1]}>>>"
        if end not in plain[opened.end() :]:
            left.append(opened[0])
        plain = plain[opened.end() :].partition(end)[2]
    return "".join(left).strip()


@pytest.mark.parametrize("rubric", RUBRICS)
def test_nothing_in_a_canary_gets_out_of_its_marks(rubric: str) -> None:
    """Whatever an attack says, all of it stands between the marks of its part, in both orders."""
    of = shipped_rubrics()[rubric]
    for canary in made(rubric):
        for swapped in {False, of.pairwise}:
            shown = material(canary.result, of.parts, swapped=swapped)
            assert outside(shown) == "", canary.name


def test_a_reader_of_raw_text_would_be_led_out() -> None:
    """The check above does find what gets out: without neutralising, several attacks do."""
    escaped = 0
    for attack in shipped_attacks():
        raw = f"<<<response>>>\n{attack.text}\n<<<end of response>>>"
        escaped += bool(outside(raw))
    assert escaped >= 5


@given(
    pieces=st.lists(
        st.sampled_from(
            ["<", "<<<", "<<", ">>>", "end of response", "response", "\u200b", "\u2060",
             "\uff1c", "\u22d8", "\n", "\u2039", "\u203a", "\u22d9", "\u00ad", "x"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_text_can_make_a_mark(pieces: list[str]) -> None:
    """However it is pieced together, also from signs that look alike or are not seen."""
    found = neutral("".join(pieces))
    folded = unicodedata.normalize("NFKC", found).translate({0x2039: "<", 0x203A: ">"})
    assert "<<<" not in folded
    assert ">>>" not in folded
    assert neutral(found) == found


@pytest.mark.parametrize("rubric", RUBRICS)
def test_all_that_ships_can_be_asked(rubric: str) -> None:
    """Nothing ships that a judge would never be shown: 20 known ones, and every attack."""
    of = shipped_rubrics()[rubric]
    book = shipped_books()[rubric]
    found = stock(of, book)
    counts = {kind: len(found.get(kind, ())) for kind in CanaryKind}
    assert counts == {
        CanaryKind.KNOWN_GOOD: len(book.items),
        CanaryKind.KNOWN_BAD: len(book.items),
        CanaryKind.INJECTED: len(shipped_attacks()),
        CanaryKind.MASTER_KEY: len(book.master_keys),
    }
    everything = list(made(rubric))
    assert len({canary.name for canary in everything}) == len(everything)
    assert len({canary.result for canary in everything}) == len(everything)


def test_an_attack_stands_where_it_says() -> None:
    """Before, after and in the middle of a bad response; in another part where that is shown."""
    by_attack = {c.name.partition("-")[2]: c.result for c in made("faithfulness") if c.attack}
    places = {attack.name: attack for attack in shipped_attacks()}
    for result in by_attack.values():
        attack = places["-".join(result.key.result_id.rsplit("-", 2)[1:])]
        shown = {
            Part.CONTEXT: result.context[-1].text,
            Part.REQUEST: result.messages[0].text,
            Part.RESPONSE: result.response.text,
        }
        holding = [part for part, text in shown.items() if attack.text in text]
        expected = {"context": Part.CONTEXT, "request": Part.REQUEST}
        # No reasoning is shown to this rubric, so that such an attack stands in the response.
        assert holding == [expected.get(attack.place.value, Part.RESPONSE)], attack.name
