"""How probable each field of a JSON response was to the model that wrote it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import accumulate

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.field_evidence import weakest_field
from plimsoll.metrics.json_fields import looks_like_json, response_fields
from plimsoll.metrics.token_reading import read_tokens


class FieldProbability:
    """For each JSON pointer of the response, exp of the mean log-probability of its tokens.

    A field's tokens are those that hold a character of its value; keys, quotes and punctuation
    are left out, unless a token mixes them with the value. The value is that of the weakest field.
    """

    spec = MetricSpec(
        name="field_probability",
        version="1",
        family=Family.STRUCTURED,
        summary="Geometric mean of the token probabilities of the response's weakest JSON field.",
        needs=(Need.RESPONSE_TEXT, Need.TOKEN_LOGPROBS),
        source="Malinin & Gales, arXiv:2002.07650, by JSON pointer (RFC 6901)",
        raw_scale="mean log-probability of the weakest field's tokens, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response and its tokens, if it looks like JSON."""
        tokens = result.response.tokens
        steps = 10 * len(result.response.text) + 5 * (len(tokens.logprobs) if tokens else 0)
        return 100 + (steps if looks_like_json(result) else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; evidence has one for each field, the weakest first."""
        fields = response_fields(result)
        if isinstance(fields, Absence):
            return fields
        response = result.response
        reading = read_tokens(response)
        if isinstance(reading, Absence):
            return reading
        assert response.tokens is not None  # noqa: S101 - `needs` has been checked
        # A trace may hold a draft of the very same document.
        logprobs = response.tokens.logprobs[reading.first :]
        texts = response.tokens.texts[reading.first :]
        if not texts:
            return Absence(AbsenceReason.INPUT_MISSING, "the tokens have no texts; send them too")
        at = "".join(texts).find(response.text)
        if at < 0:
            detail = "the tokens' texts do not add up to the response"
            return Absence(AbsenceReason.INPUT_INVALID, detail)
        ends = list(accumulate(map(len, texts)))
        means = {}
        for pointer, leaf in fields.items():
            first = bisect_right(ends, at + leaf.start)
            last = bisect_left(ends, at + leaf.end)
            own = logprobs[first : last + 1]
            means[pointer] = math.fsum(own) / len(own)
        return weakest_field(
            {pointer: math.exp(mean) for pointer, mean in means.items()},
            raw_value=min(means.values()),
            provenance=(("normalisation", "length"), *reading.provenance),
        )
