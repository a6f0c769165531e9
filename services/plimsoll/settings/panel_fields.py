"""The panels of judges of a scoring plan, each read with its line and its problems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.rubric import Panel, Rubric
from plimsoll.settings.lined import Lined
from plimsoll.settings.near import near
from plimsoll.settings.plan_fields import Problems, names, number, truth
from plimsoll.settings.rubric_files import read_rubric, shipped_rubrics

_PANEL = (
    "name", "rubric", "judges", "samples", "temperature", "max_output_tokens", "task_version",
    "redact_pii", "by_logprobs",
)  # fmt: skip
# What is asked without a panel has budgets by these names.
OTHER_BUDGETS = frozenset({"resampling", "guardrail"})
_SAMPLES = (1, 20)
_OUTPUT_TOKENS = (50, 4_000)


def panels(
    problems: Problems,
    listed: Lined | None,
    judges: Collection[str],
    folder: Path,
    *,
    redact_pii: bool = False,
) -> Mapping[str, Panel]:
    """Panels by name; `folder` is where a rubric's path starts, `judges` those of the settings.

    `redact_pii` holds for panels that have no word of their own on it.
    """
    if listed is None:
        return {}
    if not isinstance(listed.value, list) or not listed.value:
        problems.add(listed, "panels is a list of panels")
        return {}
    found: dict[str, Panel] = {}
    for entry in listed.value:
        panel = _panel(problems, entry, judges, folder, redact_pii)
        if panel is None:
            continue
        if panel.name in found:
            problems.add(entry, f"there is a panel {panel.name} already: give it another name")
        found[panel.name] = panel
    return found


def panels_of(
    problems: Problems, listed: Lined | None, known: Mapping[str, Panel]
) -> tuple[Panel, ...]:
    """The panels that a rule asks, in its order."""
    if listed is None:
        return ()
    found = []
    for word in names(problems, listed, "panels"):
        panel = known.get(str(word.value))
        if panel is not None:
            found.append(panel)
        else:
            hint = near(str(word.value), known) if known else "the plan has no panels"
            problems.add(word, f"there is no panel {word.value}: {hint}")
    return tuple(dict.fromkeys(found))


def _panel(
    problems: Problems,
    entry: Lined,
    judges: Collection[str],
    folder: Path,
    redact_pii: bool,  # noqa: FBT001 - what holds where the panel says nothing
) -> Panel | None:
    before = problems.count
    fields = problems.mapping(entry, "a panel", _PANEL)
    name = fields.get("name")
    if name is None or not isinstance(name.value, str) or not name.value.isidentifier():
        problems.add(name or entry, "a panel needs a name: letters, digits and _, as a metric's")
    rubric = _rubric(problems, fields.get("rubric"), entry, folder)
    asked = _judges(problems, fields.get("judges"), entry, judges)
    samples = number(problems, fields.get("samples"), "samples", _SAMPLES, 1)
    temperature = number(problems, fields.get("temperature"), "temperature", (0, 1), 1.0)
    most = number(
        problems, fields.get("max_output_tokens"), "max_output_tokens", _OUTPUT_TOKENS, 600
    )
    version = fields.get("task_version")
    redacted = truth(problems, fields.get("redact_pii"), "redact_pii", default=redact_pii)
    by_logprobs = truth(problems, fields.get("by_logprobs"), "by_logprobs", default=False)
    if by_logprobs and (samples > 1 or (rubric is not None and rubric.pairwise)):
        problems.add(entry, "by_logprobs is for one sample of a rubric that compares nothing")
    if name is not None and name.value in OTHER_BUDGETS:
        problems.add(name, f"budgets know {name.value} as another; give the panel another name")
    if rubric is None or name is None or problems.count > before:
        return None
    return Panel(
        name=str(name.value),
        rubric=rubric,
        judges=asked,
        samples=int(samples),
        temperature=temperature,
        max_output_tokens=int(most),
        task_version="1" if version is None else str(version.value),
        redact_pii=redacted,
        by_logprobs=by_logprobs,
    )


def _rubric(problems: Problems, entry: Lined | None, owner: Lined, folder: Path) -> Rubric | None:
    if entry is None or not isinstance(entry.value, str):
        problems.add(entry or owner, "a panel needs a rubric: one that ships, or a YAML file")
        return None
    if entry.value in shipped_rubrics():
        return shipped_rubrics()[entry.value]
    if not entry.value.endswith((".yaml", ".yml")):
        hint = near(entry.value, shipped_rubrics())
        problems.add(entry, f"no rubric {entry.value} ships: {hint} Or name a YAML file.")
        return None
    try:
        return read_rubric(folder / entry.value)
    except ConfigurationError as error:
        problems.add(entry, f"its rubric cannot be used: {error}")
        return None


def _judges(
    problems: Problems, entry: Lined | None, owner: Lined, known: Collection[str]
) -> tuple[str, ...]:
    if entry is None:
        problems.add(owner, "a panel needs judges: a list of names, as bedrock.judges has them")
        return ()
    found = [str(word.value) for word in names(problems, entry, "judges")]
    for judge in found:
        if judge not in known:
            hint = (
                near(judge, known) if known else "neither bedrock.judges nor openai.judges is set"
            )
            problems.add(entry, f"there is no judge {judge}: {hint}")
    if len(set(found)) < len(found):
        problems.add(entry, "a judge stands in the panel twice: ask it for more samples instead")
    return tuple(found)
