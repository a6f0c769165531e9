"""Labelled records of public repositories, as results that the metrics can read.

The data folder is an argument everywhere; nothing here downloads. Its files are gzip-compressed
JSON lines with `dataset`, `task`, `prompt`, `context`, `response`, `samples`, `logprobs`,
`label`, `group` and `model`. References, tests and labels of samples are never carried over, and
neither is a reference that a set gives among its documents.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    Alternative,
    Code,
    Document,
    GenAi,
    LlmResult,
    LogprobOrigin,
    Message,
    Response,
    SampledBy,
    TaskKind,
    Tokens,
)
from plimsoll.metrics.words import folded, words

# Where the alternatives were drawn at a temperature that the source states.
# How many leading documents may be seen of sets whose annotators were given a reference as well.
DOCUMENTS_BEFORE_REFERENCE = {"shroom_dm": 1, "shroom_mt": 0}
ITALIAN = "mushroom_it"
TEMPERATURES = {"gemma270m_trivia": 1.0, "gemma270m_ctx": 1.0, "humaneval_codegen16b": 0.8}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A result with its label (1 right, 0 wrong), its set, and what it shares a source with.

    `answer` is the part of the response that its source calls the answer; only baselines see it.
    """

    result: LlmResult
    label: int
    dataset: str
    group: str
    task: str
    answer: str | None = None

    @property
    def set_name(self) -> str:
        """The set that figures are told for; the domains of summedits are one."""
        return "summedits" if self.dataset.startswith("summedits_") else self.dataset

    @property
    def source(self) -> str:
        """What it shares with others: the same question has one source in every set."""
        return self.group.partition(":")[2] or self.group

    @property
    def sources(self) -> frozenset[str]:
        """Hashes of what it was made from."""
        return sources(self.result, self.group)


def records(folder: Path, file: str) -> Iterator[dict[str, Any]]:
    """The records of one file."""
    with gzip.open(folder / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def labelled(record: dict[str, Any], result_id: str) -> Labelled:
    """A record as a result of the tenant `demo`."""
    dataset, task = record["dataset"], record["task"]
    result = LlmResult(
        key=ResultKey("demo", result_id),
        response=Response(text=record["response"], tokens=_tokens(record.get("logprobs"))),
        task_kind=TaskKind(task) if task in set(TaskKind) else TaskKind.UNSPECIFIED,
        language="it" if dataset == ITALIAN else "en",
        gen_ai=GenAi(request_model=_model(record)),
        messages=(Message(role="user", text=record["prompt"]),),
        context=tuple(
            Document(text=text, id=f"context-{index}")
            for index, text in enumerate(_documents(record), 1)
        ),
        alternatives=_alternatives(record),
        code=_code(record),
    )
    return Labelled(result, record["label"], dataset, record["group"], task, record.get("answer"))


def sources(result: LlmResult, group: str) -> frozenset[str]:
    """Hashes of what a result was made from: question, documents, function, under every name.

    The part of `group` after the colon is a hash of the source text that sets share; the words
    of question and context catch sets that spell it otherwise. A request of four words or fewer
    ("Summarize the document.") names nothing.
    """
    names = {f"group|{group.partition(':')[2]}"}
    asked = words(folded(" ".join(message.text for message in result.messages)))
    if len(asked) > 4:
        names.add(f"question|{' '.join(asked)}")
    for document in result.context:
        names.add(f"context|{' '.join(words(folded(document.text)))}")
    if result.code is not None and result.code.entry_point:
        names.add(f"function|{result.code.entry_point}")
    return frozenset(hashlib.sha256(name.encode()).hexdigest()[:16] for name in names)


def _documents(record: dict[str, Any]) -> list[str]:
    documents: list[str] = record["context"] or []
    return documents[: DOCUMENTS_BEFORE_REFERENCE.get(record["dataset"], len(documents))]


def _model(record: dict[str, Any]) -> str:
    return str(record["model"]).split(" ", maxsplit=1)[0] if record.get("model") else ""


def _code(record: dict[str, Any]) -> Code | None:
    if record["task"] != "code":
        return None
    completes = record.get("response_kind") == "completion of prompt"
    source = record["prompt"] + record["response"] if completes else record["response"]
    return Code(source=source, language="python", entry_point=record.get("entry_point") or "")


def _alternatives(record: dict[str, Any]) -> tuple[Alternative, ...]:
    texts = record.get("samples") or ()
    logprobs = record.get("sample_logprobs") or [()] * len(texts)
    return tuple(
        Alternative(
            Response(text=text, tokens=_plain_tokens(of_text)),
            sampled_by=SampledBy.PRODUCER,
            temperature=TEMPERATURES.get(record["dataset"]),
        )
        for text, of_text in zip(texts, logprobs, strict=True)
    )


def _plain_tokens(logprobs: Sequence[float]) -> Tokens | None:
    if not logprobs:
        return None
    return Tokens(logprobs=tuple(logprobs), origin=LogprobOrigin.RAW)


def _tokens(logprobs: list[dict[str, Any]] | None) -> Tokens | None:
    if not logprobs:
        return None
    tops = [token["top"] or [] for token in logprobs]
    return Tokens(
        logprobs=tuple(token["logprob"] for token in logprobs),
        texts=tuple(token["token"] for token in logprobs),
        top_k=max(map(len, tops)),
        top_counts=tuple(map(len, tops)),
        top_logprobs=tuple(pair[1] for top in tops for pair in top),
        top_texts=tuple(pair[0] for top in tops for pair in top),
        origin=LogprobOrigin.RAW,
    )
