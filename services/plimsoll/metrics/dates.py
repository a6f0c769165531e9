"""Calendar dates and times as answers state them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_MAX_CHARS = 40
_LAST = frozenset("0123456789z")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:([t ])[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3,9})\.?,? ([0-9]{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}

_NAMES = "|".join(sorted(_MONTHS, reverse=True))
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
# Each with the groups of year, month and day.
_ANYWHERE = (
    (re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])"), (1, 2, 3)),
    (re.compile(rf"(?<![0-9]){_DAY}(?: of)? ({_NAMES})\.?,? ([0-9]{{4}})(?![0-9])"), (3, 2, 1)),
    (re.compile(rf"\b({_NAMES})\.? {_DAY},? ([0-9]{{4}})(?![0-9])"), (3, 1, 2)),
)


def calendar_date(text: str) -> str | None:
    """The ISO 8601 form of a text that is one date, with or without a time of day; or None.

    Read are ISO 8601 and dates with an English month's name. `1/2/2024` is not: two countries
    read it in two ways. A time with an offset is told in UTC, so that one instant has one form.
    """
    if not 8 <= len(text) <= _MAX_CHARS:
        return None
    lowered = text.strip().rstrip(".").lower()
    # A year, a time of day or its zone stands last.
    if lowered[-1:] not in _LAST:
        return None
    try:
        iso = _ISO.fullmatch(lowered)
        if iso is not None:
            return _instant(lowered) if iso[1] else date.fromisoformat(lowered).isoformat()
        match = _DAY_FIRST.fullmatch(lowered)
        if match is not None:
            return _named(match[3], match[2], match[1])
        match = _MONTH_FIRST.fullmatch(lowered)
        return _named(match[3], match[1], match[2]) if match is not None else None
    except (ValueError, OverflowError):
        return None


def dates_in(lowered_text: str) -> set[str]:
    """The days, as ISO 8601, that a text in lower case names anywhere in it."""
    found: set[str] = set()
    for pattern, (year, month, day) in _ANYWHERE:
        for match in pattern.finditer(lowered_text):
            try:
                number = _MONTHS.get(match[month]) or int(match[month])
                found.add(date(int(match[year]), number, int(match[day])).isoformat())
            except ValueError:
                continue
    return found


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text.upper())
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def _named(year: str, month: str, day: str) -> str | None:
    number = _MONTHS.get(month)
    return None if number is None else date(int(year), number, int(day)).isoformat()
