"""What a metric says of itself, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.claims import ClaimFilter
from plimsoll.domain.quick import quick
from plimsoll.domain.result import Pairs
from plimsoll.domain.score import Evidence, Interval


class Family(StrEnum):
    """What a metric looks at."""

    WHITE_BOX = "white_box"
    BLACK_BOX = "black_box"
    GROUNDING = "grounding"
    VALIDATOR = "validator"
    CODE = "code"
    STRUCTURED = "structured"
    TRACE = "trace"
    LINEAGE = "lineage"
    REFERENCE = "reference"
    JUDGE = "judge"
    BASELINE = "baseline"


class Need(StrEnum):
    """An input that a metric cannot do without."""

    RESPONSE_TEXT = "response.text"
    TOKEN_LOGPROBS = "response.tokens.logprobs"  # noqa: S105 - tokens of text, not of access
    TOP_LOGPROBS = "response.tokens.top_logprobs"
    ALTERNATIVES = "alternatives"
    CONTEXT = "context"
    JSON_SCHEMA = "expectations.json_schema"
    REGEX = "expectations.regex"
    ENUMERATION = "expectations.enumeration"
    REFERENCES = "expectations.references"
    REQUEST_TEXT = "messages"
    REASONING = "response.reasoning"
    COMPARISON = "comparison"
    CODE = "code"
    CODE_TESTS = "code.tests"
    PARENTS = "parents"
    # Not of the result: a metric that misses one of these answers `not_configured` itself.
    EMBEDDING_MODEL = "models.embedding"
    ENTAILMENT_MODEL = "models.entailment"
    SANDBOX = "sandbox"
    TYPE_CHECKER = "sandbox.type_checker"
    GUARDRAIL = "bedrock.guardrail"


class Cost(StrEnum):
    """What a metric costs: CPU only, a local model, or money."""

    FREE = "free"
    LOCAL_MODEL = "local_model"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric's catalogue entry; `baseline` is reported and never an input of the confidence."""

    name: str
    version: str
    family: Family
    summary: str
    needs: tuple[Need, ...]
    source: str
    cost: Cost = Cost.FREE
    raw_scale: str = ""
    baseline: bool = False

    @property
    def may_decide(self) -> bool:
        """Whether a confidence may rest on it: no baseline, and nothing that sees right answers.

        A reference is ground truth. A confidence that had seen it would know the label, and be
        worth nothing where there is none.
        """
        return not self.baseline and Need.REFERENCES not in self.needs


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric's number: `value` in [0, 1], higher is better, and what it rests on."""

    value: float
    raw_value: float | None = None
    interval: Interval | None = None
    uncertainty: float | None = None
    evidence: tuple[Evidence, ...] = ()
    provenance: Pairs = ()
    flags: tuple[str, ...] = ()
    claim_filter: ClaimFilter | None = None


# Each result has dozens: this makes them at a third of the cost.
measurement = quick(Measurement)
