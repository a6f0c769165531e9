"""Where a model's files are: a folder of the user's, or a hub's copy in the local cache."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.models import ModelSettings

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
# What is taken from a hub: one graph, its tokenizer and its words about both.
_PATTERNS = ["*.json", "1_Pooling/*.json", "model.onnx*", "onnx/model.onnx*"]
_GRAPHS = ("model.onnx", "onnx/model.onnx")
_BLOCK_BYTES = 1024**2


@dataclass(frozen=True)
class ModelFiles:
    """A model's folder, its graph and its tokenizer; `label` is what the user calls it."""

    label: str
    folder: Path
    graph: Path
    tokenizer: Path

    @cached_property
    def name(self) -> str:
        """Label and a digest of graph and tokenizer, which say together what a number rests on."""
        digest = hashlib.sha256()
        for path in (self.graph, self.tokenizer):
            with path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
        return f"{self.label}@{digest.hexdigest()[:12]}"


def locate(settings: ModelSettings, model: str, revision: str) -> ModelFiles | None:
    """The files of a configured model, or None where none is configured.

    ConfigurationError where it cannot be found. A hub is asked only where `download` is set.
    """
    if not model:
        return None
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _from_hub(settings, model, revision)
        label = model
    else:
        label = folder.resolve().name
    graph = next((folder / name for name in _GRAPHS if (folder / name).is_file()), None)
    tokenizer = folder / "tokenizer.json"
    if graph is None or not tokenizer.is_file():
        missing = "model.onnx" if graph is None else "tokenizer.json"
        raise ConfigurationError(f"model {model!r}: there is no {missing} in {folder}; export it")
    return ModelFiles(label, folder, graph, tokenizer)


def _from_hub(settings: ModelSettings, model: str, revision: str) -> Path:
    if _HUB_ID.fullmatch(model) is None:
        raise ConfigurationError(f"model {model!r} is neither a folder nor a hub ID (owner/name)")
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - an extra of the package
        from huggingface_hub.errors import (  # noqa: PLC0415 - as above
            HfHubHTTPError,
            LocalEntryNotFoundError,
        )
    except ImportError as error:
        raise ConfigurationError(f"model {model!r}: {NEEDS}") from error
    try:
        return Path(
            snapshot_download(
                model,
                revision=revision or None,
                cache_dir=settings.cache_dir,
                allow_patterns=_PATTERNS,
                local_files_only=not settings.download,
            )
        )
    except LocalEntryNotFoundError as error:
        raise ConfigurationError(
            f"model {model!r} is not in the local cache; set models.download, or name a folder"
        ) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ConfigurationError(
            f"model {model!r} cannot be had from the hub ({type(error).__name__}); name a folder"
        ) from error


NEEDS = "models need an extra: pip install 'plimsoll-confidence[server,models]'"
