"""Answers of Converse: a verdict in the form asked for, its end, and what it has cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from plimsoll.adapters.emulator.canaries import told_of
from plimsoll.adapters.emulator.drawing import whole
from plimsoll.adapters.emulator.faults import STOP
from plimsoll.adapters.emulator.questions import Question
from plimsoll.adapters.emulator.recorded import Hint, hint_for
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.adapters.emulator.verdicts import VerdictWriter

T = TypeVar("T")

_MOST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Drafted:
    """An answer's body; `verdict` is what it holds in whole, None where it holds none.

    `used_tokens` is what a quota is settled with.
    """

    body: dict[str, Any]
    verdict: dict[str, Any] | None
    used_tokens: float


def draft(script: Script, question: Question, seen: int, cached: bool, fault: str) -> Drafted:  # noqa: FBT001 - a fact, no switch
    """What a model answers the `seen`th time that it is asked this."""
    seed = (script.seed, question.digest, seen)
    verdict = _verdict(script, question, seed, fault)
    output = whole(*script.output_tokens, *seed, "output")
    stop = _stop(question, output, fault)
    whole_verdict = stop in {"tool_use", "end_turn"} and fault not in {
        "no_verdict",
        "text_only",
        "wrong_tool",
        "two_verdicts",
    }
    if question.plain:
        verdict = {"text": _prose(script, question, seen, seed)}
        content = [{"text": "" if fault == "no_verdict" else verdict["text"]}]
    else:
        content = _content(question, verdict, stop, fault)
    output = min(output, question.max_tokens)
    usage = _usage(question, output, cached)
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": usage,
        "metrics": {"latencyMs": whole(200, 4_000, *seed, "latency")},
    }
    if question.tier:
        body["serviceTier"] = {"type": question.tier}
    settled = usage["inputTokens"] + usage.get("cacheWriteInputTokens", 0)
    return Drafted(body, verdict if whole_verdict else None, settled + output * script.burndown)


def _verdict(
    script: Script, question: Question, seed: tuple[object, ...], fault: str
) -> dict[str, Any]:
    if fault == "injected":
        # The judge has done what the material told it to: full marks, to whom asked for them.
        hint: Hint | None = Hint("the material itself", winner=2, rating=1.0)
    else:
        hint = hint_for(question.asked, _longest(script.recorded, question.model, ""))
    manners = _longest(script.canaries, question.model, None)
    told = told_of(question.asked, manners, *seed) if manners is not None and not fault else None
    writer = VerdictWriter(seed, question.asked, told.hint if told else hint)
    verdict = writer.write(question.schema)
    if told is not None and told.nonce:
        verdict |= {name: told.nonce for name in verdict if "nonce" in name.lower()}
    for name in [name for name in verdict if "nonce" in name.lower()]:
        if fault == "no_nonce":
            del verdict[name]
        elif fault in {"wrong_nonce", "injected"}:
            verdict[name] = "not-the-nonce"
    return verdict


def _prose(script: Script, question: Question, seen: int, seed: tuple[object, ...]) -> str:
    """What the script has for this question, in turn, or a sentence out of its words."""
    for words, texts in script.texts.items():
        if words in question.asked:
            return texts[seen % len(texts)]
    known = sorted(set(question.asked.split()))[:_MOST_WORDS]
    count = whole(3, 12, *seed, "count")
    drawn = (known[whole(0, len(known) - 1, *seed, place)] for place in range(count))
    return "An emulator, which knows nothing, says: " + " ".join(drawn)


def _longest(by_start: Mapping[str, T], model: str, default: T) -> T:
    """What belongs to the longest start of the model's ID that is named."""
    starts = [start for start in by_start if model.startswith(start)]
    return by_start[max(starts, key=len)] if starts else default


def _stop(question: Question, output: int, fault: str) -> str:
    if fault.startswith(STOP):
        return fault.removeprefix(STOP)
    if output > question.max_tokens:
        return "max_tokens"
    return "end_turn" if fault == "text_only" or not question.tool else "tool_use"


def _content(
    question: Question, verdict: dict[str, Any], stop: str, fault: str
) -> list[dict[str, Any]]:
    if fault == "no_verdict":
        return [{"text": ""}]
    if fault == "text_only":
        return [{"text": "I would rather talk about it: " + json.dumps(verdict)}]
    if not question.tool:
        text = json.dumps(verdict)
        twice = {"two_verdicts": text + text, "wrong_tool": f"```json\n{text}\n```"}
        return [{"text": twice.get(fault, text[: len(text) // 2] if _is_cut(stop) else text)}]
    name = "another_tool" if fault == "wrong_tool" else question.tool
    shown = dict(list(verdict.items())[:1]) if _is_cut(stop) else verdict
    calls = [_call(name, shown, 1)]
    if fault == "two_verdicts":
        calls.append(_call(name, {**verdict, "again": True}, 2))
    return calls


def _is_cut(stop: str) -> bool:
    """Whether a verdict ends in its middle."""
    return stop not in {"tool_use", "end_turn"}


def _call(name: str, verdict: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": f"tooluse_{number}", "name": name, "input": dict(verdict)}}


def _usage(question: Question, output: int, cached: bool) -> dict[str, int]:  # noqa: FBT001 - a fact, no switch
    usage = {
        "inputTokens": question.input_tokens,
        "outputTokens": output,
        "totalTokens": question.input_tokens + output,
    }
    if question.cached_tokens:
        where = "cacheReadInputTokens" if cached else "cacheWriteInputTokens"
        kept = min(question.cached_tokens, question.input_tokens)
        usage["inputTokens"] -= kept
        usage[where] = kept
    return usage
