"""Look-ups of a client: why there is no score."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import look_up_error
from plimsoll.domain.identity import ResultKey
from plimsoll.sdk.found import Missing, MissingReason
from plimsoll.sdk.lookups import Lookups
from tests.unit.sdk.values import KEY

ZERO = timedelta(0)


class Without(ConfidenceClient):
    """A client whose service has no score, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__("127.0.0.1:1")
        self._reason = reason

    async def get(
        self, key: ResultKey, *, wait: timedelta = ZERO, view: View = View.FULL
    ) -> ConfidenceRecord:
        raise look_up_error(f"{key} has none", self._reason, {})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("NOT_SEEN", MissingReason.NOT_SEEN),
        ("NOT_SCORED_YET", MissingReason.NOT_SCORED_YET),
        ("DEAD_LETTER", MissingReason.DEAD_LETTER),
        ("ERASED", MissingReason.ERASED),
        ("OF_A_LATER_RELEASE", MissingReason.OTHER),
    ],
)
async def test_each_reason_of_the_service_is_told(said: str, reason: MissingReason) -> None:
    """Whoever asks for a result that was erased learns that it was, and not that something is."""
    found = await Lookups(Without(said)).look_up(KEY, ZERO, View.SCORES)
    assert found == Missing(KEY, reason, f"{KEY} has none")
