"""ApplyGuardrail with contextual grounding: shares of words in common, as scores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"\w+")
_THRESHOLD = 0.7
_CHARACTERS_PER_UNIT = 1_000
_NO_UNITS = {
    "topicPolicyUnits": 0,
    "contentPolicyUnits": 0,
    "wordPolicyUnits": 0,
    "sensitiveInformationPolicyUnits": 0,
    "sensitiveInformationPolicyFreeUnits": 0,
}


def check(body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer that blocks nothing: its filters' action is NONE."""
    texts: dict[str, list[str]] = {"grounding_source": [], "query": [], "guard_content": []}
    for block in body["content"]:
        for qualifier in block.get("text", {}).get("qualifiers", []):
            texts[qualifier].append(block["text"]["text"])
    source, query, response = (" ".join(texts[kind]) for kind in texts)
    size = sum(len(text) for found in texts.values() for text in found)
    filters = [
        _filter("GROUNDING", _share(response, source)),
        _filter("RELEVANCE", _share(query, response)),
    ]
    return {
        "usage": {**_NO_UNITS, "contextualGroundingPolicyUnits": -(-size // _CHARACTERS_PER_UNIT)},
        "action": "NONE",
        "outputs": [],
        "assessments": [{"contextualGroundingPolicy": {"filters": filters}}],
    }


def _filter(kind: str, score: float) -> dict[str, Any]:
    return {
        "type": kind,
        "threshold": _THRESHOLD,
        "score": score,
        "action": "NONE",
        "detected": score < _THRESHOLD,
    }


def _share(text: str, other: str) -> float:
    """How many of a text's words stand in the other."""
    words = set(_WORD.findall(text.lower()))
    return len(words & set(_WORD.findall(other.lower()))) / len(words) if words else 0.0
