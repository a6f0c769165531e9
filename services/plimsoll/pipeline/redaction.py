"""Personal spans of a result, kept from models that are asked about it."""

from __future__ import annotations

import re
from dataclasses import replace

from plimsoll.domain.result import LlmResult, Message, Response, ToolCall
from plimsoll.judging.material import visible
from plimsoll.metrics.pii import pii_spans

_NOT_OF_A_NUMBER = re.compile(r"[^0-9A-Za-z]")
_PLACEHOLDER = re.compile(r"\[[a-z_]{2,16}_[0-9]{1,6}\]")


class Redaction:
    """One result with placeholders such as `[email_1]` in all its texts.

    What is the same person's address or number has the same placeholder wherever it stands, however
    it is grouped; numbers go by first appearance: messages, context, references, reasoning,
    response, comparison. `pii_spans` says what is found. Placeholders that the texts already hold
    are passed over, so that what comes back can be told from them.
    """

    def __init__(self, result: LlmResult) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._originals: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._taken = {
            mark for text in _texts(result) for mark in _PLACEHOLDER.findall(visible(text))
        }
        self.result = self._redacted(result)

    @property
    def count(self) -> int:
        """How many different entities were found."""
        return len(self._originals)

    def restored(self, text: str) -> str:
        """The text with what our placeholders stand for, as it was written first."""
        return _PLACEHOLDER.sub(lambda mark: self._originals.get(mark[0], mark[0]), text)

    def _redacted(self, result: LlmResult) -> LlmResult:
        expected = result.expectations
        return replace(
            result,
            messages=tuple(self._message(message) for message in result.messages),
            context=tuple(
                replace(document, id=self._text(document.id), text=self._text(document.text))
                for document in result.context
            ),
            expectations=None
            if expected is None
            else replace(expected, references=tuple(map(self._text, expected.references))),
            response=self._response(result.response),
            comparison=None if result.comparison is None else self._response(result.comparison),
        )

    def _message(self, message: Message) -> Message:
        return replace(
            message, text=self._text(message.text), tool_calls=self._calls(message.tool_calls)
        )

    def _response(self, response: Response) -> Response:
        return replace(
            response,
            reasoning=self._text(response.reasoning),
            text=self._text(response.text),
            tool_calls=self._calls(response.tool_calls),
        )

    def _calls(self, calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        return tuple(replace(call, arguments=self._text(call.arguments)) for call in calls)

    def _text(self, text: str) -> str:
        # First without what nobody sees: it could part a number that the model then reads whole.
        seen = visible(text)
        parts: list[str] = []
        at = 0
        for span in pii_spans(seen):
            parts += (
                seen[at : span.start],
                self._placeholder(span.kind, seen[span.start : span.end]),
            )
            at = span.end
        return "".join((*parts, seen[at:]))

    def _placeholder(self, kind: str, written: str) -> str:
        entity = (kind, _canonical(kind, written))
        known = self._placeholders.get(entity)
        if known is not None:
            return known
        while True:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            mark = f"[{kind}_{self._counts[kind]}]"
            if mark not in self._taken:
                break
        self._placeholders[entity] = mark
        self._originals[mark] = written
        return mark


def _canonical(kind: str, written: str) -> str:
    """One spelling: numbers without their grouping; addresses in lower case."""
    if kind in {"email", "ip_address"}:
        return written.lower()
    return _NOT_OF_A_NUMBER.sub("", written).upper()


def _texts(result: LlmResult) -> list[str]:
    """Every text that is redacted."""
    responses = [result.response, *([] if result.comparison is None else [result.comparison])]
    sources: list[Message | Response] = [*result.messages, *responses]
    calls = [call for source in sources for call in source.tool_calls]
    return [
        *(message.text for message in result.messages),
        *(text for document in result.context for text in (document.id, document.text)),
        *(() if result.expectations is None else result.expectations.references),
        *(text for response in responses for text in (response.reasoning, response.text)),
        *(call.arguments for call in calls),
    ]
