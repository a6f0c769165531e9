"""Laws are searched without a clock: a loaded machine must not fail them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without_clock", deadline=None)
settings.load_profile("without_clock")
