"""Values of metrics on many results, kept on disk between runs."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plimsoll.adapters import sandbox
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.metric import MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.metric import Metric
from plimsoll.ports.sandbox import Toolchain
from plimsoll.ports.tools import NO_TOOLS, Tools
from plimsoll.wire.json_results import result_to_json
from tests.quality.confbench.costs import cpu_seconds

Floats = NDArray[np.float64]
Progress = Callable[[str], None]
# A value or None, why not, and CPU seconds.
_Row = tuple[float | None, str, float]
# Absences that say nothing of the result: another run may find what this one did not.
_OF_THE_RUN = frozenset(
    {
        AbsenceReason.NOT_CONFIGURED,
        AbsenceReason.TOOLCHAIN_MISSING,
        AbsenceReason.SANDBOX_DENIED,
        AbsenceReason.TIMED_OUT,
        AbsenceReason.INTERNAL_ERROR,
    }
)
# A run that is stopped loses at most what it measured since it last wrote.
_SAVE_EVERY = 500


@dataclass(frozen=True)
class Column:
    """One metric on every result: values in [0, 1] or NaN, why not, and CPU seconds; shape (n,)."""

    values: Floats
    reasons: tuple[str, ...]
    seconds: Floats

    @property
    def lacks(self) -> str:
        """What this run lacked, where for want of it there is no value at all; else ''."""
        told = sorted(set(self.reasons) & _OF_THE_RUN)
        return ", ".join(told) if np.isnan(self.values).all() else ""


def measure(
    metrics: Sequence[Metric],
    results: Sequence[LlmResult],
    folder: Path,
    tell: Progress,
    tools: Tools = NO_TOOLS,
) -> dict[str, Column]:
    """A column a metric; what `folder` remembers of the same code and result is not run again.

    `tools` are those that the metrics have: what was found with others is not theirs.
    """
    stores = {metric.spec.name: _Store(folder, metric, tools) for metric in metrics}
    digests = [hashlib.sha256(result_to_json(result).encode()).hexdigest() for result in results]
    measured = 0
    for place, (digest, result) in enumerate(zip(digests, results, strict=True), 1):
        missing = [m for m in metrics if digest not in stores[m.spec.name].known]
        for metric in missing:
            started = cpu_seconds()
            score = evaluate(metric, result)
            reason = "" if score.absence is None else str(score.absence.reason)
            stores[metric.spec.name].known[digest] = (
                score.value,
                reason,
                round(cpu_seconds() - started, 6),
            )
        measured += bool(missing)
        if missing and measured % _SAVE_EVERY == 0:
            tell(f"measured {place:,} of {len(results):,} results")
            _save(stores.values())
    _save(stores.values())
    return {name: store.column(digests) for name, store in stores.items()}


def default_folder() -> Path:
    """Where values are kept where nothing else is said: the user's cache."""
    return Path.home() / ".cache" / "plimsoll" / "confbench"


class _Store:
    """What one version of one metric has measured with its tools, by digest of the result."""

    def __init__(self, folder: Path, metric: Metric, tools: Tools) -> None:
        spec = metric.spec
        code = _digest(_code(type(metric).__module__) + "".join(_used(spec, tools)).encode())
        self._path = folder / f"{spec.name}-{spec.version}-{code}.json"
        self.known = self._kept()
        self._saved = len(self.known)

    def _kept(self) -> dict[str, _Row]:
        if not self._path.exists():
            return {}
        rows = json.loads(self._path.read_text(encoding="utf-8"))
        return {digest: tuple(row) for digest, row in rows.items()}

    def save(self) -> None:
        """Writes what is new, whole or not at all."""
        if len(self.known) == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        # Another run may have written since this one read.
        kept = self._kept() | {k: row for k, row in self.known.items() if row[1] not in _OF_THE_RUN}
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(self._path)
        self._saved = len(self.known)

    def column(self, digests: Sequence[str]) -> Column:
        rows = [self.known[digest] for digest in digests]
        return Column(
            values=np.array([np.nan if value is None else value for value, _, _ in rows]),
            reasons=tuple(reason for _, reason, _ in rows),
            seconds=np.array([seconds for _, _, seconds in rows]),
        )


def _save(stores: Iterable[_Store]) -> None:
    for store in stores:
        store.save()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _used(spec: MetricSpec, tools: Tools) -> Iterator[str]:
    """Names of the tools that a metric's numbers rest on: models, sandbox and toolchains."""
    if Need.EMBEDDING_MODEL in spec.needs and tools.embedder is not None:
        yield f"\n{tools.embedder.name}"
    if Need.ENTAILMENT_MODEL in spec.needs and tools.entailment is not None:
        yield f"\n{tools.entailment.name}"
    if Need.SANDBOX in spec.needs and tools.sandbox is not None:
        yield f"\n{_sandbox_digest()}"
        for toolchain in Toolchain:
            yield f"\n{tools.sandbox.version(toolchain)}"


@cache
def _sandbox_digest() -> str:
    """A digest of all code of the sandbox: how a program ends in it is how a metric sees it."""
    folder = Path(sandbox.__file__).parent
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".js"))
    return _digest(b"".join(path.read_bytes() for path in found))


@cache
def _code(module: str) -> bytes:
    """A metric's module and what it imports from its room.

    A version says that numbers may differ; the code tells that they may before somebody has
    given it the next one.
    """
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return b""
    waiting, seen = [Path(found.origin)], dict[Path, bytes]()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.exists():
            continue
        seen[path] = path.read_bytes()
        room = "plimsoll.metrics."
        inside = [name.removeprefix(room) for name in _imports(seen[path]) if room in name]
        waiting += [path.with_name(f"{name}.py") for name in inside]
    return b"".join(seen[path] for path in sorted(seen))


def _imports(source: bytes) -> list[str]:
    return [
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
