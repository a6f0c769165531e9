"""A watch on a stream's error rate that may be looked at after every result."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

# The largest bet, as a share of the one that a single right answer could lose outright.
_BOLDNESS = 0.5
# What a loss weighs after each further one, when the next bet is made: about the last 50 count.
# With all of them, a stream that goes bad after 500 good results is found five times later.
MEMORY = 0.98


@dataclass(frozen=True, slots=True)
class RiskWatch:
    """An e-process against "the risk is at most alpha": the product of 1 + bet (loss - alpha).

    While the expected loss, given all earlier ones, is at most `alpha`, the probability that the
    watch ever alarms is at most `delta` (Ville, 1939), however often and whenever somebody looks.
    Bets follow earlier losses only, recent ones more than old ones (aGRAPA of Waudby-Smith and
    Ramdas, arXiv:2010.09686), and lie between 0 and half of 1/alpha. Losses lie in [0, 1]; an
    unwatched one is left out, which is sound where what is watched was drawn without regard to its
    loss. `weight`, `total` and `total_squares` are of earlier losses, each as it counts now.
    """

    alpha: float
    delta: float
    log_wealth: float = 0.0
    highest_log_wealth: float = 0.0
    weight: float = 0.0
    total: float = 0.0
    total_squares: float = 0.0

    def __post_init__(self) -> None:
        """ValueError unless alpha and delta lie strictly between 0 and 1."""
        if not 0.0 < self.alpha < 1.0 or not 0.0 < self.delta < 1.0:
            raise ValueError(f"alpha {self.alpha} and delta {self.delta} must be inside (0, 1)")

    @property
    def alarmed(self) -> bool:
        """Whether the evidence has ever reached 1/delta; it stays so."""
        return self.highest_log_wealth >= -math.log(self.delta)

    @property
    def bet(self) -> float:
        """What the next loss is bet on: from what was seen before it, never from itself."""
        weight = self.weight + 1.0
        mean = (self.alpha + self.total) / weight
        variance = max(0.0, (0.25 + self.total_squares) / weight - (self.total / weight) ** 2)
        edge = mean - self.alpha
        if edge <= 0.0:
            return 0.0
        return min(_BOLDNESS / self.alpha, edge / (variance + edge**2))

    def after(self, loss: float) -> RiskWatch:
        """The watch after one more loss in [0, 1] (1: wrong); ValueError outside."""
        if not 0.0 <= loss <= 1.0:
            raise ValueError(f"a loss of {loss} is not in [0, 1]")
        log_wealth = self.log_wealth + math.log1p(self.bet * (loss - self.alpha))
        return replace(
            self,
            log_wealth=log_wealth,
            highest_log_wealth=max(self.highest_log_wealth, log_wealth),
            weight=MEMORY * self.weight + 1.0,
            total=MEMORY * self.total + loss,
            total_squares=MEMORY * self.total_squares + loss**2,
        )
