"""Credentials for signing, and none of the machine's own."""

from __future__ import annotations

import pytest

from tests.support.bedrock import IDENTITY


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boto3 signs with."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
