"""What the delivered code and its alternatives do on shared inputs, found out once a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.domain.score import Evidence
from plimsoll.metrics.code_inputs import requests_of
from plimsoll.metrics.code_loading import tables_told
from plimsoll.metrics.code_running import MAX_PROGRAMS, MAX_SOURCE_CHARS, Subject
from plimsoll.metrics.code_text import alternative_sources
from plimsoll.metrics.given import request_texts
from plimsoll.metrics.sampling import LOW_SAMPLE, sampling_provenance
from plimsoll.metrics.sql_tables import fixtures_of
from plimsoll.ports.sandbox import Answer, Ended, Request, Run, Sandbox, Toolchain

# A program's outcomes on the inputs that tell something; None where it could not be loaded.
Outcomes = tuple[Answer, ...] | None
_COMPARED = frozenset({Ended.VALUE, Ended.ERROR})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Outcomes of the delivered program and of each alternative, on the same inputs.

    An input on which fewer than two programs give a value (fewer than one, of two programs) tells
    nothing, and is left out.
    """

    delivered: Outcomes
    others: tuple[Outcomes, ...]
    inputs: int
    provenance: Pairs
    flags: tuple[str, ...]

    def signatures(self) -> list[str]:
        """One text a program, the delivered one first; equal where they did the same throughout.

        What could not be loaded, or was not the same twice, is like nothing else.
        """
        return [_signature(one, place) for place, one in enumerate((self.delivered, *self.others))]

    def evidence(self) -> Evidence:
        """How much was run, and how many programs agreed with the delivered one throughout."""
        delivered, *others = self.signatures()
        alike = sum(signature == delivered for signature in others)
        text = f"{alike} of {len(others)} alternatives did the same on all of {self.inputs} inputs"
        return Evidence(kind="execution", ref="alternatives", text=text)


def same(one: Answer, other: Answer) -> bool:
    """Whether two outcomes are equal: the same value, or an error of the same type.

    What ran into a limit or gave two values on one input equals nothing, not even its like.
    """
    return one == other and one.ended in _COMPARED


def agreement(mine: Outcomes, other: Outcomes) -> float:
    """Share of equal outcomes among the inputs on which both were tried; 0 where none was."""
    if mine is None or other is None:
        return 0.0
    tried = [
        same(a, b)
        for a, b in zip(mine, other, strict=True)
        if Ended.UNTRIED not in (a.ended, b.ended)
    ]
    return sum(tried) / len(tried) if tried else 0.0


def behaviour_of(result: LlmResult, subject: Subject, sandbox: Sandbox) -> Behaviour | Absence:
    """The behaviours, or why they cannot be compared; made once for the newest result."""
    kept = _newest.kept
    if kept is not None and kept[0] is result and kept[1] is sandbox:
        return kept[2]
    made = _run_all(result, subject, sandbox)
    _newest.kept = (result, sandbox, made)
    return made


class _Newest:
    """What was made of the newest result; swapped in one assignment, so safe between threads."""

    kept: tuple[LlmResult, Sandbox, Behaviour | Absence] | None = None


_newest = _Newest()


def _run_all(result: LlmResult, subject: Subject, sandbox: Sandbox) -> Behaviour | Absence:
    sources = alternative_sources(result, subject.code, subject.toolchain)
    requests = _requests(result, subject, sources)
    if not requests:
        missing = "table" if subject.toolchain is Toolchain.SQL else "example or parameter"
        return Absence(AbsenceReason.INPUT_MISSING, f"no {missing} to make an input of")
    runs = runs_of(sources, subject, sandbox, requests)
    if isinstance(runs, Absence):
        return runs
    delivered, others = runs
    return _compared(result, subject, delivered, others)


def runs_of(
    sources: Sequence[str], subject: Subject, sandbox: Sandbox, requests: Sequence[Request]
) -> tuple[Run, list[Run]] | Absence:
    """The run of the delivered program and those of its alternatives, on the same requests."""
    # Sorted, so that the order of samples decides nothing, not even which of too many are run.
    distinct = sorted({source for source in sources if source.strip()})[:MAX_PROGRAMS]
    delivered = _ran(sandbox, subject, requests, subject.source)
    if isinstance(delivered, Absence):
        return delivered
    runs = {source: _ran(sandbox, subject, requests, source) for source in distinct}
    found = [runs[source] for source in sorted(sources) if source in runs]
    others = [run for run in found if isinstance(run, Run)]
    return (delivered, others) if others else _nothing_to_compare(found)


def _requests(result: LlmResult, subject: Subject, sources: Sequence[str]) -> tuple[Request, ...]:
    if subject.toolchain is Toolchain.SQL:
        return fixtures_of(tables_told(result, subject), [subject.source, *sources])
    told = [*request_texts(result), *(test.source for test in subject.code.tests)]
    return requests_of(subject, told)


def _ran(
    sandbox: Sandbox, subject: Subject, requests: Sequence[Request], source: str
) -> Run | Absence:
    if len(source) > MAX_SOURCE_CHARS:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, "an alternative is too long to be run")
    return sandbox.run(subject.program(requests, source))


def _nothing_to_compare(found: Sequence[Run | Absence]) -> Absence:
    """The reason of the alternatives' absences, or that there is no code in them."""
    reasons = [outcome for outcome in found if isinstance(outcome, Absence)]
    if reasons:
        return min(reasons, key=lambda absence: (absence.reason, absence.detail))
    return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, "no alternative that holds code")


def _compared(
    result: LlmResult, subject: Subject, delivered: Run, others: Sequence[Run]
) -> Behaviour | Absence:
    runs = [run for run in (delivered, *others) if run.loaded.ended is Ended.VALUE]
    columns = zip(*(run.answers for run in runs), strict=True)
    enough = 2 if len(runs) > 2 else 1
    useful = [
        place
        for place, answers in enumerate(columns)
        if sum(answer.ended is Ended.VALUE for answer in answers) >= enough
    ]
    if not useful:
        return Absence(AbsenceReason.INPUT_INVALID, f"no input gives {enough} programs a value")

    def outcomes(run: Run) -> Outcomes:
        if run.loaded.ended is not Ended.VALUE:
            return None
        return tuple(run.answers[place] for place in useful)

    everyone = [outcomes(run) for run in (delivered, *others)]
    return Behaviour(
        delivered=everyone[0],
        others=tuple(everyone[1:]),
        inputs=len(useful),
        provenance=(
            *sampling_provenance(result, "behaviour", len(others)),
            *subject.provenance,
            ("inputs", str(len(useful))),
        ),
        flags=_flags(result, everyone),
    )


def _flags(result: LlmResult, everyone: Sequence[Outcomes]) -> tuple[str, ...]:
    others = len(everyone) - 1
    endings = {answer.ended for outcomes in everyone if outcomes for answer in outcomes}
    facts = {
        "low_sample": others < LOW_SAMPLE,
        "samples_excluded": others < len(result.alternatives),
        "limits_reached": Ended.EXHAUSTED in endings,
        "unstable_output": Ended.UNSTABLE in endings,
        "not_loaded": everyone[0] is None,
    }
    return tuple(name for name, is_so in facts.items() if is_so)


def _signature(outcomes: Outcomes, place: int) -> str:
    if outcomes is None or any(answer.ended not in _COMPARED for answer in outcomes):
        return f"alone {place}"
    return " ".join(f"{answer.ended}:{answer.output}" for answer in outcomes)
