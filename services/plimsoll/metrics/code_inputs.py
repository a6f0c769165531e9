"""The inputs that programs are compared on: those that the request names, then drawn ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from plimsoll.metrics.code_running import Subject
from plimsoll.metrics.code_scanning import calls, split_top
from plimsoll.metrics.code_types import ANY, Kind, Parameter, parameters
from plimsoll.metrics.code_values import GUESSES, Draw, Literals, Value, literals_of, value_of
from plimsoll.ports.sandbox import Ask, Request, Toolchain

MAX_INPUTS = 32
_MAX_NAMED = 12
_MAX_INPUT_CHARS = 2_000
# Of each text of the request, and of all together for values that it names.
_MAX_TOLD_CHARS = 65_536
_DRAWN = 20
_GUESSED = 2
# Places in the rows of values: another order for each parameter, so that they do not move together.
_STRIDES = (1, 7, 3, 11, 9, 13, 17, 19)
_CONSTANTS = frozenset(
    {"True", "False", "None", "true", "false", "null", "undefined", "e", "inf", "nan", "set"}
)
_ARROW = re.compile(
    r"[\s`]*(?:(?:#|//)\s*)?(?:==+|=>|->|\u279e|\u2192|\bshould\s+(?:return|be|equal)|\breturns?|\bis|=)\s*(.+)"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A call that the request shows, with what it is said to give ('' where that is not told)."""

    arguments: str
    expected: str = ""


def examples_of(text: str, entry_point: str, toolchain: Toolchain) -> tuple[Example, ...]:
    """Calls of the function in a text: doctests, and calls with an arrow or an equals sign."""
    lines = text[:_MAX_TOLD_CHARS].split("\n")
    found: dict[Example, None] = {}
    for place, line in enumerate(lines):
        for arguments, after in calls(line, entry_point):
            if "=" in _keywords(arguments) and toolchain is Toolchain.PYTHON:
                continue
            expected = ""
            if line.lstrip().startswith(">>>") and not after.strip():
                expected = lines[place + 1].strip() if place + 1 < len(lines) else ""
            elif match := _ARROW.match(after):
                expected = _first_literal(match[1])
            found[Example(arguments, expected if _literal(expected) else "")] = None
    return tuple(found)


def _keywords(arguments: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'|[=!<>]=", "", arguments)


def _first_literal(text: str) -> str:
    """What stands before a comment or the end of a sentence."""
    told = re.split(r"\s+#|\s+//|\s{2,}|;|\s+(?:because|since|and|as)\b", text, maxsplit=1)[0]
    return told.strip().rstrip(".,`)") if told.count("(") < told.count(")") else told.strip(" .,`")


def _literal(text: str) -> bool:
    """Whether a text is written as a value: nothing in it is called or looked up."""
    bare = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "0", text)
    names = re.findall(r"[A-Za-z_]\w*", bare)
    known = {
        "True",
        "False",
        "None",
        "true",
        "false",
        "null",
        "e",
        "inf",
        "nan",
        "set",
        "undefined",
    }
    return bool(bare) and set(names) <= known and not re.search(r"[=;\\@$%&|~?!`]", bare)


def requests_of(subject: Subject, told: Sequence[str]) -> tuple[Request, ...]:
    """Calls with shared inputs, each once; `told` are texts of the request and of tests.

    A program without a function is run as a script, once.
    """
    if not subject.entry_point:
        return (Request(Ask.SCRIPT, ""),)
    shown = [request.text for request in shown_requests(subject, told)]
    drawn = [_rendered(values, subject.toolchain) for values in _drawn(subject, told)]
    kept = [text for text in dict.fromkeys((*shown, *drawn)) if len(text) <= _MAX_INPUT_CHARS]
    return tuple(Request(Ask.CALL, text) for text in kept[:MAX_INPUTS])


def shown_requests(subject: Subject, told: Sequence[str]) -> tuple[Request, ...]:
    """The calls that texts of the request, and the code's own, show."""
    if not subject.entry_point:
        return (Request(Ask.SCRIPT, ""),)
    named = [
        example.arguments
        for text in (*told, subject.source)
        for name in (subject.entry_point, "candidate")
        for example in examples_of(text, name, subject.toolchain)
    ]
    known = list(dict.fromkeys(text for text in named if _usable(text)))[:_MAX_NAMED]
    return tuple(Request(Ask.CALL, _rendered_call(text, subject.toolchain)) for text in known)


def _usable(arguments: str) -> bool:
    pieces = split_top(arguments)
    return pieces is not None and all(not piece.strip() or _literal(piece) for piece in pieces)


def _rendered_call(arguments: str, toolchain: Toolchain) -> str:
    if toolchain is Toolchain.JAVASCRIPT:
        return f"[{arguments}]"
    return f"({arguments},)" if arguments else "()"


def _drawn(subject: Subject, told: Sequence[str]) -> Iterator[tuple[Value, ...]]:
    """Arguments by the parameters' types, and of several types where nobody tells them."""
    found = parameters(subject.source, subject.entry_point)
    if not found:
        if found is not None:
            yield ()
        return
    documented = _docstring(subject.source, subject.entry_point)
    literals = literals_of("\n".join([documented, *told])[:_MAX_TOLD_CHARS])
    kinds = [p.kind if p.kind != ANY else p.hint for p in found]
    for place in range(_DRAWN):
        yield _row(kinds, place, literals)
    yield from _guessed(found, literals)


def _guessed(found: Sequence[Parameter], literals: Literals) -> Iterator[tuple[Value, ...]]:
    if all(p.kind != ANY for p in found):
        return
    for guess in GUESSES:
        kinds = [p.kind if p.kind != ANY else guess for p in found]
        for place in range(_GUESSED):
            yield _row(kinds, place * 3, literals)


def _row(kinds: Sequence[Kind], place: int, literals: Literals) -> tuple[Value, ...]:
    draw = Draw(f"row {place}", size=2 + 3 * place % 7)
    return tuple(
        value_of(kind, (place * stride + shift) % _DRAWN, literals, draw)
        for shift, (kind, stride) in enumerate(zip(kinds, _STRIDES, strict=False))
    )


def _docstring(source: str, entry_point: str) -> str:
    """What stands in quotes after the definition, or as a comment before it."""
    start = max(source.rfind(f"def {entry_point}"), source.rfind(f"function {entry_point}"), 0)
    match = re.search(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'', source[start:], re.DOTALL)
    comments = re.findall(r"^[ \t]*(?://|\*|/\*\*?|#)([^\n]*)", source, re.MULTILINE)
    return "\n".join([(match[1] or match[2] or "") if match else "", *comments])


def _rendered(values: tuple[Value, ...], toolchain: Toolchain) -> str:
    if toolchain is Toolchain.JAVASCRIPT:
        return orjson.dumps([_jsonable(value) for value in values]).decode()
    return f"({''.join(f'{_python(value)},' for value in values)})"


def _python(value: Value) -> str:
    if isinstance(value, set):
        return "{" + ",".join(sorted(map(_python, value))) + "}" if value else "set()"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_python(k)}:{_python(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_python, value))}]"
    if isinstance(value, tuple):
        return f"({''.join(f'{_python(one)},' for one in value)})"
    return repr(value)


def _jsonable(value: Value) -> Value:
    if isinstance(value, dict):
        return {str(key): _jsonable(held) for key, held in value.items()}
    if isinstance(value, set):
        return sorted((_jsonable(one) for one in value), key=repr)
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value
