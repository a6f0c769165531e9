"""A client is wired as the scorers of its settings take its results."""

from __future__ import annotations

import pytest

from plimsoll.sdk import LlmResult
from plimsoll.sdk.wiring import Wiring
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings


def test_a_result_without_the_framing_that_scorers_expect_is_refused() -> None:
    """What they would park as poison is a ValueError here, before anything is sent."""
    scorer = ScorerSettings(schema_registry_framing=True)
    wiring = Wiring(Settings(scorer=scorer), "localhost:9092", "localhost:50051")
    with pytest.raises(ValueError, match="would be parked: framing"):
        wiring.publisher().prepare(LlmResult.from_text("r-1", "Paris"))
