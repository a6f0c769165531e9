"""Whether the response has the form that was asked for, as a regular expression."""

from __future__ import annotations

from functools import lru_cache

import re2

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence

MAX_PATTERN_CHARS = 4_096
MAX_CHARS = 1_000_000
# A compiled pattern and its automaton together.
MAX_MEMORY_BYTES = 8 << 20


class RegexValidity:
    """1 if the pattern matches the whole trimmed response, otherwise 0 (RE2: linear time)."""

    spec = MetricSpec(
        name="regex_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the whole response matches the expected pattern.",
        needs=(Need.REGEX, Need.RESPONSE_TEXT),
        source="RE2",
        raw_scale="1 valid, 0 invalid",
    )

    def work(self, result: LlmResult) -> int:
        """Compiling, then a step or so for each pair of characters at the worst."""
        pattern = len(result.expectations.regex) if result.expectations else 0
        return 1_000 + 10 * pattern + len(result.response.text) * (1 + pattern // 64)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; `input_invalid` where the pattern is none."""
        assert result.expectations is not None  # noqa: S101 - `needs` has been checked
        pattern, text = result.expectations.regex, result.response.text
        if len(pattern) > MAX_PATTERN_CHARS or len(text) > MAX_CHARS:
            detail = (
                f"pattern of {len(pattern)} and text of {len(text)} characters, "
                f"{MAX_PATTERN_CHARS} and {MAX_CHARS} allowed"
            )
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        compiled = _compiled(_utf8(pattern))
        if compiled is None:
            return Absence(AbsenceReason.INPUT_INVALID, "the expected pattern is not RE2 syntax")
        if compiled.fullmatch(_utf8(text.strip())):
            return Measurement(value=1.0, raw_value=1.0, provenance=(("match", "whole"),))
        return Measurement(
            value=0.0,
            raw_value=0.0,
            evidence=(Evidence(kind="regex", ref="expectations.regex", text=pattern[:200]),),
            provenance=(("match", "whole"),),
        )


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=128)
def _compiled(pattern: bytes) -> re2._Regexp | None:
    options = re2.Options()
    options.max_mem = MAX_MEMORY_BYTES
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
