"""Entropy over what the delivered code and its alternatives do."""

from __future__ import annotations

import math
from collections import Counter

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.clusters import cluster_entropy
from plimsoll.metrics.code_behaviour import behaviour_of
from plimsoll.metrics.code_running import UsesSandbox


class FunctionalEntropy(UsesSandbox):
    """1 - U / log N, with U the semantic entropy over clusters of programs that do the same.

    Two programs are one cluster if their outputs are equal on every shared input; one that cannot
    be loaded, or runs into a limit, is a cluster of its own.
    """

    spec = MetricSpec(
        name="functional_entropy",
        version="1",
        family=Family.CODE,
        summary="How few different behaviours the code and its alternatives show.",
        needs=(Need.CODE, Need.ALTERNATIVES, Need.SANDBOX),
        source="Functional Entropy, arXiv:2605.28500",
        raw_scale="entropy over clusters, nats",
    )

    def work(self, result: LlmResult) -> int:
        """A start of the sandbox for each program."""
        return self.steps(1 + len(result.alternatives))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the entropy in nats."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        behaviour = behaviour_of(result, subject, sandbox)
        if isinstance(behaviour, Absence):
            return behaviour
        signatures = behaviour.signatures()
        uncertainty = cluster_entropy(sorted(Counter(signatures).values()))
        return Measurement(
            value=min(1.0, max(0.0, 1.0 - uncertainty / math.log(len(signatures)))),
            raw_value=uncertainty,
            evidence=(behaviour.evidence(),),
            provenance=(
                ("equivalence", "behaviour"),
                ("log_base", "e"),
                *behaviour.provenance,
                ("response_included", "yes"),
            ),
            flags=behaviour.flags,
        )
