"""Which language a text is in: by its script, and within one by its function words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# Languages whose script is theirs alone, or that are told by nothing else here.
_SCRIPTS: Mapping[str, frozenset[str]] = {
    **{
        language: frozenset({"LATIN"})
        for language in (
            "en", "de", "fr", "es", "it", "pt", "ca", "nl", "sv", "da", "nb", "fi", "pl", "cs",
            "sk", "hr", "ro", "hu", "tr", "id", "vi",
        )
    },
    **{language: frozenset({"CYRILLIC"}) for language in ("ru", "uk", "bg", "be", "mk", "kk")},
    "el": frozenset({"GREEK"}), "he": frozenset({"HEBREW"}), "ko": frozenset({"HANGUL", "CJK"}),
    "ja": frozenset({"HIRAGANA", "KATAKANA", "CJK"}), "zh": frozenset({"CJK"}),
    "th": frozenset({"THAI"}), "ka": frozenset({"GEORGIAN"}), "hy": frozenset({"ARMENIAN"}),
    **{language: frozenset({"DEVANAGARI"}) for language in ("hi", "mr", "ne")},
    "bn": frozenset({"BENGALI"}), "ta": frozenset({"TAMIL"}), "te": frozenset({"TELUGU"}),
    "ml": frozenset({"MALAYALAM"}), "kn": frozenset({"KANNADA"}), "gu": frozenset({"GUJARATI"}),
    "pa": frozenset({"GURMUKHI"}), "si": frozenset({"SINHALA"}), "km": frozenset({"KHMER"}),
    "lo": frozenset({"LAO"}), "my": frozenset({"MYANMAR"}), "am": frozenset({"ETHIOPIC"}),
    "ar": frozenset({"ARABIC"}), "fa": frozenset({"ARABIC"}), "ur": frozenset({"ARABIC"}),
}  # fmt: skip
_SAME = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "bs": "hr", "sh": "hr"}
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
# Scripts that one language has to itself, so that it alone decides.
_UNIQUE = frozenset(
    {"el", "he", "th", "ka", "hy", "ta", "te", "ml", "kn", "gu", "pa", "si", "km", "lo", "my", "am"}
)


def known(tag: str) -> str:
    """The primary language of a BCP 47 tag where it can be told here, otherwise empty."""
    primary = tag.partition("-")[0].lower()
    primary = _SAME.get(primary, primary)
    return primary if primary in _SCRIPTS else ""


def scripts(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    if text.isascii():
        return Counter(LATIN=len(text.encode().translate(None, _NO_LETTERS)))
    found: Counter[str] = Counter()
    for mark, count in Counter(text).items():
        if mark.isalpha():
            found[_script(mark)] += count
    return found


def fits_script(language: str, letters: Counter[str]) -> float:
    """The share of letters that the language is written in.

    Chinese characters alone are Chinese: Japanese has kana beside them, and Korean has Hangul.
    """
    own = _SCRIPTS[language]
    if language == "ko" and not letters["HANGUL"]:
        return 0.0
    if language == "ja" and not letters["HIRAGANA"] + letters["KATAKANA"]:
        return 0.0
    if language == "zh" and letters["HIRAGANA"] + letters["KATAKANA"] > letters["CJK"] // 10:
        return 0.0
    return sum(letters[script] for script in own) / letters.total()


def decided_by_script(language: str) -> bool:
    """Whether no other language is written so, Chinese told from Japanese by its lack of kana."""
    return language in _UNIQUE or language in {"ja", "zh", "ko"}


def function_words(words: list[str]) -> dict[str, int]:
    """How many of the words are function words of each language that has a list."""
    languages, own = _word_lists()
    hits = dict.fromkeys(languages, 0)
    for word, count in Counter(words).items():
        for language in own.get(word, ()):
            hits[language] += count
    return hits


@cache
def _word_lists() -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """The languages, and for each function word those that have it."""
    text = files("plimsoll.metrics").joinpath("function_words.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines()]
    own: dict[str, tuple[str, ...]] = {}
    for language, *words in lines:
        for word in words:
            own[word] = (*own.get(word, ()), language)
    return tuple(language for language, *_ in lines), own


@cache
def _script(mark: str) -> str:
    return unicodedata.name(mark, "").partition(" ")[0].partition("-")[0]
