"""One ONNX graph with its tokenizer: texts in, the graph's first output out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.adapters.models.files import NEEDS, ModelFiles
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.models import ModelSettings

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

# No token of the usual vocabularies stands for more characters; the rest would be cut anyway.
_CHARS_PER_TOKEN = 64
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}

Floats = NDArray[np.float64]
Input = str | tuple[str, str]


class Graph:
    """Reads its files when it is first used; then safe to call from several threads.

    What is given is put in order before it is cut into batches, so the same texts give the same
    numbers in whatever order they come. With batches of one, a text's numbers depend on nothing
    but the text; in larger ones a quantised graph's depend on its company too.
    """

    def __init__(self, files: ModelFiles, settings: ModelSettings) -> None:
        self.files = files
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def outputs(self, inputs: Sequence[Input]) -> Iterator[tuple[int, Floats, NDArray[np.int64]]]:
        """For each input, in any order: its place, its first output, its attention mask."""
        loaded = self._load()
        places: dict[Input, list[int]] = {}
        for place, given in enumerate(inputs):
            places.setdefault(given, []).append(place)
        encoded = [(loaded.encode(given), given) for given in places]
        encoded.sort(key=lambda pair: (len(pair[0].ids), pair[1]))
        for batch in _batches(encoded, self._settings.batch_size):
            output, mask = loaded.run([encoding for encoding, _ in batch])
            for row, (_, given) in enumerate(batch):
                for place in places[given]:
                    yield place, output[row], mask[row]

    def _load(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = _Loaded(self.files, self._settings)
            return self._loaded


class _Loaded:
    """A session and a tokenizer."""

    def __init__(self, files: ModelFiles, settings: ModelSettings) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra of the package, and slow to import
            import tokenizers  # noqa: PLC0415 - as above
        except ImportError as error:
            raise ConfigurationError(f"model {files.label!r}: {NEEDS}") from error
        self._session: Any = onnxruntime.InferenceSession(
            str(files.graph), _options(onnxruntime, settings), providers=["CPUExecutionProvider"]
        )
        self._inputs = {entry.name: _TYPES[entry.type] for entry in self._session.get_inputs()}
        shapes = [entry.shape for entry in self._session.get_inputs()]
        # A graph may be exported for one length only; shorter inputs are filled up to it.
        self._length = next((shape[1] for shape in shapes if isinstance(shape[1], int)), None)
        self._max_chars = settings.max_tokens * _CHARS_PER_TOKEN
        self._tokenizer: Tokenizer = tokenizers.Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_padding()
        limit = self._length or min(settings.max_tokens, _own_limit(self._tokenizer))
        self._tokenizer.enable_truncation(limit)

    def encode(self, given: Input) -> Encoding:
        """Tokens of a text, or of a pair as a pair; lone surrogates become question marks."""
        first, second = (given, None) if isinstance(given, str) else given
        return self._tokenizer.encode(
            self._clean(first), None if second is None else self._clean(second)
        )

    def run(self, encodings: Sequence[Encoding]) -> tuple[Floats, NDArray[np.int64]]:
        """The first output and the attention mask, a row an encoding; all are of one length."""
        columns = {
            "input_ids": [encoding.ids for encoding in encodings],
            "attention_mask": [encoding.attention_mask for encoding in encodings],
            "token_type_ids": [encoding.type_ids for encoding in encodings],
        }
        arrays = {name: self._filled(columns[name]) for name in columns}
        feed = {name: arrays[name].astype(kind) for name, kind in self._inputs.items()}
        output = np.asarray(self._session.run(None, feed)[0], dtype=np.float64)
        if not np.isfinite(output).all():
            raise ArithmeticError("the model answered with numbers that are not finite")
        return output, arrays["attention_mask"]

    def _filled(self, rows: list[list[int]]) -> NDArray[np.int64]:
        array = np.array(rows, dtype=np.int64)
        missing = 0 if self._length is None else self._length - array.shape[1]
        return np.pad(array, ((0, 0), (0, missing)))

    def _clean(self, text: str) -> str:
        return text[: self._max_chars].encode("utf-8", "replace").decode()


def _own_limit(tokenizer: Tokenizer) -> int:
    """The length that the tokenizer's own file allows."""
    truncation = tokenizer.truncation
    return int(truncation["max_length"]) if truncation else 1_000_000


def _options(onnxruntime: Any, settings: ModelSettings) -> Any:  # noqa: ANN401 - ships no types
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    # Waiting threads sleep: the cores are shared with the scorer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _batches(
    encoded: Sequence[tuple[Encoding, Input]], size: int
) -> Iterator[list[tuple[Encoding, Input]]]:
    """Runs of one length, so that nothing is padded, of `size` at most."""
    batch: list[tuple[Encoding, Input]] = []
    for pair in encoded:
        if batch and (len(batch) == size or len(batch[0][0].ids) != len(pair[0].ids)):
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch
