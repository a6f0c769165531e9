"""Bodies held against botocore's model of the service, in both directions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

_SERVICE = "bedrock-runtime"


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model(_SERVICE, "service-2"), _SERVICE)


class ServiceShapes:
    """The operations that are emulated, as botocore knows them."""

    def __init__(self) -> None:
        self._model = _service()

    def request_problems(self, operation: str, body: Mapping[str, Any]) -> list[str]:
        """What is wrong with a request; `body` with the members that travel in the path."""
        shape = self._model.operation_model(operation).input_shape
        return _problems(body, shape)

    def answer_problems(self, operation: str, body: Mapping[str, Any]) -> list[str]:
        """What is wrong with an answer of ours."""
        shape = self._model.operation_model(operation).output_shape
        return _problems(body, shape)

    def stop_reasons(self) -> frozenset[str]:
        """How an answer of Converse may end, as far as botocore knows."""
        return frozenset(self._model.shape_for("StopReason").metadata["enum"])

    def errors(self, operation: str) -> Mapping[str, int]:
        """Codes of an operation's errors, and their HTTP statuses."""
        shapes = self._model.operation_model(operation).error_shapes
        return {shape.name: int(shape.metadata["error"]["httpStatusCode"]) for shape in shapes}


def _problems(body: object, shape: Any) -> list[str]:  # noqa: ANN401 - botocore ships no types
    report = ParamValidator().validate(body, shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found or list(_unfit(body, shape, shape.name))


def _unfit(value: object, shape: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - the same
    """What botocore's validator lets pass: words, patterns and upper bounds."""
    yield from _own(value, shape, path)
    if shape.type_name == "structure" and isinstance(value, dict):
        if not shape.is_document_type:
            for name, inner in value.items():
                yield from _unfit(inner, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unfit(inner, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for name, inner in value.items():
            yield from _own(name, shape.key, f"{path}.{name}")
            yield from _unfit(inner, shape.value, f"{path}.{name}")


def _own(value: object, shape: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - the same
    rules = shape.metadata
    size = len(value) if isinstance(value, str | list | dict) else value
    counts = isinstance(size, int | float)
    if counts and not rules.get("min", size) <= size <= rules.get("max", size):
        yield f"{path} is not between {rules.get('min')} and {rules.get('max')}"
    if isinstance(value, str):
        if "enum" in rules and value not in rules["enum"]:
            yield f"{path} is none of {', '.join(rules['enum'])}"
        if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
            yield f"{path} does not match {rules['pattern']}"
