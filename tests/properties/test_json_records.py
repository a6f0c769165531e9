"""JSON that knows our names but not our types is a result or poison, and nothing else."""

from __future__ import annotations

import json

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.record import Record
from plimsoll.v1 import result_pb2
from plimsoll.wire.records import Decoded, IngestRules, decode

JSON = ("content-type", b"application/json")
BATCH = ("ce_type", b"plimsoll.v1.LlmResultBatch")


def names_of(descriptor: Descriptor, depth: int = 4) -> set[str]:
    """Names of a message's fields and of those below, in both spellings."""
    found: set[str] = set()
    for field in descriptor.fields:
        found |= {field.name, field.json_name}
        if field.type == FieldDescriptor.TYPE_MESSAGE and field.message_type and depth:
            found |= names_of(field.message_type, depth - 1)
    return found


NAMES = st.sampled_from(sorted(names_of(result_pb2.LlmResult.DESCRIPTOR) | {"results", "novel"}))
# What parsers trip over: limits of numbers, words for numbers, times, names of enumerations.
WORDS = ("NaN", "-Infinity", "1e400", "12", "-1", "0.5", "TASK_KIND_CODE", "SAMPLED_BY_NOBODY")
TIMES = ("2026-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "2026-01-01")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(WORDS + TIMES)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


def almost(descriptor: Descriptor, depth: int = 3) -> st.SearchStrategy[object]:
    """Objects with a message's own names and shape, but for what stands at the ends."""
    fields = {field.json_name: like(field, depth) for field in descriptor.fields}
    return st.fixed_dictionaries({}, optional=fields)


def like(field: FieldDescriptor, depth: int) -> st.SearchStrategy[object]:
    """Values for one field: of its shape mostly, else of any."""
    values: st.SearchStrategy[object] = SCALARS
    if field.type == FieldDescriptor.TYPE_MESSAGE and field.message_type and depth:
        values = almost(field.message_type, depth - 1)
    if field.is_repeated:
        values = st.lists(values, max_size=2)
    return values | TREES


ALMOST_RESULTS = almost(result_pb2.LlmResult.DESCRIPTOR)


def record(tree: object, *headers: tuple[str, bytes]) -> Record:
    """A record of that JSON."""
    return Record("t", 0, 1, 0, None, json.dumps(tree).encode(), (JSON, *headers))


@settings(max_examples=400)
@given(ALMOST_RESULTS, st.booleans())
def test_any_json_is_results_or_poison(tree: object, batch: bool) -> None:
    """Whatever stands under the names of the contract is decoded or named as poison."""
    read = record({"results": [tree, tree]}, BATCH) if batch else record(tree)
    for item in decode(read, IngestRules()):
        assert isinstance(item, Decoded | PoisonError)
        if isinstance(item, Decoded):
            assert len(item.unknown_fields) <= 8


@settings(max_examples=300)
@given(NAMES, TREES)
def test_one_odd_field_is_decoded_or_named(name: str, odd: object) -> None:
    """One field with a value of any shape, in a result that is good otherwise."""
    tree = {"resultId": "r-1", "response": {"text": "Paris"}, name: odd}
    (item,) = decode(record(tree), IngestRules())
    assert isinstance(item, Decoded | PoisonError)


@settings(max_examples=150)
@given(st.lists(st.tuples(NAMES, TREES), max_size=3))
def test_names_in_any_order_are_one_input(fields: list[tuple[str, object]]) -> None:
    """The order of names in JSON changes no digest."""
    tree = {"resultId": "r-1", "response": {"text": "Paris"}, **dict(fields)}
    (one,) = decode(record(tree), IngestRules())
    (other,) = decode(record(dict(reversed(tree.items()))), IngestRules())
    if isinstance(one, Decoded) and isinstance(other, Decoded):
        # The same field in both spellings: the last one counts, as everywhere in JSON.
        spellings = {name.replace("_", "").lower() for name in tree}
        assert one.input_digest == other.input_digest or len(spellings) < len(tree)
    else:
        assert isinstance(one, PoisonError) == isinstance(other, PoisonError)
