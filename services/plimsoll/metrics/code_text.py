"""The code of a result and of its alternatives, taken out of what a model wrote around it."""

from __future__ import annotations

import re

from plimsoll.domain.result import Code, LlmResult
from plimsoll.metrics.reading import readable
from plimsoll.ports.sandbox import Toolchain

_TOOLCHAINS = {
    "python": Toolchain.PYTHON, "py": Toolchain.PYTHON, "python3": Toolchain.PYTHON,
    "javascript": Toolchain.JAVASCRIPT, "js": Toolchain.JAVASCRIPT, "node": Toolchain.JAVASCRIPT,
    "nodejs": Toolchain.JAVASCRIPT, "ecmascript": Toolchain.JAVASCRIPT, "mjs": Toolchain.JAVASCRIPT,
    "sql": Toolchain.SQL, "sqlite": Toolchain.SQL, "sqlite3": Toolchain.SQL,
}  # fmt: skip
_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+#.-]*)[^\n]*$", re.MULTILINE)
_DEFINITION = {
    Toolchain.PYTHON: re.compile(r"^(?:async\s+)?def\s+(\w+)", re.MULTILINE),
    # No two runs of blanks stand side by side in it, as those would be tried in every division.
    Toolchain.JAVASCRIPT: re.compile(
        r"^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\b\*?\s*([\w$]+)\s*\(|"
        r"(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\b|function\b|[\w$]+\s*=>|"
        r"\([^()\n]{0,300}\)\s*=>))",
        re.MULTILINE,
    ),
}


def toolchain_of(code: Code) -> Toolchain | None:
    """What runs code of this language, or None where nothing here does."""
    return _TOOLCHAINS.get(code.language.strip().lower())


def code_in(text: str, toolchain: Toolchain) -> str:
    """The longest fenced block of that language or of none; the whole text where none is fenced."""
    marks = list(_FENCE.finditer(text))
    blocks = [
        text[opened.end() + 1 : closed.start()]
        for opened, closed in zip(marks[::2], marks[1::2], strict=False)
        if _TOOLCHAINS.get(opened[1].lower(), toolchain) is toolchain
    ]
    if len(marks) % 2 and not blocks:
        # Cut off before its fence was closed.
        blocks = [text[marks[-1].end() + 1 :]]
    return max(blocks, key=len) if blocks else text


def delivered_source(code: Code, toolchain: Toolchain) -> str:
    """The delivered code; a producer may have left its fences on."""
    return code_in(code.source, toolchain)


def entry_point_of(code: Code, toolchain: Toolchain) -> str:
    """The function that is called: the one that is named, or the last one defined at the top."""
    if code.entry_point or toolchain not in _DEFINITION:
        return code.entry_point
    last = ""
    for match in _DEFINITION[toolchain].finditer(code.source):
        last = next(filter(None, match.groups()), last)
    return last


def alternative_sources(result: LlmResult, code: Code, toolchain: Toolchain) -> list[str]:
    """The code of each alternative that can be read, completed as the delivered response was.

    Where the delivered code is a beginning and the response, as for a model that completes a
    function, the alternatives are put after the same beginning.
    """
    text = result.response.text
    completes = bool(text) and code.source != text and code.source.endswith(text)
    beginning = code.source[: -len(text)] if completes else ""
    return [
        beginning + code_in(alternative.response.text, toolchain)
        for alternative in result.alternatives
        if readable(alternative.response)
    ]
