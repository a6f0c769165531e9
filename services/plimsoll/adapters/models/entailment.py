"""Natural language inference by an ONNX model."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from plimsoll.adapters.models.files import ModelFiles
from plimsoll.adapters.models.graph import Graph
from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.tools import Entailment
from plimsoll.settings.models import ModelSettings

_LABELS = ("entailment", "neutral", "contradiction")


class OnnxEntailment:
    """A classifier of pairs whose config.json says which output is which."""

    def __init__(self, files: ModelFiles, settings: ModelSettings) -> None:
        self._graph = Graph(files, settings)
        self._order = _order(files)

    @property
    def name(self) -> str:
        """The user's name for it, and a digest of its files."""
        return self._graph.files.name

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """One answer for each (premise, hypothesis), in that order: a softmax of the logits."""
        answers: dict[int, Entailment] = {}
        for place, logits, _ in self._graph.outputs(pairs):
            powers = np.exp(logits - logits.max())
            shares = (powers / powers.sum())[self._order]
            answers[place] = Entailment(*map(float, shares))
        return [answers[place] for place in range(len(pairs))]


def _order(files: ModelFiles) -> list[int]:
    """Which outputs are entailment, neutral and contradiction; never guessed."""
    path = files.folder / "config.json"
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))["id2label"]
        places = {str(label).lower(): int(place) for place, label in labels.items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigurationError(
            f"model {files.label!r}: {path} has no id2label; take the one of its export"
        ) from error
    if sorted(places) != sorted(_LABELS):
        raise ConfigurationError(
            f"model {files.label!r}: id2label of {path} does not name {', '.join(_LABELS)} and "
            "nothing else, so nobody knows which output is which; mend it or take another model"
        )
    return [places[label] for label in _LABELS]
