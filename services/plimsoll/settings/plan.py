"""The scoring plan: a YAML file that says what runs for which results, and who decides on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.plan import Plan, PlanRule, Resampling
from plimsoll.domain.policy import Policy
from plimsoll.domain.rubric import Panel
from plimsoll.settings.lined import Lined, read_lined
from plimsoll.settings.near import near
from plimsoll.settings.panel_fields import panels, panels_of
from plimsoll.settings.plan_fields import Problems, duration, names, task_kinds, tenants, truth
from plimsoll.settings.policy_fields import policies, policy_of
from plimsoll.settings.resampling_fields import resampling_of

EVERY_METRIC = "all"
DEFAULT_DEADLINE = timedelta(seconds=30)
DEFAULT_MAX_HOLD = timedelta(minutes=15)
_TOP = ("rules", "panels", "policies", "max_hold", "redact_pii")
_RULE = ("name", "tenants", "task_kinds", "metrics", "resampling", "panels", "deadline", "policy")
_VERSION_CHARS = 12
NO_JUDGES: Mapping[str, str] = {}


def load_plan(
    path: Path | None,
    known_metrics: Collection[str],
    judges: Mapping[str, str] = NO_JUDGES,
) -> Plan:
    """Reads a plan; without a file every metric runs that has its inputs and costs no money.

    `judges` are those that the settings name, each with its model: a panel asks some of them.

    ConfigurationError holds every problem, a line each: file, line, what is wrong, and what was
    probably meant.
    """
    if path is None:
        only = (PlanRule("default", None, deadline=DEFAULT_DEADLINE),)
        return Plan(_version(only, DEFAULT_MAX_HOLD, known_metrics), only, DEFAULT_MAX_HOLD)
    problems = Problems(path)
    root = read_lined(path, "scoring plan")
    fields = problems.mapping(root, "a plan", _TOP)
    max_hold = duration(problems, fields.get("max_hold"), "max_hold", DEFAULT_MAX_HOLD)
    redact_pii = truth(problems, fields.get("redact_pii"), "redact_pii", default=False)
    asked = panels(problems, fields.get("panels"), judges, path.parent, redact_pii=redact_pii)
    scored = [*known_metrics, *(name for panel in asked.values() for name in panel.metrics)]
    known = Names(
        known_metrics,
        policies(problems, fields.get("policies"), scored),
        asked,
        judges,
        redact_pii,
    )
    rules = tuple(_rules(problems, fields.get("rules"), root, known))
    if problems.count:
        raise ConfigurationError(problems.said)
    return Plan(_version(rules, max_hold, known_metrics, judges), rules, max_hold)


@dataclass(frozen=True, slots=True)
class Names:
    """What rules may name, and what holds for all of them."""

    metrics: Collection[str]
    policies: Mapping[str, Policy]
    panels: Mapping[str, Panel]
    judges: Collection[str]
    redact_pii: bool


def _rules(
    problems: Problems, listed: Lined | None, root: Lined, known: Names
) -> Iterator[PlanRule]:
    if listed is None or not isinstance(listed.value, list) or not listed.value:
        line = root if listed is None else listed
        problems.add(line, "a plan needs rules: a list, the first rule that matches decides")
        return
    catch_all: Lined | None = None
    for number, entry in enumerate(listed.value, start=1):
        if catch_all is not None:
            said = f"never reached: the rule on line {catch_all.line} matches everything"
            problems.add(entry, said)
        before = problems.count
        rule = _rule(problems, entry, number, known)
        yield rule
        # A rule with a mistake may match less than it seems to.
        whole = not rule.tenants and not rule.task_kinds and problems.count == before
        if whole and catch_all is None:
            catch_all = entry
    if catch_all is None and not problems.count:
        problems.add(
            listed.value[-1],
            "no rule matches everything: end with one that names neither tenants nor task_kinds",
        )


def _rule(problems: Problems, entry: Lined, number: int, known: Names) -> PlanRule:
    fields = problems.mapping(entry, "a rule", _RULE)
    name = fields.get("name")
    if name is not None and not isinstance(name.value, str):
        problems.add(name, "name is a word")
    return PlanRule(
        name=str(name.value) if name is not None else f"rule {number}",
        metrics=_metrics(problems, fields.get("metrics"), entry, known.metrics),
        tenants=frozenset(tenants(problems, fields.get("tenants"))),
        task_kinds=frozenset(task_kinds(problems, fields.get("task_kinds"))),
        deadline=duration(problems, fields.get("deadline"), "deadline", DEFAULT_DEADLINE),
        policy=policy_of(problems, fields.get("policy"), known.policies),
        panels=panels_of(problems, fields.get("panels"), known.panels),
        resampling=resampling_of(problems, fields.get("resampling"), known.judges),
        redact_pii=known.redact_pii,
    )


def _metrics(
    problems: Problems, listed: Lined | None, rule: Lined, known: Collection[str]
) -> tuple[str, ...] | None:
    if listed is None:
        problems.add(
            rule, f"a rule needs metrics: a list of names (`[]` runs none), or `{EVERY_METRIC}`"
        )
        return None
    if listed.value == EVERY_METRIC:
        return None
    if listed.value == []:
        return ()
    found = list(names(problems, listed, f"metrics (or `{EVERY_METRIC}`)"))
    for entry in found:
        if entry.value not in known:
            problems.add(
                entry, f"there is no metric {entry.value}: {near(str(entry.value), known)}"
            )
    return tuple(dict.fromkeys(str(entry.value) for entry in found))


def _version(
    rules: tuple[PlanRule, ...],
    max_hold: timedelta,
    known_metrics: Collection[str],
    judges: Mapping[str, str] = NO_JUDGES,
) -> str:
    """A hash of what decides about scores: names of rules and the order of words do not."""
    said = [
        {
            "metrics": sorted(known_metrics if rule.metrics is None else rule.metrics),
            "tenants": sorted(rule.tenants),
            "task_kinds": sorted(rule.task_kinds),
            "deadline_s": rule.deadline.total_seconds(),
            **({} if rule.policy is None else {"policy": _said(rule.policy)}),
            **({} if not rule.panels else {"panels": [_asked(p, judges) for p in rule.panels]}),
            **({} if rule.resampling is None else {"resampling": _drawn(rule.resampling, judges)}),
            **({"redact_pii": True} if rule.redact_pii else {}),
        }
        for rule in rules
    ]
    canonical = json.dumps([said, max_hold.total_seconds()], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_VERSION_CHARS]


def _said(policy: Policy) -> list[object]:
    """All of a policy: its names are on the event too."""
    conditions = [
        (
            condition.name,
            condition.verdict,
            [
                (c.subject, c.metric, c.comparison, c.threshold, sorted(c.reasons))
                for c in condition.clauses
            ],
        )
        for condition in policy.conditions
    ]
    return [policy.name, conditions, policy.otherwise]


def _asked(panel: Panel, judges: Mapping[str, str]) -> list[object]:
    """All of a panel that decides numbers: its judges' models, not what they are called."""
    return [
        panel.name,
        panel.rubric.name,
        panel.rubric.version,
        [judges.get(name, name) for name in panel.judges],
        panel.samples,
        panel.temperature,
        panel.max_output_tokens,
        panel.task_version,
        *(["redact_pii"] if panel.redact_pii else []),
        *(["by_logprobs"] if panel.by_logprobs else []),
    ]


def _drawn(how: Resampling, judges: Mapping[str, str]) -> list[object]:
    """All of it; where nobody is named, whose alternatives there are depends on every model."""
    models = (
        [judges.get(how.judge, how.judge)] if how.judge else ["", *sorted(set(judges.values()))]
    )
    return [how.samples, models, how.temperature, how.max_output_tokens]
