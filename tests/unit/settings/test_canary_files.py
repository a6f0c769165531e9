"""Canaries as data: what ships, a user's own items, and what is wrong with a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from plimsoll.domain.canary import Place
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.canary_files import (
    canary_books,
    read_book,
    shipped_attacks,
    shipped_books,
)
from plimsoll.settings.rubric_files import shipped_rubrics

OWN = """\
rubric: correctness
items:
  - {name: ours, request: "What is our VAT number?", good: It is DE 123., bad: It is DE 321.}
"""


def written(folder: Path, text: str) -> Path:
    """A file of items."""
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_two_hundred_attacks_of_ten_kinds_ship() -> None:
    """No two are the same text, no kind has fewer than twenty, and every place has some."""
    attacks = shipped_attacks()
    kinds = Counter(attack.kind for attack in attacks)
    assert len(attacks) >= 200
    assert len(kinds) >= 10
    assert min(kinds.values()) >= 20
    assert len({attack.text for attack in attacks}) == len(attacks)
    assert len({attack.name for attack in attacks}) == len(attacks)
    assert {attack.place for attack in attacks} == set(Place)


def test_attacks_are_no_template_with_fillings() -> None:
    """The twenty characters that most attacks of a kind share are those of a third at most."""
    for kind in {attack.kind for attack in shipped_attacks()}:
        texts = [attack.text for attack in shipped_attacks() if attack.kind == kind]
        shared = Counter(
            piece for text in texts for piece in {text[i : i + 20] for i in range(len(text) - 19)}
        )
        assert max(shared.values()) <= len(texts) / 3, (kind, shared.most_common(1))


def test_every_rubric_that_ships_has_its_items() -> None:
    """At least ten requests each, and openers where they are a trick."""
    books = shipped_books()
    assert set(books) == set(shipped_rubrics())
    assert all(len(book.items) >= 10 for book in books.values())
    without = {name for name, book in books.items() if not book.master_keys}
    assert without == {"faithfulness", "relevance", "safety"}


def test_own_items_stand_beside_those_that_ship(tmp_path: Path) -> None:
    """The version changes with them; those of other rubrics do not."""
    books = canary_books([written(tmp_path, OWN)])
    shipped = shipped_books()["correctness"]
    assert books["correctness"].items[:-1] == shipped.items
    assert books["correctness"].items[-1].good == "It is DE 123."
    assert books["correctness"].version != shipped.version
    assert books["safety"] == shipped_books()["safety"]


def test_a_rubric_of_ones_own_has_attacks_and_keys_too(tmp_path: Path) -> None:
    """Its items are the user's, what is done to them is ours."""
    file = written(tmp_path, OWN.replace("correctness", "house_style"))
    book = canary_books([file])["house_style"]
    assert [item.name for item in book.items] == ["ours"]
    assert book.attacks == shipped_attacks()
    assert book.master_keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("items: []", "own.yaml:1: a file of canaries needs its rubric"),
        ("rubric: x", "own.yaml:1: a file of canaries needs items"),
        ("rubric: x\nitems:\n  - {name: a, request: b, good: c}", "own.yaml:3: an item's bad is"),
        (OWN.replace("bad:", "baad:"), "has no baad"),
        (OWN + "master_keys: perhaps\n", "master_keys is true"),
        (OWN + OWN.splitlines()[2] + "\n", "several items are called ours"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    """Nothing is left out silently."""
    with pytest.raises(ConfigurationError) as raised:
        read_book(written(tmp_path, text))
    assert said in str(raised.value)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    """An item of one's own does not replace one that ships."""
    with pytest.raises(ConfigurationError, match="item capital is there already"):
        canary_books([written(tmp_path, OWN.replace("name: ours", "name: capital"))])
