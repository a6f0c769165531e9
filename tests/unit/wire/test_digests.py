"""Digests hold still: across processes, hash seeds and, as far as goldens can tell, releases."""

from __future__ import annotations

import subprocess
import sys

import pytest

from plimsoll.domain.record import Record
from plimsoll.v1 import result_pb2
from plimsoll.wire.records import Decoded, IngestRules, decode

PROGRAM = """
from tests.unit.wire.test_digests import digest_of_full_result
print(digest_of_full_result())
"""


def digest_of_full_result() -> str:
    """The input digest of a result with maps, numbers and nested parts."""
    message = result_pb2.LlmResult(result_id="golden-1", tenant="acme", language="de", turn=0)
    message.response.text = "Zürich"
    message.response.tokens.logprobs.extend([-0.1, -2.3, -1e-300])
    message.alternatives.add(temperature=0.7).response.text = "Bern"
    for name in ("zeta", "alpha", "mid", "ümlaut"):
        message.attributes[name] = name
    record = Record("t", 0, 0, 0, None, message.SerializeToString(), ())
    (item,) = decode(record, IngestRules())
    assert isinstance(item, Decoded)
    return item.input_digest


def test_golden_input_digest() -> None:
    """The digest of a fixed input never moves; if protobuf's form does, its prefix must change."""
    assert digest_of_full_result() == GOLDEN


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_digest_in_another_process(seed: str) -> None:
    """Another process with another hash seed gives the same digest."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == GOLDEN


GOLDEN = "0bedaf59e22082f916331861b4bd98ecb2bcc9eef258d1be6011728c32d5d628"
