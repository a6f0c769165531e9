"""Bodies held against botocore's model of the service, in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

_SERVICE = "bedrock-runtime"


class ServiceShapes:
    """The operations that are emulated, as botocore knows them."""

    def __init__(self) -> None:
        self._model = ServiceModel(Loader().load_service_model(_SERVICE, "service-2"), _SERVICE)

    def request_problems(self, operation: str, body: Mapping[str, Any]) -> list[str]:
        """What is wrong with a request; `body` with the members that travel in the path."""
        shape = self._model.operation_model(operation).input_shape
        return _problems(body, shape)

    def answer_problems(self, operation: str, body: Mapping[str, Any]) -> list[str]:
        """What is wrong with an answer of ours."""
        shape = self._model.operation_model(operation).output_shape
        return _problems(body, shape)

    def errors(self, operation: str) -> Mapping[str, int]:
        """Codes of an operation's errors, and their HTTP statuses."""
        shapes = self._model.operation_model(operation).error_shapes
        return {shape.name: int(shape.metadata["error"]["httpStatusCode"]) for shape in shapes}


def _problems(body: object, shape: Any) -> list[str]:  # noqa: ANN401 - botocore ships no types
    report = ParamValidator().validate(body, shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found or list(_unknown_words(body, shape, shape.name))


def _unknown_words(value: object, shape: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - the same
    """Members of enumerations, which botocore's validator lets pass."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if not shape.is_document_type:
            for name, inner in value.items():
                yield from _unknown_words(inner, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unknown_words(inner, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for name, inner in value.items():
            yield from _unknown_words(inner, shape.value, f"{path}.{name}")
    elif shape.type_name == "string":
        words = shape.metadata.get("enum")
        if words and value not in words:
            yield f"{path} is none of {', '.join(words)}"
