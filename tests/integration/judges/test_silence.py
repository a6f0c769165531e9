"""What is asked of models, and what they say, stands in no log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.result import Document, Message, Response
from tests.integration.judges.scoring import ASKED, score, scoring, settings_for, values
from tests.support.bedrock import IDENTITY

PLAN = """\
panels:
  - {name: judge_correctness, rubric: correctness, judges: [lite], samples: 2}
rules:
  - metrics: [contextual_grounding, exact_match_rate]
    resampling: {samples: 3}
    panels: [judge_correctness]
    deadline: 60s
"""
NAMED = {"guardrail_id": "gr1", "guardrail_version": "3"}
SECRETS = {
    "request": "Whither quoth the marmoset of Ljubljana?",
    "context": "Ten thousand ocelots bivouac beneath Reykjavik.",
    "response": "Vexing zephyrs befuddle jaundiced quokkas.",
    "reply": "Mauve platypuses syncopate brazen hurdy-gurdies.",
}
# The emulator's reason for its verdicts.
RATIONALE = "which has not read the material"
TOLD = replace(
    ASKED,
    messages=(Message("user", f"{SECRETS['context']} {SECRETS['request']}"),),
    context=(Document(SECRETS["context"]),),
    response=Response(SECRETS["response"]),
)
# Every kind of trouble that is logged, each of which has the request at hand.
STEPS = (
    Step(fault="throttling", times=2),
    Step(fault="internal", times=2),
    Step(fault="garbage"),
    Step(fault="half_body"),
    Step(fault="model_error"),
    Step(fault="invalid"),
)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that any library logs, at the lowest level, and every event of our own."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    def keep(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
        lines.append(repr(event))
        return ""

    root, before = logging.getLogger(), logging.getLogger().level
    handler, kept = Keep(logging.NOTSET), structlog.get_config()
    root.addHandler(handler)
    root.setLevel(logging.NOTSET + 1)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    try:
        yield lines
    finally:
        structlog.configure(**kept)
        root.setLevel(before)
        root.removeHandler(handler)


def words(text: str) -> set[str]:
    """Its rare words: one of them in a log is one too many."""
    return {word.lower() for word in re.findall(r"[A-Za-z]{6,}", text)} - {"beneath", "thousand"}


async def test_no_word_of_material_or_replies_is_logged(tmp_path: Path, logged: list[str]) -> None:
    """At DEBUG, while judges, samplers and a guardrail are asked and fail in every way."""
    logging.getLogger("some.library").debug("a library at work")
    script = Script(texts={"": (SECRETS["reply"],)}, steps=STEPS)
    async with Emulator(script) as emulator:
        settings = settings_for(emulator.url, tmp_path, NAMED)
        async with scoring(settings, PLAN, tmp_path) as path:
            found = values(await score(path, TOLD))
        outcomes = {entry["outcome"] for entry in emulator.journal.document()["entries"]}
    assert "answered" in outcomes
    assert len(outcomes) >= len({step.fault for step in STEPS})
    assert set(found) > {"judge_correctness", "exact_match_rate", "contextual_grounding"}
    told = "\n".join(logged).lower()
    # Proof that something was listened to: our own events of failures, and libraries at DEBUG.
    assert "judge.failed" in told
    assert "a library at work" in told
    secret = set().union(*(words(text) for text in SECRETS.values()))
    assert len(secret) > 12
    assert [word for word in sorted(secret) if word in told] == []
    assert RATIONALE not in told
