"""Sealed evidence for tests: files of master keys, and events that quote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plimsoll.adapters.evidence.ring import new_line
from plimsoll.domain.score import Evidence
from plimsoll.domain.scored import ScoredResult
from tests.support.scored_events import scored_event


def keys_file(path: Path, *key_ids: str) -> Path:
    """A file of new master keys with these IDs."""
    path.write_text("".join(f"{new_line(key_id)}\n" for key_id in key_ids), encoding="utf-8")
    return path


def quoting(result_id: str, subject_id: str = "", *texts: str) -> ScoredResult:
    """A scored result whose two scores rest on these texts, the second on the last one."""
    made = scored_event(result_id, 0, scores={"m_one": 0.5, "m_two": 0.25})
    first, second = made.scores
    quotes = tuple(Evidence("quote", f"response.{text}", 1, 2, text) for text in texts)
    scores = (replace(first, evidence=quotes), replace(second, evidence=quotes[-1:]))
    return replace(made, subject_id=subject_id, scores=scores)
