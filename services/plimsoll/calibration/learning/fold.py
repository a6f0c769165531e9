"""The fold over the feedback topic: from labels to what is learned, the same wherever it is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from plimsoll.calibration.learning.claim_audits import ClaimAudits
from plimsoll.calibration.learning.labels import (
    LabelledResult,
    LabelOutcome,
    first_label,
    further_label,
    scope_of,
)
from plimsoll.calibration.learning.places import LabelPlace, Tally
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.calibration.learning.scope import ScopeLearning
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import LearnedScope, ScopeKey

MOST_SCOPES = 10_000
_CHANGES = frozenset({LabelOutcome.TAUGHT, LabelOutcome.CORRECTED, LabelOutcome.RETRACTED})


class Learning:
    """Folds labels, in the order of each partition; partitions may come in any order.

    `learned` is what was published last for each scope. After a restart every label is folded
    again, from the first: those below a scope's cursor are only known again. Whatever comes before
    `caught_up` and is new waits, because what follows from it depends on all that is known. With
    nothing published there is nothing to wait for.
    """

    def __init__(self, rules: LearningRules, learned: Iterable[LearnedScope] = ()) -> None:
        self._rules = rules
        self._learned = {scope.key: scope for scope in learned}
        self._claims = ClaimAudits(rules.failure, self._learned.values())
        self._scopes = {
            key: ScopeLearning(key, rules, scope)
            for key, scope in self._learned.items()
            if scope.claims is None
        }
        self._results: dict[ResultKey, LabelledResult] = {}
        self._changed: set[ScopeKey] = set()
        self._waiting: list[tuple[Feedback, LabelPlace]] = []
        self._waiting_results: set[ResultKey] = set()
        self._recalling = bool(self._scopes)

    @property
    def scopes(self) -> Mapping[ScopeKey, LearnedScope]:
        """What is learned of each scope, as it was last published or taken for it."""
        return MappingProxyType(self._learned)

    def fold(self, feedback: Feedback, place: LabelPlace) -> LabelOutcome:
        """Learns from a label; the outcome says whether and why not.

        That of its result, where it says something of that and of claims.
        """
        if feedback.claims is not None:
            of_claims = self._claims.fold(feedback, place)
            if feedback.label is None:
                return of_claims
        if self._recalling and self._must_wait(feedback, place):
            # What nobody learns from is not kept: many may wait.
            bare = replace(feedback, comment="", claims=None, seen_claims=None)
            self._waiting.append((bare, place))
            self._waiting_results.add(feedback.key)
            return LabelOutcome.WAITING
        return self._fold(feedback, place)

    def caught_up(self) -> tuple[LabelOutcome, ...]:
        """Everything that was learned of is folded again: what has waited is learned now."""
        return tuple(self.catching_up())

    def catching_up(self) -> Iterator[LabelOutcome]:
        """The same, label by label: all outcomes are taken before anything else is folded."""
        self._recalling = False
        waiting, self._waiting = self._waiting, []
        self._waiting_results.clear()
        for feedback, place in waiting:
            yield self._fold(feedback, place)
        yield from self._claims.catching_up()

    def take_changes(self) -> tuple[LearnedScope, ...]:
        """What has changed since the last call, by key: to be published before anything else."""
        changed = [self._scopes[key].value() for key in self._changed]
        self._changed.clear()
        changed.extend(self._claims.take_changes())
        values = tuple(sorted(changed, key=lambda value: str(value.key)))
        self._learned.update((value.key, value) for value in values)
        return values

    def _must_wait(self, feedback: Feedback, place: LabelPlace) -> bool:
        if feedback.key in self._waiting_results:
            return True
        result = self._results.get(feedback.key)
        key = scope_of(feedback) if result is None else result.scope
        if result is None and isinstance(first_label(feedback, key, place), LabelOutcome):
            return False
        scope = None if key is None else self._scopes.get(key)
        return scope is None or not scope.knows(place)

    def _fold(self, feedback: Feedback, place: LabelPlace) -> LabelOutcome:
        result = self._results.get(feedback.key)
        if result is not None:
            before = result.tally
            outcome = further_label(result, feedback)
        else:
            first = first_label(feedback, scope_of(feedback), place)
            if isinstance(first, LabelOutcome):
                return first
            if first.scope not in self._scopes and len(self._scopes) >= MOST_SCOPES:
                return LabelOutcome.TOO_MANY
            result, before, outcome = first, Tally(), LabelOutcome.TAUGHT
            self._results[feedback.key] = result
        return self._told(result, before, place, outcome) if outcome in _CHANGES else outcome

    def _told(
        self, result: LabelledResult, before: Tally, place: LabelPlace, outcome: LabelOutcome
    ) -> LabelOutcome:
        scope = self._scopes.get(result.scope)
        if scope is None:
            scope = self._scopes[result.scope] = ScopeLearning(result.scope, self._rules)
        if scope.knows(place):
            forgotten, outcome = scope.recall(result, before), LabelOutcome.KNOWN
        else:
            forgotten = scope.learn(result, before, place)
            self._changed.add(result.scope)
        if forgotten is not None:
            del self._results[forgotten]
        return outcome
