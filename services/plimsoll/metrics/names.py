"""Names in running text: runs of capitalised words, and words that no sentence makes capital."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded

# Words that open sentences and are no part of the name that may follow.
_OPENERS = STOPWORDS | frozenset(
    """
    accordingly additionally although another based besides consequently despite due earlier even
    every finally first firstly former furthermore given hence here however indeed instead
    interestingly last lastly later latest like many meanwhile moreover most much nevertheless new
    next none
    nonetheless note one overall perhaps please previously rather second secondly several similarly
    since sorry specifically still sure thank therefore third thirdly though thus today together
    two unlike unless unfortunately upon well whether within without yes
    """.split()  # noqa: SIM905 - words read better as prose than each in quotes
)
# A sentence of so few words is an answer in itself, and its first word may be the name.
_SHORT_SENTENCE = 3
# What may stand between two words of one name.
_JOINTS = frozenset({" ", "\u00a0", "-", "'", "\u2019", ".", ". "})


@dataclass(frozen=True, slots=True)
class Name:
    """A name: half-open offsets in code points, and its words, folded."""

    start: int
    end: int
    words: tuple[str, ...]


def names(
    text: str, spans: Sequence[tuple[int, int]], within: Sequence[tuple[int, int]]
) -> list[Name]:
    """Names in the order of the text, by the offsets of its words and of the sentences around them.

    A name is a run of words with a capital first letter, or of words with capitals or digits
    among their letters. A word that opens a sentence is one only with another beside it, or with
    few words behind it: its capital is the sentence's. Scripts without capitals have none; in
    German every noun is one.
    """
    found: list[Name] = []
    index = 0
    for start, end in within:
        first = index
        while index < len(spans) and spans[index][0] < end:
            index += 1
        own = [span for span in spans[first:index] if span[0] >= start]
        found += _of_sentence(text, own)
    return found


def _of_sentence(text: str, spans: list[tuple[int, int]]) -> list[Name]:
    runs: list[list[tuple[int, int]]] = []
    previous = -2
    for place, (start, end) in enumerate(spans):
        word = text[start:end]
        if not _looks_like_a_name(word) or (
            # Not the first letter of `O'Brien`.
            place == 0 and word.lower() in _OPENERS and not text[end + 1 : end + 2].isupper()
        ):
            continue
        if previous == place - 1 and text[spans[previous][1] : start] in _JOINTS:
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
        previous = place
    if runs and _opens(text, runs[0], spans):
        del runs[0]
    return [
        Name(run[0][0], run[-1][1], tuple(folded(text[start:end]) for start, end in run))
        for run in runs
    ]


def _opens(text: str, run: list[tuple[int, int]], spans: list[tuple[int, int]]) -> bool:
    """Whether a run is no more than the capital letter of its sentence."""
    (start, end) = run[0]
    alone = len(run) == 1 and run[0] == spans[0] and len(spans) > _SHORT_SENTENCE
    return alone and not _has_inner_mark(text[start:end])


def _looks_like_a_name(word: str) -> bool:
    if word[0].isupper():
        return word != "I" and not (len(word) > 1 and word.lower() in STOPWORDS)
    return not word[0].isdigit() and _has_inner_mark(word)


def _has_inner_mark(word: str) -> bool:
    """Whether capitals or digits stand behind the first letter, as in `NASA`, `iPhone`, `B2B`."""
    rest = word[1:]
    if rest.islower() and rest.isalpha():
        return False
    return any(mark.isupper() or mark.isdigit() for mark in rest)
