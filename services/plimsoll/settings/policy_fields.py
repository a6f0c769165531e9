"""The policies of a scoring plan, each read with its line and its problems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.settings.lined import Lined
from plimsoll.settings.near import near
from plimsoll.settings.plan_fields import Problems

_POLICY = ("name", "conditions", "otherwise")
_CONDITION = ("name", "when", "then")
_SCORES = "scores."
_SUBJECTS = tuple(subject.value for subject in Subject if subject is not Subject.SCORE)
_VERDICTS = ("accept", "review", "reject")
_REASONS = {r.value: r for r in AbsenceReason if r is not AbsenceReason.UNSPECIFIED}
_NUMBER = re.compile(r"(>=|>|<=|<)\s*(\d+(?:\.\d+)?)")
_HOW = "such as '>= 0.7', '< 0.3', absent, present, or 'absent for throttled, timed_out'"


def policies(
    problems: Problems, listed: Lined | None, known_metrics: Collection[str]
) -> Mapping[str, Policy]:
    """Policies by name; none where the field is left out."""
    if listed is None:
        return {}
    if not isinstance(listed.value, list) or not listed.value:
        problems.add(listed, "policies is a list of policies")
        return {}
    found: dict[str, Policy] = {}
    for entry in listed.value:
        policy = _policy(problems, entry, known_metrics)
        if policy.name in found:
            problems.add(entry, f"there is a policy {policy.name} already: give it another name")
        found[policy.name] = policy
    return found


def policy_of(
    problems: Problems, entry: Lined | None, known: Mapping[str, Policy]
) -> Policy | None:
    """The policy that a rule names; None where it names none."""
    if entry is None:
        return None
    found = known.get(str(entry.value))
    if found is None:
        hint = near(str(entry.value), known) if known else "the plan has no policies"
        problems.add(entry, f"there is no policy {entry.value}: {hint}")
    return found


def _policy(problems: Problems, entry: Lined, known_metrics: Collection[str]) -> Policy:
    fields = problems.mapping(entry, "a policy", _POLICY)
    conditions: list[Condition] = []
    listed = fields.get("conditions")
    if listed is None or not isinstance(listed.value, list) or not listed.value:
        problems.add(listed or entry, "a policy needs conditions: a list, the first met decides")
    else:
        conditions = [_condition(problems, one, known_metrics) for one in listed.value]
    return Policy(
        name=_name(problems, fields.get("name"), entry, "a policy"),
        conditions=tuple(conditions),
        otherwise=_verdict(problems, fields.get("otherwise"), entry, "otherwise"),
    )


def _condition(problems: Problems, entry: Lined, known_metrics: Collection[str]) -> Condition:
    fields = problems.mapping(entry, "a condition", _CONDITION)
    clauses: tuple[Clause, ...] = ()
    when = fields.get("when")
    if when is None or not isinstance(when.value, dict) or not when.value:
        problems.add(when or entry, f"a condition needs when: subjects and comparisons, {_HOW}")
    else:
        clauses = tuple(_clauses(problems, when.value, known_metrics))
    return Condition(
        name=_name(problems, fields.get("name"), entry, "a condition"),
        clauses=clauses,
        verdict=_verdict(problems, fields.get("then"), entry, "then"),
    )


def _clauses(
    problems: Problems, when: Mapping[str, Lined], known_metrics: Collection[str]
) -> Iterator[Clause]:
    for key, entry in when.items():
        metric = key.removeprefix(_SCORES) if key.startswith(_SCORES) else ""
        if metric and metric not in known_metrics:
            problems.add(entry, f"there is no metric {metric}: {near(metric, known_metrics)}")
        elif not metric and key not in _SUBJECTS:
            known = [*_SUBJECTS, *(f"{_SCORES}{name}" for name in known_metrics)]
            problems.add(entry, f"nothing is called {key}: {near(key, known)}")
        else:
            subject = Subject.SCORE if metric else Subject(key)
            clause = _clause(str(entry.value).strip(), subject, metric)
            if isinstance(clause, Clause):
                yield clause
            else:
                problems.add(entry, clause)


def _clause(text: str, subject: Subject, metric: str) -> Clause | str:
    """The clause, or what is wrong with its text."""
    if text == "present":
        return Clause(subject, Comparison.PRESENT, metric=metric)
    if text.partition(" ")[0] == "absent":
        words = [word.strip() for word in text.removeprefix("absent").split(",") if word.strip()]
        if words:
            words[0] = words[0].removeprefix("for ").strip()
        unknown = [word for word in words if word not in _REASONS]
        if unknown:
            return f"{unknown[0]} is no reason of an absence: {near(unknown[0], _REASONS)}"
        reasons = frozenset(_REASONS[word] for word in words)
        return Clause(subject, Comparison.ABSENT, metric=metric, reasons=reasons)
    match = _NUMBER.fullmatch(text)
    if match is None or float(match[2]) > 1.0:
        return f"{text!r} is no comparison with a number in [0, 1], {_HOW}"
    return Clause(subject, Comparison(match[1]), float(match[2]), metric)


def _name(problems: Problems, entry: Lined | None, owner: Lined, what: str) -> str:
    if entry is None or not isinstance(entry.value, str) or not entry.value:
        problems.add(entry or owner, f"{what} needs a name: it is shown beside the verdict")
        return ""
    return entry.value


def _verdict(problems: Problems, entry: Lined | None, owner: Lined, field: str) -> Verdict:
    if entry is None or entry.value not in _VERDICTS:
        problems.add(entry or owner, f"{field} is one of {', '.join(_VERDICTS)}")
        return Verdict.UNSPECIFIED
    return Verdict(str(entry.value))
