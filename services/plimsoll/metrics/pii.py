"""Spans that identify persons: addresses, numbers with check digits, and their like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from plimsoll.metrics.numbers import digits


@dataclass(frozen=True, slots=True)
class PiiSpan:
    """Where something personal stands, and what it is; never the thing itself."""

    kind: str
    start: int
    end: int


# Every repetition is bounded and possessive, so each character starts a bounded number of steps.
_PATTERNS = {
    "email": re.compile(
        r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}+@[A-Za-z0-9-]{1,63}+(?:\.[A-Za-z0-9-]{1,63}+){1,8}+"
    ),
    "iban": re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]){11,30}+"),
    "payment_card": re.compile(
        r"(?<![\w.,-])(?<![0-9] )[2-6](?:[ -]?[0-9]){12,18}+(?![\w-]|[.,][0-9])"
    ),
    "us_ssn": re.compile(r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])"),
    "uk_nino": re.compile(
        r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?[0-9]{2}){3} ?[A-D](?!\w)"
    ),
    "ip_address": re.compile(
        r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}+)"
        r"(?![\w:]|\.[0-9])"
    ),
    "phone": re.compile(
        r"(?<![\w+.,-])(?:\+[1-9](?:[ ./()-]{0,2}[0-9]){7,14}+"
        r"|\([0-9]{3}\) ?[0-9]{3}[ -][0-9]{4}|[2-9][0-9]{2}[-.][2-9][0-9]{2}[-.][0-9]{4})"
        r"(?![\w-]|[.,][0-9])"
    ),
}
# What a kind cannot be without, so that most texts are spared most patterns: a sign as often as
# that, and so many digits.
_SIGNS = {
    "email": ("@", 1, 0), "iban": ("", 0, 2), "payment_card": ("", 0, 13), "us_ssn": ("-", 2, 9),
    "uk_nino": ("", 0, 6), "phone": ("", 0, 8),
}  # fmt: skip
_IBAN_LENGTHS = {
    "NO": 15, "BE": 16, "DK": 18, "FI": 18, "FO": 18, "GL": 18, "NL": 18, "MK": 19, "SI": 19,
    "AT": 20, "BA": 20, "EE": 20, "KZ": 20, "LT": 20, "LU": 20, "XK": 20, "CH": 21, "HR": 21,
    "LI": 21, "LV": 21, "BG": 22, "BH": 22, "CR": 22, "DE": 22, "GB": 22, "GE": 22, "IE": 22,
    "ME": 22, "RS": 22, "VA": 22, "AE": 23, "GI": 23, "IL": 23, "IQ": 23, "AD": 24, "CZ": 24,
    "ES": 24, "MD": 24, "PK": 24, "RO": 24, "SA": 24, "SE": 24, "SK": 24, "TN": 24, "VG": 24,
    "LY": 25, "PT": 25, "IS": 26, "TR": 26, "FR": 27, "GR": 27, "IT": 27, "MC": 27, "MR": 27,
    "SM": 27, "AL": 28, "AZ": 28, "BY": 28, "CY": 28, "DO": 28, "GT": 28, "HU": 28, "LB": 28,
    "PL": 28, "SV": 28, "BR": 29, "EG": 29, "PS": 29, "QA": 29, "UA": 29, "JO": 30, "KW": 30,
    "MU": 30, "MT": 31,
}  # fmt: skip


def pii_spans(text: str) -> list[PiiSpan]:
    """Spans in the order of the text, none inside another.

    E-mail addresses; phone numbers in international or North American form; IBANs and payment
    cards with right check digits; public IP addresses; US and UK social security numbers. Names
    and postal addresses cannot be told without a model and are not looked for.
    """
    given = digits(text)
    found = [
        PiiSpan(kind, match.start(), match.start() + length)
        for kind, pattern in _PATTERNS.items()
        if _may_hold(kind, text, given)
        for match in pattern.finditer(text)
        if (length := _CHECKS[kind](match[0]))
    ]
    # Of spans that overlap the longer counts, then the kind that is checked harder.
    found.sort(key=lambda span: (span.start, -span.end, list(_PATTERNS).index(span.kind)))
    kept: list[PiiSpan] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _may_hold(kind: str, text: str, given: int) -> bool:
    """Whether a text with so many ASCII digits has the signs that a kind cannot be without."""
    if kind == "ip_address":
        return text.count(":") > 1 or (given > 3 and text.count(".") > 2)
    sign, times, least = _SIGNS[kind]
    return given >= least and (not times or text.count(sign) >= times)


def _email(text: str) -> int:
    trimmed = text.rstrip("-")
    local, _, domain = trimmed.partition("@")
    last = domain.rpartition(".")[2]
    good = last.isalpha() and len(last) >= 2 and not local.startswith(".") and ".." not in local
    return len(trimmed) if good else 0


def _iban(text: str) -> int:
    """The length of the IBAN that the text begins with: words may follow it in capitals."""
    wanted = _IBAN_LENGTHS.get(text[:2], 0)
    compact = text.replace(" ", "")[:wanted]
    if not wanted or len(compact) < wanted:
        return 0
    digits = "".join(str(int(mark, 36)) for mark in compact[4:] + compact[:4])
    if int(digits) % 97 != 1:
        return 0
    seen = 0
    for place, mark in enumerate(text):
        seen += mark != " "
        if seen == wanted:
            # Not where the last group goes on.
            follows = text[place + 1 : place + 2]
            return 0 if follows not in {"", " "} else place + 1
    return 0


def _card(text: str) -> int:
    digits = [int(mark) for mark in text if mark.isdigit()]
    if len(set(digits)) < 3:
        return 0
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(text) if (doubled + sum(digits[-1::-2])) % 10 == 0 else 0


def _ssn(text: str) -> int:
    area, group, serial = text.split("-")
    real = area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
    return len(text) if real else 0


def _ip(text: str) -> int:
    """Public addresses: private and reserved ones are everybody's, and `a::b` is a name in code."""
    if ":" in text and sum(map(bool, text.split(":"))) < 3:
        return 0
    try:
        return len(text) if ip_address(text).is_global else 0
    except ValueError:
        return 0


_CHECKS: dict[str, Callable[[str], int]] = {
    "email": _email,
    "iban": _iban,
    "payment_card": _card,
    "us_ssn": _ssn,
    "uk_nino": len,
    "ip_address": _ip,
    "phone": len,
}
