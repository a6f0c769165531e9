"""What was ingested: one result of a large language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey

# Keys and values in the order of keys.
Pairs = tuple[tuple[str, str], ...]

# Attributes of a result whose request held more than its messages show: tools that the model was
# offered, and kinds of content that are no text and did not come along, as `image_url`.
TOOL_DEFINITIONS = "gen_ai.tool.definitions"
LEFT_OUT = "plimsoll.left_out"


class TaskKind(StrEnum):
    """What the model was asked to do."""

    UNSPECIFIED = "unspecified"
    OPEN_QA = "open_qa"
    GROUNDED_QA = "grounded_qa"
    SUMMARIZATION = "summarization"
    CODE = "code"
    MATH = "math"
    EXTRACTION = "extraction"
    CLASSIFICATION = "classification"
    TRANSLATION = "translation"
    CHAT = "chat"
    TOOL_USE = "tool_use"


class LogprobOrigin(StrEnum):
    """How log-probabilities were obtained."""

    UNSPECIFIED = "unspecified"
    RAW = "raw"
    SAMPLING = "sampling"
    RESCORED = "rescored"


class SampledBy(StrEnum):
    """Who drew an alternative."""

    UNSPECIFIED = "unspecified"
    PRODUCER = "producer"
    PLIMSOLL = "plimsoll"


@dataclass(frozen=True, slots=True)
class ContentRef:
    """A body that lives elsewhere: URI, SHA-256 in hexadecimal, size in bytes.

    `absence` says why it could not be fetched; None where nobody has tried.
    """

    uri: str
    sha256: str
    size_bytes: int
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class GenAi:
    """Facts of the model; each field is the OpenTelemetry attribute `gen_ai.*` of that name."""

    provider_name: str = ""
    request_model: str = ""
    response_model: str = ""
    response_id: str = ""
    request_temperature: float | None = None
    request_top_p: float | None = None
    request_top_k: float | None = None
    request_max_tokens: int | None = None
    request_seed: int | None = None
    request_choice_count: int | None = None
    output_type: str = ""


NO_GEN_AI = GenAi()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the provider counted them; None is unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that the model asked for; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the request; `role` is system, user, assistant or tool."""

    role: str
    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    content_ref: ContentRef | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens in columns; T entries in `logprobs` (natural logs, <= 0), T or none in `texts`.

    `top_logprobs` is flat, best first: token t has `top_counts[t]` of them, or `top_k` where
    `top_counts` is empty.
    """

    logprobs: tuple[float, ...]
    texts: tuple[str, ...] = ()
    top_k: int = 0
    top_counts: tuple[int, ...] = ()
    top_logprobs: tuple[float, ...] = ()
    top_texts: tuple[str, ...] = ()
    origin: LogprobOrigin = LogprobOrigin.UNSPECIFIED
    model: str = ""


def usual_count(counts: Sequence[int]) -> int:
    """The most alternatives that half of the tokens have; 0 for no tokens.

    Some servers add the chosen token where it is not among the best, so the highest count may
    be that of a few improbable tokens.
    """
    return sorted(counts, reverse=True)[(len(counts) - 1) // 2] if counts else 0


@dataclass(frozen=True, slots=True)
class Response:
    """What a model answered."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    tokens: Tokens | None = None
    reasoning: str = ""
    content_ref: ContentRef | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer to the same request, and who drew it."""

    response: Response
    sampled_by: SampledBy = SampledBy.UNSPECIFIED
    model: str = ""
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that the model was given."""

    text: str
    id: str = ""
    uri: str = ""
    content_ref: ContentRef | None = None


@dataclass(frozen=True, slots=True)
class CodeTest:
    """A test that came with the request."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Code:
    """Code in the response; `language` in lower case."""

    source: str
    language: str = ""
    entry_point: str = ""
    tests: tuple[CodeTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the answer must look like; empty fields expect nothing."""

    json_schema: str = ""
    regex: str = ""
    enumeration: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParentRef:
    """A result that this one was made from, with its confidence in [0, 1] where known."""

    result_id: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class LlmResult:
    """One result of a large language model with whatever its producer knows of it."""

    key: ResultKey
    response: Response
    conversation_id: str = ""
    turn: int | None = None
    subject_id: str = ""
    create_time: datetime | None = None
    task_kind: TaskKind = TaskKind.UNSPECIFIED
    language: str = ""
    gen_ai: GenAi = NO_GEN_AI
    messages: tuple[Message, ...] = ()
    comparison: Response | None = None
    context: tuple[Document, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    code: Code | None = None
    expectations: Expectations | None = None
    parents: tuple[ParentRef, ...] = ()
    usage: Usage | None = None
    attributes: Pairs = ()
