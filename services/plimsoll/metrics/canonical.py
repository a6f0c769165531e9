"""Canonical forms of answers that have one: JSON, numbers, dates and choices."""

from __future__ import annotations

import re

import orjson

from plimsoll.metrics.dates import calendar_date
from plimsoll.metrics.exact_json import parsed
from plimsoll.metrics.words import number

_CHOICE = re.compile(r"\s*(?:\(\s*([A-Za-z])\s*\)|([A-Za-z])\s*[).:]?)\s*")
_FENCED = re.compile(r"\s*```[A-Za-z0-9_+-]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*```\s*", re.DOTALL)
_MAX_DEPTH = 64
# Whole numbers that orjson reads and writes as they are.
_LEAST, _MOST = -(2**63), 2**64 - 1


def canonical(text: str, normal: str) -> str:
    """`kind:form` of a text, with its normal form as the last resort.

    The kind is part of it: a number and a text are never the same answer.
    """
    choice = _CHOICE.fullmatch(text) if len(text) <= 8 else None
    if choice is not None:
        return f"choice:{(choice[1] or choice[2]).upper()}"
    value = number(text)
    if value is not None:
        return f"number:{value}"
    moment = calendar_date(text)
    if moment is not None:
        return f"date:{moment}"
    document = _json(text)
    return f"json:{document}" if document is not None else f"text:{normal}"


def unfenced(text: str) -> str:
    """The inside of a text that is one fenced block and nothing else; otherwise the text."""
    # The guard keeps the pattern away from texts where it could only look in vain.
    if "```" not in text or text.count("```") != 2:
        return text
    match = _FENCED.fullmatch(text)
    return match[1] if match else text


def _json(text: str) -> str | None:
    """JSON with sorted keys and whole numbers without a point; None for scalars and other text."""
    if "{" not in text and "[" not in text:
        return None
    body = unfenced(text).strip()
    if not body or body[0] not in "{[" or body[-1] not in "}]":
        return None
    try:
        document = parsed(body)
        return orjson.dumps(_settled(document, _MAX_DEPTH), option=orjson.OPT_SORT_KEYS).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None


def _settled(node: object, depth: int) -> object:
    """The document with 1.0 as 1; JSONEncodeError where it is nested too deeply.

    What orjson cannot write as a number becomes a string that no document has by chance.
    """
    if isinstance(node, int) and not _LEAST <= node <= _MOST:
        return f"\x00{node}"
    if isinstance(node, float):
        return int(node) if node.is_integer() and abs(node) < 2**53 else node
    if depth == 0 and isinstance(node, dict | list):
        raise orjson.JSONEncodeError("nested too deeply")
    if isinstance(node, dict):
        return {key: _settled(value, depth - 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_settled(value, depth - 1) for value in node]
    return node
