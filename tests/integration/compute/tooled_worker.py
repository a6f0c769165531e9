"""A compute process whose only metric tells what its embedding model is called."""

from __future__ import annotations

from plimsoll.adapters.compute import worker
from plimsoll.domain.score import Score
from plimsoll.scorer.tools import ToolSettings, build_tools


def compose(settings: object) -> worker.Answer:
    """Answers with a vector's length as the value and the model's name as provenance."""
    assert isinstance(settings, ToolSettings)
    embedder = build_tools(settings).embedder
    assert embedder is not None
    name, value = embedder.name, float((embedder.embed(["paris"])[0] ** 2).sum())
    return lambda metric, _: Score(metric, "1", outcome=value, provenance_hash=name)


if __name__ == "__main__":
    worker.serve(compose)
