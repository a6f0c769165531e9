"""The metrics that there are: entry points of installed distributions, ours among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.metric import Family
from plimsoll.ports.metric import Metric
from plimsoll.ports.tools import NO_TOOLS, Tools

GROUP = "plimsoll.metrics"
_ORDER = tuple(Family)


def registered_metrics(tools: Tools = NO_TOOLS) -> tuple[Metric, ...]:
    """Every metric in the order in which scores are reported: by family, then by name.

    An entry point names a class that takes nothing, or one with a class method `with_tools`.
    ConfigurationError where one cannot be loaded or has the name of another, or there is none.
    """
    metrics = [_made(name, make, tools) for name, make in _loaded()]
    if not metrics:
        raise ConfigurationError("no metric is registered; install the distribution again")
    return tuple(sorted(metrics, key=lambda m: (_ORDER.index(m.spec.family), m.spec.name)))


@cache
def _loaded() -> tuple[tuple[str, Callable[..., Metric]], ...]:
    return load(entry_points(group=GROUP))


def load(points: Iterable[EntryPoint]) -> tuple[tuple[str, Callable[..., Metric]], ...]:
    """Names and classes of entry points."""
    found: dict[str, tuple[EntryPoint, Callable[..., Metric]]] = {}
    for point in points:
        if point.name in found and found[point.name][0].value != point.value:
            other = found[point.name][0]
            raise ConfigurationError(
                f"metric {point.name!r} is registered twice: {_whose(other)} and {_whose(point)}; "
                "uninstall one of them"
            )
        try:
            found[point.name] = (point, point.load())
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"metric {point.name!r} of {_whose(point)} cannot be loaded: {error}; "
                "mend or uninstall that distribution"
            ) from error
    return tuple((name, make) for name, (_, make) in found.items())


def _made(name: str, make: Callable[..., Metric], tools: Tools) -> Metric:
    with_tools: Callable[[Tools], Metric] | None = getattr(make, "with_tools", None)
    metric = make() if with_tools is None else with_tools(tools)
    if metric.spec.name != name:
        raise ConfigurationError(
            f"entry point {name!r} makes a metric called {metric.spec.name!r}; give both one name"
        )
    return metric


def _whose(point: EntryPoint) -> str:
    owner = f"{point.dist.name} " if point.dist is not None else ""
    return f"{owner}({point.value})"
