"""What a judge is shown of a result: delimited, and neutralised against what it may contain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Part

# More than this is not shown: half of a response is another response.
MAX_CHARS = 120_000
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_OPEN, _CLOSE = "<<<", ">>>"
# Signs that a reader may take for those of our marks stand for them.
_LESS, _GREATER = "<\uff1c\ufe64\u2039\u276e\u2770", ">\uff1e\ufe65\u203a\u276f\u2771"
_MARKS = re.compile(f"[{_LESS}]{{3,}}|[{_GREATER}]{{3,}}")
_TRIPLE = str.maketrans({"\u22d8": "<<<", "\u22d9": ">>>"})


def material(result: LlmResult, parts: tuple[Part, ...], *, swapped: bool = False) -> str:
    """The parts, each between marks that no text inside can make.

    `swapped` shows the response and the one that it is compared with in the other order.
    """
    shown = {part: _TEXTS[part](result) for part in parts}
    if swapped:
        response, comparison = shown[Part.RESPONSE], shown[Part.COMPARISON]
        shown = {**shown, Part.RESPONSE: comparison, Part.COMPARISON: response}
    paired = Part.COMPARISON in parts
    return "\n\n".join(
        _delimited(_name(part, paired), neutral(text)) for part, text in shown.items() if text
    )


def neutral(text: str) -> str:
    """The text without what could pass for our marks, and without what a reader does not see.

    Left out are control and format characters (Unicode Cc and Cf: bidirectional overrides, tags,
    joiners) but tab and line breaks. The words themselves stay: they are what is judged.
    """
    return _MARKS.sub(lambda match: " ".join(match[0]), visible(text).translate(_TRIPLE))


def visible(text: str) -> str:
    """The text without control and format characters but tab and line breaks.

    Left out, too, are halves of characters (Cs), which nothing can write.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in _UNSEEN)


def _delimited(name: str, text: str) -> str:
    return f"{_OPEN}{name}{_CLOSE}\n{text}\n{_OPEN}end of {name}{_CLOSE}"


def _name(part: Part, paired: bool) -> str:  # noqa: FBT001 - a fact about the rubric
    if paired and part is Part.RESPONSE:
        return "first response"
    return "second response" if part is Part.COMPARISON else part.value


def _request(result: LlmResult) -> str:
    return "\n\n".join(f"{m.role}: {m.text}" for m in result.messages if m.text)


def _context(result: LlmResult) -> str:
    return "\n\n".join(_documents(result))


def _documents(result: LlmResult) -> Iterator[str]:
    for number, document in enumerate(result.context, start=1):
        if document.text:
            yield f"document {document.id or number}:\n{document.text}"


def _references(result: LlmResult) -> str:
    return "\n\n".join(result.expectations.references) if result.expectations else ""


_TEXTS: Mapping[Part, Callable[[LlmResult], str]] = {
    Part.REQUEST: _request,
    Part.CONTEXT: _context,
    Part.REFERENCES: _references,
    Part.REASONING: lambda result: result.response.reasoning,
    Part.RESPONSE: lambda result: result.response.text,
    Part.COMPARISON: lambda result: result.comparison.text if result.comparison else "",
}
