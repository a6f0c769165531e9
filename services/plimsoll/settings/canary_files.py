"""What canaries are made of: the items and attacks that ship and a user's own, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, replace
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

from plimsoll.domain.canary import Attack, CanaryBook, CanaryBooks, KnownItem, Place
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.lined import Lined, read_lined
from plimsoll.settings.plan_fields import Problems, names

_FIELDS = ("rubric", "master_keys", "items")
_TEXTS = ("name", "request", "good", "bad", "good_reasoning", "bad_reasoning")
_LISTS = ("context", "references")
_NEEDED = ("name", "request", "good", "bad")
_ATTACKS, _KEYS = "attacks.yaml", "master_keys.yaml"


@cache
def shipped_attacks() -> tuple[Attack, ...]:
    """The attacks that come with the package, in the order of their file."""
    root = read_lined(_folder() / _ATTACKS, "attacks")
    assert isinstance(root.value, dict)  # noqa: S101 - our own file
    return tuple(chain.from_iterable(_attacks(kind, of) for kind, of in root.value.items()))


@cache
def shipped_books() -> CanaryBooks:
    """What ships for each rubric that ships, by its name."""
    found = (
        read_book(path)
        for path in sorted(_folder().glob("*.yaml"))
        if path.name not in {_ATTACKS, _KEYS}
    )
    return {book.rubric: book for book in found}


def canary_books(own: Iterable[Path]) -> CanaryBooks:
    """What ships, and the user's own items beside it; ConfigurationError names each problem."""
    books = dict(shipped_books())
    for path in own:
        book = read_book(path)
        before = books.get(book.rubric)
        if before is not None:
            taken = {item.name for item in before.items} & {item.name for item in book.items}
            if taken:
                raise ConfigurationError(f"{path}: item {min(taken)} is there already: rename it")
            both = replace(book, items=(*before.items, *book.items), master_keys=before.master_keys)
            book = replace(both, version=_version(both))
        books[book.rubric] = book
    return books


def read_book(path: Path) -> CanaryBook:
    """One file of items; ConfigurationError holds every problem, a line each, with its line."""
    problems = Problems(path)
    root = read_lined(path, "canaries")
    fields = problems.mapping(root, "a file of canaries", _FIELDS)
    rubric = fields.get("rubric")
    if rubric is None or not isinstance(rubric.value, str) or not rubric.value:
        problems.add(rubric or root, "a file of canaries needs its rubric: the name of one")
    keys = fields.get("master_keys")
    if keys is not None and not isinstance(keys.value, bool):
        problems.add(keys, "master_keys is true, or false where openers are no trick")
    items = tuple(_items(problems, fields.get("items"), root))
    doubled = sorted({item.name for item in items if [i.name for i in items].count(item.name) > 1})
    if doubled:
        problems.add(root, f"several items are called {doubled[0]}: rename all but one")
    if problems.count or rubric is None:
        raise ConfigurationError(problems.said)
    wanted = keys is None or keys.value is True
    book = CanaryBook(
        str(rubric.value), "", items, shipped_attacks(), _shipped_keys() if wanted else ()
    )
    return replace(book, version=_version(book))


def _items(problems: Problems, entry: Lined | None, owner: Lined) -> Iterator[KnownItem]:
    if entry is None or not isinstance(entry.value, list) or not entry.value:
        problems.add(entry or owner, "a file of canaries needs items, each with good and bad")
        return
    for one in entry.value:
        item = _item(problems, one)
        if item is not None:
            yield item


def _item(problems: Problems, entry: Lined) -> KnownItem | None:
    before = problems.count
    fields = problems.mapping(entry, "an item", (*_TEXTS, *_LISTS))
    texts = {}
    for field in _TEXTS:
        found = fields.get(field)
        if found is not None and isinstance(found.value, str) and found.value.strip():
            texts[field] = found.value
        elif found is not None or field in _NEEDED:
            problems.add(found or entry, f"an item's {field} is a text (quote what is none)")
    lists = {
        field: tuple(str(word.value) for word in names(problems, fields[field], field))
        for field in _LISTS
        if field in fields
    }
    if problems.count > before:
        return None
    return KnownItem(
        name=texts["name"],
        request=texts["request"],
        good=texts["good"],
        bad=texts["bad"],
        context=lists.get("context", ()),
        references=lists.get("references", ()),
        good_reasoning=texts.get("good_reasoning", ""),
        bad_reasoning=texts.get("bad_reasoning", ""),
    )


def _attacks(kind: str, listed: Lined) -> Iterator[Attack]:
    plain = listed.plain()
    assert isinstance(plain, list)  # noqa: S101 - our own file
    for number, one in enumerate(plain, start=1):
        yield Attack(f"{kind}-{number:02}", kind, Place(one["place"]), one["text"])


@cache
def _shipped_keys() -> tuple[str, ...]:
    keys = read_lined(_folder() / _KEYS, "master keys").plain()
    assert isinstance(keys, Sequence)  # noqa: S101 - our own file
    return tuple(map(str, keys))


def _folder() -> Path:
    return Path(str(files("plimsoll.settings").joinpath("canary_items")))


def _version(book: CanaryBook) -> str:
    """A hash of all that its canaries are made of."""
    said = [book.rubric, [astuple(item) for item in book.items]]
    said += [[astuple(attack) for attack in book.attacks], book.master_keys]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
