"""Share of the response's content words that the context has too."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.given import known_words, response_word_spans, response_words
from plimsoll.metrics.reading import MAX_CHARS
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words


class ContextCoverage:
    """Words of the response, function words aside, that stand in any context document.

    Lexical: it sees words and numbers that came from nowhere, not what was said about them.
    Function words are left out for English and for results that name no language.
    """

    spec = MetricSpec(
        name="context_coverage",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's content words found in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="content-word precision against the context",
        raw_scale="content words found",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the context once, and the response again word by word for evidence."""
        return 50 + _chars(result) + 8 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the longest run of words without support."""
        total = _chars(result)
        if total > MAX_CHARS:
            return Absence(
                AbsenceReason.INPUT_TOO_LARGE, f"{total} characters to compare, {MAX_CHARS} allowed"
            )
        english = result.language.partition("-")[0].lower() in {"", "en"}
        skipped = STOPWORDS if english else frozenset()
        content = [word for word in response_words(result) if word not in skipped]
        if not content:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no content word")
        known = known_words(result)
        found = sum([word in known for word in content])
        evidence = () if found == len(content) else _unsupported(result, known | skipped, known)
        return measurement(
            value=found / len(content),
            raw_value=float(found),
            evidence=evidence,
            provenance=(("stopwords", "en" if english else "none"),),
        )


def _chars(result: LlmResult) -> int:
    return len(result.response.text) + sum(len(document.text) for document in result.context)


def _parts(result: LlmResult) -> list[list[str]]:
    """The words that each word of the response is when folded: in ASCII one, as it was read."""
    text = result.response.text
    if text.isascii():
        return [[word] for word in response_words(result)]
    return [words(folded(text[start:end])) for start, end in response_word_spans(result)]


def _unsupported(
    result: LlmResult, passing: frozenset[str], known: frozenset[str]
) -> tuple[Evidence, ...]:
    """The longest run of the response in which no content word stands in the context."""
    text = result.response.text
    best: tuple[int, int, int] | None = None
    run: tuple[int, int, int] | None = None
    for (start, end), parts in zip(response_word_spans(result), _parts(result), strict=True):
        if all(part in passing for part in parts):
            if any(part in known for part in parts):
                run = None
            continue
        run = (run[0] + 1, run[1], end) if run else (1, start, end)
        if best is None or run[0] > best[0]:
            best = run
    if best is None:
        return ()
    _, start, end = best
    return (
        Evidence(
            kind="unsupported_span",
            ref="response.text",
            start=start,
            end=end,
            text=text[start:end][:500],
        ),
    )
