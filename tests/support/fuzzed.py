"""Records of results as bad as upstream services can send them, each drawn from one seed."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator

from google.protobuf.json_format import MessageToDict

from plimsoll.domain.record import Headers, Record
from plimsoll.v1 import common_pb2, result_pb2
from tests.support.garbage import garbage

JSON_TYPE: Headers = (("content-type", b"application/json"),)
TOPIC = "llm.results.v1"
PIECES = (
    "", " ", "\n", "the tower ", "Paris. ", "Paris", "I cannot help with that. ", "However, ",
    "\x00", "\x1b[2J", "\ufeff", "\u202e", "\u200d", "e\u0301", "\u0301" * 9, "İ", "ﬁ", "中文",
    "\U0001f388", "\U000e0041", "\ufdfa", "ß", "1,000.5", "-0", "1e999", "9" * 40,
    "\u0663\u066b\u0665", "2+2=4 ", "1/0=", "doi:10.1000/182 ", "ISBN 0-306-40615-2 ",
    "5 km = 5000 m ", "12%", "0x1F", "2024-02-30 ", "$3.50 ", "(b)", "answer: C", "\\boxed{7}",
    "####", "[1]", "[doc-1]", "“quoted words here” ", '"', "```json\n", "```python\n", "```",
    "{}", '{"a": 1.0, "a": null}', "[[[", "}}", "https://a.b/c?d=e#f ", "a@b.co ", "10.1000/xyz",
    "+1 212 555 0100 ", "4111 1111 1111 1111 ", "SELECT a FROM t;", "; DROP TABLE t; --", "%s%n",
    "${jndi:x}", "<script>", "../../etc/passwd", "def f(n): return n\n", "NaN", "null",
    "twenty-one ",
)  # fmt: skip
SOURCES = (
    "", "def f(((", "def f(n: int) -> int:\n    return n", "x = " + "(" * 300, "\x00",
    "const f = a => a", "while True: pass", "SELECT * FROM (SELECT", "lambda: " * 99, "\\" * 50,
    "'" * 31, "\U0001f600 = 1",
)  # fmt: skip
SCHEMAS = (
    "", "{}", "true", "[]", '{"$ref": "#"}', '{"type": "object", "required": ["a"]}', '{"type": 7}',
    '{"pattern": "(a*)*b"}', '{"minimum": 1e999}', "[" * 400, '{"allOf": [{"$ref": "#"}]}',
    '{"properties": {"a": {"maximum": 3}}}', '{"$ref": "https://example.com/schema"}', "{" * 9,
)  # fmt: skip
PATTERNS = (
    "",
    "(a*)*b",
    ".*",
    "(",
    "a{1001}",
    r"\d+",
    "(?i)paris",
    "[",
    "\x00",
    "(?=x)",
    "x" * 3_000,
)
FINITE = (0.0, -0.0, -0.1, -1.0, -2.5, -30.0, -745.0, -1e308, 5e-324, 0.5, 0.9, 1e308)
NO_NUMBERS = (math.inf, -math.inf, math.nan)
WHOLE = ('{"a": 2}', '{"a": "b", "c": [1, 2.5]}', "[1, 2, 3]", "null", "7", '"Paris"')
LANGUAGES = ("", "en", "EN-gb", "zh", "xx-" * 30, "\u0000", "de")
CODE_LANGUAGES = ("", "python", "js", "sql", "cobol", "Python3 ", "../sh")
INTEGERS = (0, 1, 7, 2**31 - 1, 2**63 - 1, -1, -(2**63))
_BIG_CHARS = 60_000
_MANY_SAMPLES = 2_000


def fuzzed(count: int, seed: int) -> Iterator[Record]:
    """So many records: most hold one odd result, some are bytes that nothing can be read from."""
    for number in range(count):
        yield record(random.Random(f"{seed}/{number}"), number)


def record(chance: random.Random, number: int) -> Record:
    """The record at an offset."""
    draw = chance.random()
    key = f"acme/r-{number}".encode()
    if draw < 0.02:
        spoilt = chance.choice(list(_spoilt(chance)))
        return _at(number, key, *spoilt)
    made = _result(chance, f"r-{number}")
    if draw < 0.2:
        return _at(number, key, _as_json(chance, made), JSON_TYPE)
    value = made.SerializeToString()
    return _at(number, key, _flipped(chance, value) if draw < 0.23 else value)


def _at(number: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Record:
    return Record(TOPIC, 0, number, 1_700_000_000_000 + number, key, value, headers)


def _spoilt(chance: random.Random) -> Iterator[tuple[bytes | None, Headers]]:
    for outgoing in garbage(chance).values():
        yield outgoing.value, outgoing.headers


def _flipped(chance: random.Random, value: bytes) -> bytes:
    changed = bytearray(value)
    for _ in range(chance.randint(1, 3)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _as_json(chance: random.Random, made: result_pb2.LlmResult) -> bytes:
    """JSON as services write it: with NaN as a word, halves of pairs, fields that nobody knows."""
    when = made.create_time.seconds
    made.ClearField("create_time")
    document = MessageToDict(made, preserving_proto_field_name=True)
    if when:
        document["create_time"] = chance.choice((when, "yesterday", "2024-02-30T00:00:00Z"))
    if chance.random() < 0.1:
        document["response"]["text"] = "Paris \ud800 \udfff"
    if chance.random() < 0.2:
        document["nobody_knows"] = {"deep": [[[[[]]]]], "number": 1e400}
    text = json.dumps(document, ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass" if chance.random() < 0.2 else "replace")


def _text(chance: random.Random, most: int = 8) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, most)))


def _number(chance: random.Random) -> float:
    """What no log-probability or temperature is, and rarely what is no number at all."""
    return chance.choice(NO_NUMBERS if chance.random() < 0.03 else FINITE)


def _body(chance: random.Random) -> str:
    """A text that is small nearly always, and large, deep or of one thing else."""
    draw = chance.random()
    if draw < 0.95:
        return _text(chance)
    if draw < 0.99:
        return chance.choice(WHOLE)
    if draw < 0.996:
        return "[" * _BIG_CHARS
    if draw < 0.998:
        return '{"a":' * 2_000 + "1" + "}" * 2_000
    piece = chance.choice([piece for piece in PIECES if piece])
    return piece * (_BIG_CHARS // len(piece))


def _tokens(chance: random.Random, text: str) -> result_pb2.Tokens:
    """Tokens that fit their text, or nothing that fits anything."""
    texts = [text[at : at + 4] for at in range(0, min(len(text), 400), 4)]
    size, k = len(texts), chance.randint(0, 5)
    logprobs = [-chance.expovariate(1.0) for _ in range(size)]
    top = [-chance.expovariate(1.0) for _ in range(size * k)]
    counts = [k] * size
    if chance.random() < 0.5:
        for row in (logprobs, top):
            for _ in range(min(3, len(row))):
                row[chance.randrange(len(row))] = _number(chance)
        if chance.random() < 0.5:
            logprobs = logprobs[: chance.randint(0, size)]
            counts = counts[: chance.randint(0, size)]
            texts = texts[: chance.randint(0, size)]
    return result_pb2.Tokens(
        texts=texts,
        logprobs=logprobs,
        top_k=chance.choice((k, k, 0, 2**32 - 1)),
        top_counts=counts if chance.random() < 0.3 else [],
        top_logprobs=top,
        top_texts=[str(at) for at in range(len(top))] if chance.random() < 0.2 else [],
        origin=chance.choice((0, 1, 2, 3, 77)),  # type: ignore[arg-type]  # the last is none
    )


def _response(chance: random.Random) -> result_pb2.Response:
    text = _body(chance)
    reasoning = _text(chance) if chance.random() < 0.3 else ""
    return result_pb2.Response(
        text=text,
        finish_reason=chance.choice(("", "stop", "length", "content_filter", "\x00")),
        reasoning=reasoning,
        tokens=_tokens(chance, reasoning + text) if chance.random() < 0.5 else None,
        tool_calls=[
            result_pb2.ToolCall(id="1", name=_text(chance, 1), arguments=_text(chance))
            for _ in range(chance.choice((0, 0, 0, 2)))
        ],
        content_ref=common_pb2.ContentRef(uri="s3://b/k") if chance.random() < 0.02 else None,
    )


def _alternatives(chance: random.Random, answer: str) -> list[result_pb2.Alternative]:
    many = chance.random()
    if many < 0.0006:
        # As many as a loop that has lost its end would send.
        return [result_pb2.Alternative(response=result_pb2.Response(text=str(at % 7)))
                for at in range(_MANY_SAMPLES)]  # fmt: skip
    count = chance.randint(1, 6) if many < 0.6 else 0
    return [
        result_pb2.Alternative(
            response=result_pb2.Response(text=answer)
            if chance.random() < 0.3
            else _response(chance),
            sampled_by=chance.choice((0, 1, 2, 9)),  # type: ignore[arg-type]  # the last is none
            temperature=chance.choice((None, 0.7, _number(chance)))
            if chance.random() < 0.1
            else None,
        )
        for _ in range(count)
    ]


def _result(chance: random.Random, result_id: str) -> result_pb2.LlmResult:
    response = _response(chance)
    made = result_pb2.LlmResult(
        result_id=result_id,
        tenant="acme",
        task_kind=chance.choice((*range(11), 99)),
        language=chance.choice(LANGUAGES),
        response=response,
        alternatives=_alternatives(chance, response.text),
        messages=[_message(chance) for _ in range(chance.choice((0, 1, 3)))],
        context=[_document(chance) for _ in range(chance.choice((0, 1, 4)))],
        parents=[_parent(chance) for _ in range(chance.choice((0, 0, 0, 3)))],
    )
    _add_the_rare(chance, made)
    return made


def _message(chance: random.Random) -> result_pb2.Message:
    return result_pb2.Message(role=chance.choice(("user", "", "tool")), text=_body(chance))


def _document(chance: random.Random) -> result_pb2.Document:
    return result_pb2.Document(id=chance.choice(("", "1", "doc-1", "\x00")), text=_body(chance))


def _parent(chance: random.Random) -> result_pb2.ParentRef:
    sure = chance.random() if chance.random() < 0.9 else _number(chance)
    return result_pb2.ParentRef(result_id=chance.choice("abc"), confidence=sure)


def _add_the_rare(chance: random.Random, made: result_pb2.LlmResult) -> None:
    if chance.random() < 0.2:
        made.code.source = chance.choice((*SOURCES, _body(chance)))
        made.code.language = chance.choice(CODE_LANGUAGES)
        made.code.entry_point = chance.choice(("", "f", "(", "__import__('os')"))
        made.code.tests.add(name=_text(chance, 2), source=chance.choice(SOURCES))
    if chance.random() < 0.2:
        made.expectations.enumeration.extend(_text(chance, 2) for _ in range(chance.randint(0, 3)))
        made.expectations.references.extend(_text(chance) for _ in range(chance.randint(0, 2)))
    if chance.random() < 0.04:
        made.expectations.json_schema = chance.choice(SCHEMAS)
        made.response.text = chance.choice((made.response.text, *WHOLE))
        made.expectations.regex = chance.choice(PATTERNS)
    if chance.random() < 0.05:
        made.usage.output_tokens = chance.choice(INTEGERS)
        made.usage.reasoning_output_tokens = chance.choice(INTEGERS)
        made.gen_ai.request_temperature = _number(chance)
        made.create_time.seconds = chance.choice(INTEGERS)
        made.attributes["\x00"] = _body(chance)
    if chance.random() < 0.02:
        made.result_id = chance.choice(("", "with blanks", "x" * 300, "\u202e"))
