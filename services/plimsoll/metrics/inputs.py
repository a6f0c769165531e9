"""What a metric needs, and the absence that stands where it is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Need
from plimsoll.domain.result import ContentRef, LlmResult, TaskKind
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import readable

# Answers of these kinds are made from a context; without it they cannot be checked against one.
_GROUNDED = frozenset({TaskKind.GROUNDED_QA, TaskKind.SUMMARIZATION})


def first_missing(needs: tuple[Need, ...], result: LlmResult) -> Absence | None:
    """The absence of the first need that the result does not meet, or None."""
    unmet = unmet_needs(result)
    for need in needs:
        if need in unmet:
            return unmet[need]
    return None


def has_code(result: LlmResult) -> bool:
    """Whether code came with the result; without a look at what else is there."""
    return result.code is not None and bool(result.code.source)


def _all_missing(result: LlmResult) -> dict[Need, Absence]:
    missing: dict[Need, Absence] = {}
    for need, check in _CHECKS.items():
        absence = check(result)
        if absence is not None:
            missing[need] = absence
    return missing


@lru_cache(maxsize=256)
def _absence(reason: AbsenceReason, detail: str) -> Absence:
    """One absence for all results that lack the same, so that what is made of it is made once."""
    return Absence(reason, detail)


def _response_text(result: LlmResult) -> Absence | None:
    response = result.response
    if response.text:
        return None
    if response.content_ref is not None:
        return _elsewhere("the response", response.content_ref)
    if response.tool_calls:
        return _absence(AbsenceReason.NOT_APPLICABLE, "the response calls tools and has no text")
    return _absence(AbsenceReason.INPUT_MISSING, "the response is empty")


def _token_logprobs(result: LlmResult) -> Absence | None:
    tokens = result.response.tokens
    if tokens is None or not tokens.logprobs:
        return _absence(AbsenceReason.INPUT_MISSING, "no log-probabilities; ask the model for them")
    return None


def _top_logprobs(result: LlmResult) -> Absence | None:
    tokens = result.response.tokens
    if tokens is None or not tokens.top_logprobs:
        return _absence(AbsenceReason.INPUT_MISSING, "no top alternatives of tokens; ask for them")
    return None


def _alternatives(result: LlmResult) -> Absence | None:
    if any(readable(alternative.response) for alternative in result.alternatives):
        return None
    for alternative in result.alternatives:
        if alternative.response.content_ref is not None:
            return _elsewhere("every alternative", alternative.response.content_ref)
    return _absence(AbsenceReason.INSUFFICIENT_SAMPLES, "no sampled alternative")


def _context(result: LlmResult) -> Absence | None:
    for document in result.context:
        # Without one of its documents a context says less than the model was given.
        if document.content_ref is not None and not document.text:
            return _elsewhere("a context document", document.content_ref)
    if any(document.text and not document.text.isspace() for document in result.context):
        return None
    if result.context:
        return _absence(AbsenceReason.INPUT_MISSING, "the context documents have no text")
    if result.task_kind in _GROUNDED:
        return _absence(AbsenceReason.INPUT_MISSING, f"no context for {result.task_kind}")
    return _absence(AbsenceReason.NOT_APPLICABLE, "no context was given")


def _elsewhere(what: str, ref: ContentRef) -> Absence:
    """Why a body that stands elsewhere is not here."""
    if ref.absence is None:
        return _absence(AbsenceReason.INPUT_MISSING, f"{what} is a reference to another place")
    return _absence(ref.absence.reason, f"{what} is a reference: {ref.absence.detail}")


def _json_schema(result: LlmResult) -> Absence | None:
    return _expected("JSON schema", bool(result.expectations and result.expectations.json_schema))


def _regex(result: LlmResult) -> Absence | None:
    return _expected("regular expression", bool(result.expectations and result.expectations.regex))


def _enumeration(result: LlmResult) -> Absence | None:
    return _expected("enumeration", bool(result.expectations and result.expectations.enumeration))


def _references(result: LlmResult) -> Absence | None:
    return _expected(
        "reference answer", bool(result.expectations and result.expectations.references)
    )


def _request_text(result: LlmResult) -> Absence | None:
    for message in result.messages:
        if message.content_ref is not None and not message.text:
            return _elsewhere("a message of the request", message.content_ref)
    if any(message.text for message in result.messages):
        return None
    return _absence(AbsenceReason.INPUT_MISSING, "no message of the request has text")


def _reasoning(result: LlmResult) -> Absence | None:
    if result.response.reasoning:
        return None
    return _absence(AbsenceReason.NOT_APPLICABLE, "the response has no reasoning trace")


def _comparison(result: LlmResult) -> Absence | None:
    if result.comparison is not None and result.comparison.text:
        return None
    return _absence(AbsenceReason.NOT_APPLICABLE, "there is no second response to compare with")


def _code(result: LlmResult) -> Absence | None:
    if has_code(result):
        return None
    if result.task_kind is TaskKind.CODE:
        return _absence(AbsenceReason.INPUT_MISSING, "no code was sent apart from the response")
    return _absence(AbsenceReason.NOT_APPLICABLE, "the result has no code")


def _code_tests(result: LlmResult) -> Absence | None:
    if result.code is not None and result.code.tests:
        return None
    return _absence(AbsenceReason.NOT_APPLICABLE, "no test came with the request")


def _parents(result: LlmResult) -> Absence | None:
    if result.parents:
        return None
    return _absence(AbsenceReason.NOT_APPLICABLE, "the result was made from no other")


def _of_the_deployment(_result: LlmResult) -> Absence | None:
    return None


def _expected(what: str, given: bool) -> Absence | None:  # noqa: FBT001 - a fact, not a switch
    return None if given else _absence(AbsenceReason.NOT_APPLICABLE, f"no {what} was expected")


_CHECKS: dict[Need, Callable[[LlmResult], Absence | None]] = {
    Need.RESPONSE_TEXT: _response_text,
    Need.TOKEN_LOGPROBS: _token_logprobs,
    Need.TOP_LOGPROBS: _top_logprobs,
    Need.ALTERNATIVES: _alternatives,
    Need.CONTEXT: _context,
    Need.JSON_SCHEMA: _json_schema,
    Need.REGEX: _regex,
    Need.ENUMERATION: _enumeration,
    Need.REFERENCES: _references,
    Need.REQUEST_TEXT: _request_text,
    Need.REASONING: _reasoning,
    Need.COMPARISON: _comparison,
    Need.CODE: _code,
    Need.CODE_TESTS: _code_tests,
    Need.PARENTS: _parents,
    Need.EMBEDDING_MODEL: _of_the_deployment,
    Need.ENTAILMENT_MODEL: _of_the_deployment,
    Need.SANDBOX: _of_the_deployment,
    Need.TYPE_CHECKER: _of_the_deployment,
    Need.GUARDRAIL: _of_the_deployment,
}

_last = Last(_all_missing)


def unmet_needs(result: LlmResult) -> Mapping[Need, Absence]:
    """Every need that the result does not meet: found once, and asked for by each metric."""
    return _last.of(result)
