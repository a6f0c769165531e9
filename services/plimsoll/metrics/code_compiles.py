"""Whether the delivered code compiles: a failure is near certain proof, a success says little."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.code_loading import loaded
from plimsoll.metrics.code_running import UsesSandbox
from plimsoll.ports.sandbox import Ended


class CodeCompiles(UsesSandbox):
    """1 if the code compiles (Python, JavaScript) or parses (SQL), else 0.

    Of the programs that compile most may still be wrong: what a failure proves, a success does
    not.
    """

    spec = MetricSpec(
        name="code_compiles",
        version="1",
        family=Family.CODE,
        summary="Whether the code compiles, or parses.",
        needs=(Need.CODE, Need.SANDBOX),
        source="compiler of the language",
        raw_scale="1 compiles, 0 does not",
    )

    def work(self, _result: LlmResult) -> int:
        """One start of the sandbox."""
        return self.steps(1)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is the type of the error."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        run = loaded(result, subject, sandbox)
        if isinstance(run, Absence):
            return run
        compiled = run.compiled
        value = float(compiled.ended is Ended.VALUE)
        told = () if value else (Evidence("compile_error", "code.source", text=compiled.output),)
        return Measurement(
            value=value, raw_value=value, evidence=told, provenance=subject.provenance
        )
