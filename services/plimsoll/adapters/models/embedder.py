"""Texts as vectors, by an ONNX model."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.adapters.models.files import ModelFiles
from plimsoll.adapters.models.graph import Floats, Graph
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.models import ModelSettings

_TINY = 1e-12


class OnnxEmbedder:
    """Mean of the token vectors, or the first one where the model's 1_Pooling says so.

    A graph whose output is a vector a text is taken at its word.
    """

    def __init__(self, files: ModelFiles, settings: ModelSettings) -> None:
        self._graph = Graph(files, settings)
        self._first = _takes_first(files)

    @property
    def name(self) -> str:
        """The user's name for it, and a digest of its files."""
        return self._graph.files.name

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row of length 1 a text; shape (n, d), (0, 0) for no text."""
        if not texts:
            return np.empty((0, 0))
        rows: dict[int, Floats] = {}
        for place, output, mask in self._graph.outputs(texts):
            vector = output if output.ndim == 1 else self._pooled(output, mask)
            rows[place] = vector / max(float(np.linalg.norm(vector)), _TINY)
        return np.array([rows[place] for place in range(len(texts))])

    def _pooled(self, output: Floats, mask: NDArray[np.int64]) -> Floats:
        pooled = output[0] if self._first else mask @ output / max(int(mask.sum()), 1)
        return np.asarray(pooled, dtype=np.float64)


def _takes_first(files: ModelFiles) -> bool:
    path = files.folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return False
    pooling = json.loads(path.read_text(encoding="utf-8"))
    first = bool(pooling.get("pooling_mode_cls_token"))
    if not first and not pooling.get("pooling_mode_mean_tokens"):
        raise ConfigurationError(
            f"model {files.label!r} pools neither by mean nor by its first token; take another"
        )
    return first
