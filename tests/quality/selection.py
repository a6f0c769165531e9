"""Which public sets are used for what: the shipped sample, the prior, the metrics' strengths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.quality.public_data import Labelled, labelled, records

PER_SET = 60
SAMPLE_SETS = {
    "gemma270m_trivia": "lm_logprobs",
    "gemma270m_ctx": "lm_logprobs",
    "triviaqa_llama13b": "open_qa",
    "humaneval_codegen16b": "code",
    "summedits": "summarization",
}
# Licences allow a model made from them; left out are sets whose labels follow from length or
# style (halueval_qa), from lexical overlap alone (begin_*), or from always saying yes or no
# (sac3_prime, sac3_senator).
PRIOR_SETS = {
    **SAMPLE_SETS,
    "sac3_hotpot": "open_qa",
    "sac3_nq": "open_qa",
    "sac3_hotpot_ctx": "grounded_qa",
    "tatqa_pot": "grounded_qa",
    "humaneval_gpt4": "code",
    "mbpp_gpt4": "code",
    "gsm8k_openai": "math",
    "aqua_codex_sc": "math",
}


def of_set(folder: Path, name: str, file: str) -> Iterator[dict[str, Any]]:
    """The records of one set; `summedits` pools its domains."""
    for record in records(folder, file):
        dataset = record["dataset"]
        if dataset == name or (name == "summedits" and dataset.startswith("summedits_")):
            yield record


def sample(folder: Path) -> list[Labelled]:
    """The shipped sample: the first 60 of each of five sets in the order of hashed record IDs."""
    chosen = []
    for name, file in SAMPLE_SETS.items():
        ranked = sorted(of_set(folder, name, file), key=_hash_order)
        for number, record in enumerate(ranked[:PER_SET], 1):
            chosen.append(labelled(record, f"{name}-{number:04d}"))
    return chosen


def outside_sample(folder: Path, sets: dict[str, str]) -> list[Labelled]:
    """Records that share no question, document or function with any record of the sample."""
    seen = frozenset[str]().union(*(item.sources for item in sample(folder)))
    return [
        item
        for name, file in sets.items()
        for item in (labelled(record, record["id"]) for record in of_set(folder, name, file))
        if not item.sources & seen
    ]


def _hash_order(record: dict[str, Any]) -> str:
    return hashlib.sha256(record["id"].encode()).hexdigest()
