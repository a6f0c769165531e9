"""Keys and filters as people type them."""

from __future__ import annotations

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.identity import ResultKey, parse_key, tenant_problem
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import ScoreFilter
from plimsoll.settings.near import near


def typed_key(text: str) -> ResultKey:
    """Reads `tenant/result_id`; ConfigurationError says what is wrong with it."""
    try:
        return parse_key(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def typed_filter(
    *, tenant: str, model: str, task_kind: str, min_lower: float | None, max_lower: float | None
) -> ScoreFilter:
    """A filter of what is not empty; ConfigurationError says what is wrong with it."""
    if tenant and (problem := tenant_problem(tenant)):
        raise ConfigurationError(problem)
    kinds = [kind.value for kind in TaskKind]
    if task_kind and task_kind not in kinds:
        raise ConfigurationError(f"there is no task kind {task_kind}: {near(task_kind, kinds)}")
    return ScoreFilter(
        tenant=tenant or None,
        model=model or None,
        task_kind=TaskKind(task_kind) if task_kind else None,
        min_lower_bound=min_lower,
        max_lower_bound=max_lower,
    )
