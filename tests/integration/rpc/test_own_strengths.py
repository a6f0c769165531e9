"""The query service lists a deployment's own strengths beside those that ship."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Strength
from plimsoll.query.app import run_query
from plimsoll.settings.strengths import StrengthSettings
from plimsoll.settings.topics import TopicNames
from tests.conftest import settings_for
from tests.support.asking import patient_client

DEADLINE_S = 300
ROW = {
    "metric": "response_length", "version": "1", "task_kind": "open_qa", "language": "de",
    "auroc": 0.71, "lower": 0.66, "upper": 0.76, "level": 0.9, "labels": 812, "dataset": "tickets",
}  # fmt: skip


async def test_list_metrics_has_ones_own_figures(tmp_path: Path) -> None:
    """A figure of the file comes with its data's name, and the others as they ship."""
    file = tmp_path / "strengths.json"
    file.write_text(json.dumps({"schema": 1, "strengths": [ROW]}), encoding="utf-8")
    settings = settings_for("127.0.0.1:1", TopicNames(), tmp_path)
    settings = settings.model_copy(update={"strengths": StrengthSettings(file=file)})
    ready = asyncio.Event()
    service = asyncio.create_task(run_query(settings, ready.set))
    async with asyncio.timeout(DEADLINE_S):
        await ready.wait()
        async with patient_client(settings.query.listen) as client:
            metrics = await client.list_metrics()
        os.kill(os.getpid(), signal.SIGTERM)
        await service
    (length,) = (one for one in metrics if one.name == "response_length")
    found = {
        (one.task_kind, one.language): one.dataset
        for one in length.strengths
        if isinstance(one, Strength)
    }
    assert found[TaskKind.OPEN_QA, "de"] == "tickets"
    assert found[TaskKind.OPEN_QA, "en"] != "tickets"
