"""Records that no scorer can read, one of each kind that upstream services have sent."""

from __future__ import annotations

import json
import random

from google.protobuf.json_format import MessageToDict

from tests.support.load import Headers, Outgoing, llm_result

JSON: Headers = (("content-type", b"application/json"),)
OVERSIZED_BYTES = 1_200_000
NESTING = 50_000


def poison(
    value: bytes | None, headers: Headers = (), key: bytes | None = b"acme/poison"
) -> Outgoing:
    """A record that must end in the dead letters, bytes and all."""
    return Outgoing(key, value, (None,), headers)


def good_json(chance: random.Random) -> dict[str, object]:
    """A result as its JSON mapping, to be spoilt."""
    return dict(MessageToDict(llm_result(chance, "spoilt"), preserving_proto_field_name=True))


def garbage(chance: random.Random) -> dict[str, Outgoing]:
    """Each kind by its name."""
    good = llm_result(chance, "spoilt").SerializeToString()
    without_response = llm_result(chance, "spoilt")
    without_response.ClearField("response")
    oversized = llm_result(chance, "spoilt")
    oversized.messages[0].text = "x" * OVERSIZED_BYTES
    document = good_json(chance)
    return {
        # 0x07 is wire type 7, which does not exist.
        "garbage": poison(b"\x07" + chance.randbytes(300)),
        "garbage without key": poison(b"\x07" + chance.randbytes(300), key=None),
        "truncated": poison(good[:-7]),
        "empty": poison(b""),
        "null": poison(None),
        "oversized": poison(oversized.SerializeToString()),
        # Field 1000 as a group that opens and opens and never closes.
        "deeply nested": poison(b"\xc3\x3e" * NESTING),
        "deeply nested JSON": poison(b'{"attributes":' * NESTING, JSON),
        "response of another type": poison(without_response.SerializeToString() + b"\x58\x05"),
        "without response": poison(without_response.SerializeToString()),
        "text that is not UTF-8": poison(good + b"\x0a\x02\xff\xfe"),
        "ID with blanks": poison(llm_result(chance, "no good").SerializeToString()),
        "tenant in capitals": poison(llm_result(chance, "r", "ACME").SerializeToString()),
        "of another type": poison(good, (("ce_type", b"com.example.Order"),)),
        "schema registry's framing": poison(b"\x00\x00\x00\x00\x07\x00" + good),
        "no JSON": poison(b"{'result_id': spoilt}", JSON),
        "truncated JSON": poison(json.dumps(document).encode()[:-9], JSON),
        "wrong-typed JSON": poison(json.dumps({**document, "response": 5}).encode(), JSON),
        "JSON list": poison(json.dumps([document]).encode(), JSON),
    }
