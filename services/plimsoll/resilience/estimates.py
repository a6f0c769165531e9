"""How many tokens a question has: estimated from its length, and learned from the bills."""

from __future__ import annotations

_FIRST_GUESS = 0.3
_WEIGHT_OF_NEW = 0.05
# A reservation that is a little too large costs nothing once settled; one too small is a throttle.
_MARGIN = 1.05


class TokenEstimate:
    """Tokens for each character, for one judge."""

    def __init__(self) -> None:
        self._per_character: float | None = None

    def of(self, characters: int) -> float:
        """About how many tokens that many characters are, rather more than fewer."""
        known = _FIRST_GUESS if self._per_character is None else self._per_character
        return characters * known * _MARGIN

    def learn(self, characters: int, tokens: int) -> None:
        """A bill has come."""
        if characters <= 0:
            return
        seen = tokens / characters
        known = seen if self._per_character is None else self._per_character
        self._per_character = known + _WEIGHT_OF_NEW * (seen - known)
