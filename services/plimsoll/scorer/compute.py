"""`python -m plimsoll.scorer.compute`: the metrics in a process of their own, with their tools."""

from __future__ import annotations

from plimsoll.adapters.compute.process import ComputeProcess
from plimsoll.adapters.compute.worker import MAX_MEMORY_BYTES, Answer, Setup, serve
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.scorer.tools import ToolSettings, build_tools

_MIB = 1024**2


def compute_process(settings: ToolSettings) -> ComputeProcess:
    """A compute process that is told these settings when it starts."""
    models = settings.models
    modelled = bool(models.embedder or models.entailment)
    memory_bytes = MAX_MEMORY_BYTES + (models.memory_mib * _MIB if modelled else 0)
    return ComputeProcess(__name__, Setup(settings, memory_bytes))


def compose(settings: object) -> Answer:
    """What answers in a compute process: every metric that there is."""
    if not isinstance(settings, ToolSettings):
        raise TypeError(f"a compute process was told {type(settings).__name__}")
    metrics = {metric.spec.name: metric for metric in registered_metrics(build_tools(settings))}
    return lambda name, result: evaluate(metrics[name], result)


if __name__ == "__main__":
    serve(compose)
