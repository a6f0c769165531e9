"""Rubrics as data: the ones that ship and a user's own, each mistake told with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.metric import Need
from plimsoll.domain.rubric import Level, Part, Rubric
from plimsoll.settings.lined import Lined, read_lined
from plimsoll.settings.near import near
from plimsoll.settings.plan_fields import Problems, names

_FIELDS = ("name", "question", "parts", "where_given", "levels", "notes")
_PAIRWISE_GRADES = {1, 2, 3}
_NEEDS = {
    Part.REQUEST: Need.REQUEST_TEXT,
    Part.CONTEXT: Need.CONTEXT,
    Part.REFERENCES: Need.REFERENCES,
    Part.REASONING: Need.REASONING,
    Part.RESPONSE: Need.RESPONSE_TEXT,
    Part.COMPARISON: Need.COMPARISON,
}


@cache
def shipped_rubrics() -> Mapping[str, Rubric]:
    """The rubrics that come with the package, by name."""
    folder = files("plimsoll.settings").joinpath("rubrics")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            rubric = read_rubric(Path(str(entry)))
            found[rubric.name] = rubric
    return found


def read_rubric(path: Path) -> Rubric:
    """One rubric; ConfigurationError holds every problem, a line each, with file and line."""
    problems = Problems(path)
    root = read_lined(path, "rubric")
    fields = problems.mapping(root, "a rubric", _FIELDS)
    name = _text(problems, fields.get("name"), root, "name")
    needed = _parts(problems, fields.get("parts"), root)
    optional = fields.get("where_given")
    shown = {*needed, *(() if optional is None else _words(problems, optional, "where_given"))}
    parts = tuple(part for part in Part if part in shown)
    levels = _levels(problems, fields.get("levels"), root)
    notes = _notes(problems, fields.get("notes"))
    question = _text(problems, fields.get("question"), root, "question")
    if Part.COMPARISON in parts and {level.grade for level in levels} != _PAIRWISE_GRADES:
        said = "a rubric that compares two responses has the levels 1 (second), 2 (neither), 3"
        problems.add(fields.get("levels") or root, said)
    if problems.count:
        raise ConfigurationError(problems.said)
    return Rubric(
        name=name,
        version=_version(question, parts, levels, notes),
        question=question,
        levels=levels,
        parts=parts,
        needs=tuple(_NEEDS[part] for part in parts if part in needed),
        notes=notes,
    )


def _text(problems: Problems, entry: Lined | None, owner: Lined, what: str) -> str:
    if entry is None or not isinstance(entry.value, str) or not entry.value.strip():
        problems.add(entry or owner, f"a rubric needs its {what}, a text")
        return ""
    return entry.value.strip()


def _parts(problems: Problems, entry: Lined | None, owner: Lined) -> frozenset[Part]:
    if entry is None:
        problems.add(owner, f"a rubric needs parts, of {', '.join(Part)}")
        return frozenset()
    found = frozenset(_words(problems, entry, "parts"))
    if Part.RESPONSE not in found and not problems.count:
        problems.add(entry, "a judge has to be shown the response: add it to parts")
    return found


def _words(problems: Problems, entry: Lined, field: str) -> Iterator[Part]:
    known = [part.value for part in Part]
    for word in names(problems, entry, field):
        if word.value in known:
            yield Part(str(word.value))
        else:
            said = f"a judge is shown no {word.value}: {near(str(word.value), known)}"
            problems.add(word, said)


def _levels(problems: Problems, entry: Lined | None, owner: Lined) -> tuple[Level, ...]:
    if entry is None or not isinstance(entry.value, dict) or not 2 <= len(entry.value) <= 10:
        said = "a rubric needs 2 to 10 levels, each a whole number and what earns it"
        problems.add(entry or owner, said)
        return ()
    levels = []
    for grade, anchor in entry.value.items():
        if not grade.isdecimal() or not isinstance(anchor.value, str):
            problems.add(anchor, f"level {grade!r} is a whole number, with what earns it")
            continue
        levels.append(Level(int(grade), anchor.value.strip()))
    return tuple(sorted(levels, key=lambda level: level.grade))


def _notes(problems: Problems, entry: Lined | None) -> tuple[str, ...]:
    return () if entry is None else tuple(str(n.value) for n in names(problems, entry, "notes"))


def _version(
    question: str, parts: tuple[Part, ...], levels: tuple[Level, ...], notes: tuple[str, ...]
) -> str:
    """A hash of what a judge reads of it."""
    said = [question, parts, [(level.grade, level.anchor) for level in levels], notes]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
