"""Addresses and identifiers of publications in running text, and whether they are formed right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"'`{}|\\^\[\]\u201c\u201d\u3000-\u3002]{0,2000}+", re.IGNORECASE
)
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_LABELLED = {
    "doi": re.compile(
        r"(?<!\w)(?:doi(?:\.org/|:[ ]?| )|dx\.doi\.org/)([^\s<>\"]{1,200}+)", re.IGNORECASE
    ),
    "arxiv": re.compile(
        r"(?<!\w)arxiv(?:\.org/(?:abs|pdf)/|:[ ]?)([^\s<>\",;)\]]{1,40}+)", re.IGNORECASE
    ),
    "isbn": re.compile(r"(?<!\w)isbn(?:-1[03])?:?[ ]?([0-9][0-9X -]{8,20}+)", re.IGNORECASE),
    "issn": re.compile(r"(?<!\w)e?issn:?[ ]?([0-9X-]{8,9}+)", re.IGNORECASE),
    "orcid": re.compile(r"(?<!\w)orcid(?:\.org/|:?[ ]?)([0-9X-]{16,19}+)", re.IGNORECASE),
}
_ARXIV = re.compile(
    r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}(?:v[0-9]{1,2})?|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}"
)
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_TRAILING = ".,;:!?*_"


@dataclass(frozen=True, slots=True)
class Link:
    """An address or identifier: half-open offsets, what it is, and what is wrong with it if any."""

    kind: str
    start: int
    end: int
    text: str
    problem: str = ""


def urls(text: str) -> list[Link]:
    """Addresses with a scheme, in the order of the text, without the punctuation behind them."""
    found: list[Link] = []
    for match in _URL.finditer(text) if "://" in text else ():
        url = _trimmed(match[0])
        found.append(Link("url", match.start(), match.start() + len(url), url, _url_problem(url)))
    return found


def identifiers(text: str) -> list[Link]:
    """DOI, arXiv, ISBN, ISSN and ORCID identifiers that are named so, in the order of the text.

    What has check digits is held to them; whether the thing exists is not asked.
    """
    found: list[Link] = []
    # What a pattern cannot be without; in other scripts letters have more folds.
    lowered = text.lower() if text.isascii() else ""
    for kind, pattern in _LABELLED.items():
        if lowered and kind not in lowered:
            continue
        for match in pattern.finditer(text):
            name = _trimmed(match[1]).rstrip(" -")
            problem = "" if _RIGHT[kind](name) else f"no {kind.upper()}"
            found.append(Link(kind, match.start(1), match.start(1) + len(name), name, problem))
    return sorted(found, key=lambda link: link.start)


def same_address(url: str) -> str:
    """An address without what hardly changes where it leads: scheme, `www.`, fragment, last `/`."""
    bare = url.partition("://")[2] or url
    return bare.partition("#")[0].rstrip("/").casefold().removeprefix("www.")


def _trimmed(text: str) -> str:
    trimmed = text.rstrip(_TRAILING)
    while trimmed.endswith(")") and trimmed.count(")") > trimmed.count("("):
        trimmed = trimmed[:-1].rstrip(_TRAILING)
    return trimmed


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "a port or host that cannot be"
    if not host:
        return "no host"
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
            return "a host name that cannot be"
        local = labels == ["localhost"]
        if not local and (len(labels) < 2 or labels[-1].isdigit() or len(labels[-1]) < 2):
            return "no top-level domain"
    return ""


def _isbn(text: str) -> bool:
    digits = [10 if mark in "xX" else int(mark) for mark in text if mark not in " -"]
    if len(digits) == 10:
        return (
            sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11
            == 0
        )
    return (
        len(digits) == 13
        and 10 not in digits
        and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
    )


def _issn(text: str) -> bool:
    digits = [10 if mark in "xX" else int(mark) for mark in text.replace("-", "")]
    return (
        len(digits) == 8
        and sum(d * w for d, w in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0
    )


def _orcid(text: str) -> bool:
    """ISO 7064 MOD 11-2."""
    marks = text.replace("-", "")
    if len(marks) != 16 or "X" in marks[:-1].upper():
        return False
    total = 0
    for mark in marks[:-1]:
        total = (total + int(mark)) * 2
    check = (12 - total % 11) % 11
    return marks[-1].upper() == ("X" if check == 10 else str(check))


_RIGHT: dict[str, Callable[[str], object]] = {
    "doi": _DOI.fullmatch, "arxiv": _ARXIV.fullmatch, "isbn": _isbn, "issn": _issn, "orcid": _orcid,
}  # fmt: skip
