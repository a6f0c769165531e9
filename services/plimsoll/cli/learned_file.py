"""What labels have taught, as a file says it: what results find there, and which find nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path

from plimsoll.calibration.learning.standing import Standing, standing
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey

_MOST_NAMED = 3


class LearnedFile:
    """Scopes as they stood when the file was written; counts results of which it has none.

    A certificate that has run out since is none; that one was taken back since, nobody can tell.
    """

    def __init__(
        self, path: Path, scopes: Iterable[LearnedScope], now: Callable[[], datetime]
    ) -> None:
        self.path = path
        self._scopes = {scope.key: scope for scope in scopes}
        claims = (scope.claims for scope in self._scopes.values() if scope.claims is not None)
        self._claims = {one.certificate_id: one for one in claims}
        self._now = now
        self._without: Counter[ScopeKey] = Counter()

    def standing(self, key: ScopeKey) -> Standing | None:
        """What stands for a scope now; None where the prior speaks alone."""
        learned = self._scopes.get(key)
        found = None if learned is None else standing(learned, self._now())
        self._without[key] += found is None
        return found

    def state(self, certificate_id: str) -> CertificateState:
        """How a promise about claims stood; one that is not there had not been audited."""
        claims = self._claims.get(certificate_id)
        return CertificateState.UNWATCHED if claims is None else claims.state

    def check(self, bases: Collection[str]) -> None:
        """ConfigurationError where no scope is of any of these bases: nothing would come of it.

        A file about claims alone says how their promises stand, whatever points are made of.
        """
        there = sorted({key.basis for key, one in self._scopes.items() if one.claims is None})
        if any(basis in bases for basis in there) or (self._claims and not there):
            return
        raise ConfigurationError(
            f"{self.path} has scopes of basis {_listed(there) or 'none'}, and here it is "
            f"{_listed(sorted(bases))}: score by the plan, the sandbox and the models of the "
            "scorers whose results were labelled"
        )

    @property
    def missing(self) -> str:
        """Scopes of results that nothing stood for, the most frequent first; '' without any."""
        return _listed([str(key) for key, count in self._without.most_common() if count])


def _listed(names: Collection[str]) -> str:
    first = list(names)[:_MOST_NAMED]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")
