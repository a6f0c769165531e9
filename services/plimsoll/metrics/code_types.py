"""Types of a function's parameters: as annotated, or as their names hint."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plimsoll.metrics.code_scanning import closing, split_top

_MAX_DEPTH = 4
_MAX_PARAMETERS = 8
_NAMES = {
    "int": "int", "integer": "int", "float": "float", "number": "number", "complex": "float",
    "str": "str", "string": "str", "bytes": "bytes", "bool": "bool", "boolean": "bool",
    "list": "list", "sequence": "list", "iterable": "list", "array": "list", "collection": "list",
    "tuple": "tuple", "set": "set", "frozenset": "set", "dict": "dict", "mapping": "dict",
    "object": "dict", "record": "dict", "map": "dict", "none": "none", "null": "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A type by a plain name, with its parts; `any` is a type that nobody has told."""

    name: str
    parts: tuple[Kind, ...] = ()


ANY = Kind("any")
INT = Kind("int")
FLOAT = Kind("float")
STR = Kind("str")
DICT = Kind("dict", (STR, INT))


def list_of(kind: Kind) -> Kind:
    """Lists of a kind."""
    return Kind("list", (kind,))


# What parameters of these names usually take; by whole words of the name.
_HINTS = {
    INT: "n k i j m x y a b c d num count size length index idx target limit year day number "
    "decimal digit start end total value amount age p q",
    STR: "s t string str text word sentence message name char letter substring pattern prefix "
    "suffix s1 s2 s0 str1 str2 date txt line key path brackets",
    list_of(INT): "arr array lst l nums numbers list values elements items list1 list2 lst1 lst2 "
    "l1 l2 xs arr1 arr2 nums1 nums2 game guess scores interval interval1 interval2 data prices",
    list_of(STR): "words strings names strs sentences lines files",
    list_of(list_of(INT)): "matrix grid board m1 m2 mat points intervals pairs",
    DICT: "d dict dictionary mapping map counts",
}
_BY_NAME = {name: kind for kind, names in _HINTS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `kind` is what its annotation says, `hint` what its name says."""

    kind: Kind
    hint: Kind


def parameters(source: str, name: str) -> tuple[Parameter, ...] | None:
    """Required parameters of a function that a source defines; None where it defines none such.

    Python's `def`, JavaScript's `function`, and arrows that are given that name.
    """
    opening = _definition(source, name)
    if opening is None:
        return None
    end = closing(source, opening)
    pieces = split_top(source[opening + 1 : end]) if end is not None else None
    if pieces is None:
        return None
    documented = _documented(source[:opening])
    found = []
    for piece in pieces:
        written = re.sub(r"#[^\n]*|//[^\n]*", "", piece).strip()
        if (
            not written
            or written.startswith(("*", "...", "/"))
            or "=" in _without_brackets(written)
        ):
            break
        found.append(_parameter(written, documented))
    return tuple(found[:_MAX_PARAMETERS])


def _definition(source: str, name: str) -> int | None:
    """Where the bracket of the parameters opens, of the last definition, as that one counts."""
    escaped = re.escape(name)
    patterns = (
        rf"\b(?:def|function\*?)\s+{escaped}\s*\(",
        rf"\b(?:const|let|var)\s+{escaped}\s*=\s*(?:async\b\s*)?(?:function\b\s*(?:\w+\s*)?)?\(",
    )
    ends = [match.end() - 1 for pattern in patterns for match in re.finditer(pattern, source)]
    return max(ends) if ends else None


def _without_brackets(text: str) -> str:
    return re.sub(r"\[[^\]]*\]|\{[^}]*\}|\"[^\"]*\"|'[^']*'", "", text)


def _parameter(written: str, documented: dict[str, str]) -> Parameter:
    name, _, annotation = written.partition(":")
    name = name.strip()
    kind = parse_kind(annotation or documented.get(name, ""))
    return Parameter(kind, _hinted(name))


def _hinted(name: str) -> Kind:
    lowered = name.lower()
    if lowered in _BY_NAME:
        return _BY_NAME[lowered]
    for word in reversed(re.split(r"_|\d+|(?<=[a-z])(?=[A-Z])", name)):
        if len(word) > 1 and word.lower() in _BY_NAME:
            return _BY_NAME[word.lower()]
    return ANY


def _documented(before: str) -> dict[str, str]:
    """Types of JSDoc's @param lines, by name."""
    return {
        match[2]: match[1]
        for match in re.finditer(r"@param\s+\{([^}\n]{1,80})\}\s+\[?(\w+)", before[-_MAX_DOC:])
    }


_MAX_DOC = 4_000


def parse_kind(annotation: str, depth: int = 0) -> Kind:
    """The kind of an annotation; `any` where it says nothing that is known here."""
    text = annotation.strip().strip("\"'").removeprefix("typing.").removeprefix("t.")
    if depth > _MAX_DEPTH or not text or len(text) > 200:
        return ANY
    alternatives = split_top(text, "|") or [text]
    if len(alternatives) > 1:
        told = [parse_kind(one, depth + 1) for one in alternatives]
        return next((kind for kind in told if kind.name != "none"), ANY)
    if text.endswith("[]"):
        return list_of(parse_kind(text[:-2], depth + 1))
    match = re.fullmatch(r"([\w.]+)\s*[\[<](.*)[\]>]", text, re.DOTALL)
    if match is None:
        name = _NAMES.get(text.lower(), "any")
        return Kind(name, (ANY,)) if name == "list" else Kind(name)
    return _generic(match[1].rpartition(".")[2].lower(), match[2], depth)


def _generic(name: str, inner: str, depth: int) -> Kind:
    parts = [parse_kind(one, depth + 1) for one in split_top(inner) or [] if one.strip() != "..."]
    if name in ("optional", "union"):
        return next((kind for kind in parts if kind.name != "none"), ANY)
    if name not in _NAMES or not parts:
        return ANY
    if _NAMES[name] == "tuple" and "..." in inner:
        return Kind("tuple", (parts[0], parts[0], parts[0]))
    return Kind(_NAMES[name], tuple(parts))
