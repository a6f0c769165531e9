"""What a ValidationException is about; the one code that covers several ends.

Bedrock says which only in words. They narrow what the code has decided, an absence without a
second attempt, and can never make a verdict or a retry of the same call out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from plimsoll.adapters.bedrock.models import ModelTable
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import JudgeMisconfiguredError, ParameterRefusedError
from plimsoll.domain.judging import Parameter

CODE = "ValidationException"


def narrow(
    message: str, sent: Iterable[Parameter], table: ModelTable
) -> Absence | JudgeMisconfiguredError | ParameterRefusedError:
    """An absence, or what to raise; only a parameter that was sent can be refused."""
    low = message.lower()
    if any(words in low for words in table.too_large):
        return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{CODE}: longer than the model's context")
    if any(words in low for words in table.needs_profile):
        return JudgeMisconfiguredError(
            CODE, "bedrock.judges: the model is reached through an inference profile only; name one"
        )
    named = _first_named(message, sent, table)
    if named is not None:
        return ParameterRefusedError(CODE, named)
    return Absence(AbsenceReason.PROVIDER_ERROR, CODE)


def _first_named(message: str, sent: Iterable[Parameter], table: ModelTable) -> Parameter | None:
    """The parameter that the message names first."""
    places = [
        (match.start(), parameter)
        for parameter in sent
        for name in table.parameter_names.get(parameter, ())
        if (match := re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", message))
    ]
    return min(places)[1] if places else None
