"""The shipped sample's results, as the demo publishes them."""

from __future__ import annotations

import gzip
from importlib.resources import files

from google.protobuf import json_format

from plimsoll.v1 import result_pb2


def sample_values() -> list[bytes]:
    """Each line of the sample as protobuf bytes."""
    packed = files("plimsoll").joinpath("sample", "results.jsonl.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return [
        json_format.Parse(
            line, result_pb2.LlmResult(), ignore_unknown_fields=True
        ).SerializeToString()
        for line in lines
        if line.strip()
    ]
