"""The declared language against the one that the response is in."""

from __future__ import annotations

from importlib.resources import files

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.language_match import LanguageMatch
from plimsoll.metrics.languages import known
from tests.unit.metrics.grounded import reason
from tests.unit.metrics.results import result

METRIC = LanguageMatch()
TEXTS = {
    "en": "The bridge was built in 1889 and it is one of the oldest in the country.",
    "de": "Die Brücke wurde 1889 gebaut und ist eine der ältesten, die es noch gibt.",
    "fr": "Le pont a été construit en 1889 et c'est un des plus anciens du pays.",
    "es": "El puente fue construido en 1889 y es uno de los más antiguos de la región.",
    "it": "Il ponte è stato costruito nel 1889 ed è uno dei più antichi della regione.",
    "pt": "A ponte foi construída em 1889 e é uma das mais antigas do país, mas não a maior.",
    "nl": "De brug is in 1889 gebouwd en het is een van de oudste van het land.",
    "pl": "Most jest stary, ale to nie jest ten, o który pytałeś; był także drugi, z kamienia.",
    "ru": "Мост был построен в 1889 году, и это один из старейших на реке.",
    "zh": "这座桥建于一八八九年、是全国最古老的桥梁之一、也是最长的。",
    "ja": "この橋は1889年に建てられたもので、国内で最も古い橋の一つです。",
    "ko": "이 다리는 1889년에 건설되었으며 나라에서 가장 오래된 다리 중 하나이다.",
    "el": "αυτή η γέφυρα χτίστηκε το 1889 και είναι από τις παλαιότερες.",
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_told_to_be_in_its_language_and_in_no_other(language: str) -> None:
    """The declared language matches; none of the other twelve does."""
    values = {
        declared: evaluate(METRIC, result(TEXTS[language], language=declared)).value
        for declared in TEXTS
    }
    assert values.pop(language) == 1.0
    assert 1.0 not in values.values()
    assert list(values.values()).count(0.0) >= 9


def test_regions_do_not_matter() -> None:
    """`de-AT` is German, and Norwegian has several tags."""
    assert evaluate(METRIC, result(TEXTS["de"], language="de-AT")).value == 1.0
    assert known("no") == known("nn-NO") == "nb"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Paris", "en"),
        ("Gustave Eiffel, Maurice Koechlin, Stephen Sauvestre", "fr"),
        ("12 + 30 = 42", "en"),
        (TEXTS["en"], "xx"),
        (TEXTS["en"], "sw"),
    ],
)
def test_where_it_cannot_tell_it_abstains(text: str, language: str) -> None:
    """Short answers, names, numbers, and languages that it has no words of."""
    answer = result(text, language=language)
    assert reason(evaluate(METRIC, answer)) is AbsenceReason.ABSTAINED


def test_without_a_declared_language_there_is_nothing_to_match() -> None:
    """Neither is code in a language of people."""
    assert (
        reason(evaluate(METRIC, result(TEXTS["de"], language=""))) is AbsenceReason.NOT_APPLICABLE
    )
    code = result("for x in y: print(x)", kind=TaskKind.CODE)
    assert reason(evaluate(METRIC, code)) is AbsenceReason.NOT_APPLICABLE


def test_blocks_of_code_are_left_out() -> None:
    """English keywords between fences do not make a German answer English."""
    block = "\n```python\nfor the in is and of to be: was it\n```\n" * 5
    assert evaluate(METRIC, result(TEXTS["de"] + block, language="de")).value == 1.0


def test_every_list_has_words_enough_and_no_twins() -> None:
    """Each line of the list is a language and at least twenty words, none of them twice."""
    text = files("plimsoll.metrics").joinpath("function_words.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        language, *own = line.split()
        assert known(language) == language
        assert len(own) == len(set(own)) >= 20
