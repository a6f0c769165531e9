"""Verdicts in any form: an instance of the schema that was asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from plimsoll.adapters.emulator.drawing import between, draw, whole
from plimsoll.adapters.emulator.recorded import Hint

_NONCE = re.compile(r"nonce\W{1,20}([A-Za-z0-9_-]{6,})", re.IGNORECASE)
_GOOD = ("pass", "yes", "true", "correct", "good", "supported", "accept")
_BAD = ("fail", "no", "false", "incorrect", "bad", "unsupported", "reject")
_FIRST = ("a", "1", "first", "response_a", "response_1", "output_1")
_SECOND = ("b", "2", "second", "response_b", "response_2", "output_2")
# A field by such a name says that there is no verdict.
_ABSTAINING = ("cannot", "abstain", "unsure", "unknown")
_ABSTAINS = 0.05
_DEEPEST = 12


class VerdictWriter:
    """Fills in one form; what nothing is known about is drawn from the seed and the question."""

    def __init__(self, seed: object, asked: str, hint: Hint | None) -> None:
        self._seed = seed
        self._hint = hint
        found = _NONCE.findall(asked)
        self._nonce = found[-1] if found else ""

    def write(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """An object of the schema, its properties in the schema's order."""
        filled = self._value(schema, schema, "", 0)
        return filled if isinstance(filled, dict) else {}

    def _value(
        self, schema: Mapping[str, Any], root: Mapping[str, Any], path: str, depth: int
    ) -> Any:  # noqa: ANN401 - any JSON
        if depth > _DEEPEST:
            return None
        schema = _resolved(schema, root)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._one_of(schema["enum"], path)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        if kind == "object" or "properties" in schema:
            properties = schema.get("properties", {})
            return {
                name: self._value(inner, root, f"{path}.{name}", depth + 1)
                for name, inner in properties.items()
            }
        if kind == "array":
            inner = schema.get("items", {})
            count = max(1, int(schema.get("minItems", 1)))
            return [self._value(inner, root, f"{path}[{i}]", depth + 1) for i in range(count)]
        return self._scalar(kind, schema, path)

    def _scalar(self, kind: object, schema: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON
        name = path.rpartition(".")[2].lower()
        if kind == "boolean":
            return self._truth(name, path)
        if kind in {"integer", "number"}:
            low, high = schema.get("minimum", 0), schema.get("maximum", 100)
            if kind == "integer":
                return whole(int(low), int(high), self._seed, path)
            return between(float(low), float(high), self._seed, path)
        return None if kind == "null" else self._text(name)

    def _truth(self, name: str, path: str) -> bool:
        """A judge that was recorded has told; one that is made up abstains now and then."""
        if any(word in name for word in _ABSTAINING):
            return self._hint is None and draw(self._seed, path) < _ABSTAINS
        rating = self._rating
        return draw(self._seed, path) < 0.5 if rating is None else rating >= 0.5

    def _text(self, name: str) -> str:
        if "nonce" in name:
            return self._nonce
        if self._hint is not None:
            return f"Recorded judgement of {self._hint.by}."
        return "Written by an emulator, which has not read the material."

    @property
    def _rating(self) -> float | None:
        """How good the first, or the only, response is, where that was recorded."""
        if self._hint is None:
            return None
        if self._hint.winner:
            return 1.0 if self._hint.winner == 1 else 0.0
        return self._hint.rating

    def _one_of(self, words: Sequence[Any], path: str) -> Any:  # noqa: ANN401 - any JSON
        """The word that the hint means, or one that is drawn.

        Of numbers the highest is the best: for a single response, or for the first of two.
        """
        if self._hint is not None and self._hint.winner:
            both = (_among(words, _FIRST), _among(words, _SECOND))
            if None not in both:
                return both[self._hint.winner - 1]
        rating = self._rating
        if rating is not None:
            found = _among(words, _GOOD if rating >= 0.5 else _BAD)
            if found is not None:
                return found
            if all(isinstance(word, int | float) for word in words):
                ranked = sorted(words)
                return ranked[min(len(ranked) - 1, int(rating * len(ranked)))]
        return words[whole(0, len(words) - 1, self._seed, path)]


def _among(words: Sequence[Any], wanted: Sequence[str]) -> Any:  # noqa: ANN401 - any JSON
    texts = (word for word in words if isinstance(word, str))
    return next((word for word in texts if word.lower() in wanted), None)


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference into the document, or behind the first choice that is one."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            found: Any = root
            for part in reference[2:].split("/"):
                found = found.get(part, {}) if isinstance(found, dict) else {}
            schema = found
            continue
        choices = schema.get("anyOf") or schema.get("oneOf")
        if not choices:
            break
        schema = next((one for one in choices if one.get("type") != "null"), choices[0])
    return schema
