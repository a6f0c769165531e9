"""JSON as values, without the loss that whole numbers beyond 64 bits meet in a double."""

from __future__ import annotations

import json
import re

import orjson

# Fewer digits in a row fit into 64 bits.
_LONG = re.compile(r"[0-9]{19}")


def parsed(text: str) -> object:
    """The document of a text that is JSON (RFC 8259), whole numbers exact; JSONDecodeError else.

    `orjson` decides what is JSON, and reads 18446744073709551617 as the double that is nearest,
    which is that of its neighbours too. A document that has such a number, or that has one of
    more digits than Python reads, is read by `json`: in the latter case JSONDecodeError.
    """
    document: object = orjson.loads(text)
    if _LONG.search(text) is None:
        return document
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise orjson.JSONDecodeError(f"not to be read exactly: {error}", "", 0) from error
