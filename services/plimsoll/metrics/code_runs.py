"""Whether the delivered code loads, and on how many inputs it gives a value."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.code_loading import loaded, no_table_for
from plimsoll.metrics.code_running import UsesSandbox
from plimsoll.ports.sandbox import Ended


class CodeRuns(UsesSandbox):
    """Share of calls that give a value; 0 where the code cannot even be loaded.

    The calls are those that the request shows; where it shows none, it is 1 for code that
    loads. Drawn inputs are left out, as an error may be the right answer to them.
    """

    spec = MetricSpec(
        name="code_runs",
        version="2",
        family=Family.CODE,
        summary="Share of the calls shown in the request on which the code gives a value.",
        needs=(Need.CODE, Need.SANDBOX),
        source="interpreter of the language",
        raw_scale="share of calls",
    )

    def work(self, _result: LlmResult) -> int:
        """One start of the sandbox."""
        return self.steps(1)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the type of the first error."""
        found = self.subject(result)
        if isinstance(found, Absence):
            return found
        sandbox, subject = found
        run = loaded(result, subject, sandbox)
        if isinstance(run, Absence):
            return run
        if run.compiled.ended is not Ended.VALUE:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the code does not compile")
        untold = no_table_for(result, subject)
        if untold is not None:
            return untold
        endings = (run.loaded, *run.answers)
        failed = [answer for answer in endings if answer.ended is not Ended.VALUE]
        calls = max(1, len(run.answers))
        value = 0.0 if run.loaded in failed else 1.0 - len(failed) / calls
        told = f"{failed[0].ended} {failed[0].output}" if failed else ""
        evidence = (Evidence("run_error", "code.source", text=told),) if failed else ()
        return Measurement(
            value=value,
            raw_value=value,
            evidence=evidence,
            provenance=(*subject.provenance, ("calls", str(len(run.answers)))),
            flags=("limits_reached",) if any(f.ended is Ended.EXHAUSTED for f in failed) else (),
        )
