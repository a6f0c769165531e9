"""Responses that answer nothing: empty ones, refusals, openers, placeholders and error texts."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

# What is longer says more than that it does not answer.
_MAX_WORDS = {"refusal": 120, "no_answer": 40}
_MAX_FILLER_WORDS = 12
_HEAD_CHARS = 400


class Boilerplate(StrEnum):
    """Why there is nothing to judge."""

    EMPTY = "empty"
    NO_WORDS = "no_words"
    OPENER = "opener"
    PLACEHOLDER = "placeholder"
    ERROR_TEXT = "error_text"
    REFUSAL = "refusal"
    NO_ANSWER = "no_answer"


def boilerplate(text: str) -> Boilerplate | None:
    """The kind of a response that answers nothing, or None where it says something.

    Decided by its beginning and its length alone, so that nothing in a response can talk its way
    out. Openers are the "master keys" that fool judges (arXiv:2507.08794). `no_answer` says that it
    does not know, which may well be right: what it means is its reader's to say. In English, and
    the commonest phrases of German, French, Spanish, Italian, Portuguese, Dutch and Chinese.
    """
    head = _plain(text[: 2 * _HEAD_CHARS])[:_HEAD_CHARS]
    # Nearly every text begins with a letter, and there is no need to ask each character.
    if not text[:1].isalnum() and not any(map(_says, text)):
        blank = all(mark.isspace() or not mark.isprintable() for mark in text)
        return Boilerplate.EMPTY if blank else Boilerplate.NO_WORDS
    words = len(text.split(maxsplit=_MAX_WORDS["refusal"]))
    if words <= _MAX_FILLER_WORDS:
        bare = head.strip(_EDGES)
        for kind, pattern in _WHOLE.items():
            if pattern.fullmatch(bare):
                return kind
    for kind, pattern in _BEGINS.items():
        if words <= _MAX_WORDS[kind] and pattern.match(head):
            return kind
    return None


def _says(mark: str) -> bool:
    """Letters, digits, and signs beyond ASCII: an emoji or an infinity may be an answer."""
    return mark.isalnum() or (mark > "\x7f" and unicodedata.category(mark)[0] == "S")


def _plain(text: str) -> str:
    """Lower case, single-spaced, straight apostrophes, without marks of format in front."""
    plain = " ".join(text.lower().replace("\u2019", "'").split())
    return plain.lstrip("\"'*#_> \u201c")


def _either(*phrases: str) -> str:
    return "(?:" + "|".join(phrases) + ")"


# All patterns are held against a few hundred characters at most.
_EDGES = " .,:!?*#_-\u3002\uff1a"
_WHOLE = {
    Boilerplate.OPENER: re.compile(
        _either(
            "(?:my )?thought process",
            "reasoning",
            "(?:the )?solution",
            "(?:the )?(?:final )?answer(?: is)?",
            "explanation",
            "response",
            "here is (?:the|my) (?:answer|solution|response)",
            "let'?s (?:think|solve|work)(?: (?:about|on))?(?: (?:this|it|the|problem|through|out))*"
            "(?: step by step)?",
            "step by step",
            "l\u00f6sung|antwort|r\u00e9ponse|soluci\u00f3n|respuesta|soluzione|risposta",
            "solu\u00e7\u00e3o|resposta|\u89e3\u7b54?|\u7b54\u6848?|\u304b\u3044\u305b\u3064|\u89e3\u8aac",
        )
    ),
    Boilerplate.PLACEHOLDER: re.compile(
        _either(
            "n/?a|tbd|to ?do|xxx+|placeholder|lorem ipsum.*|no (?:response|output)",
            r"\[(?:insert|your|enter|add)(?: [a-z]{1,20}){0,6}\]",
            r"(?:insert|enter|add)(?: [a-z]{1,20}){0,4} here",
            r"<[a-z_ ]{1,30}>|\{\{?[a-z_ ]{1,30}\}?\}",
        )
    ),
    Boilerplate.NO_ANSWER: re.compile(
        # Whole responses only: `no idea is free` and `not sure-footed` say something.
        "(?:(?:sorry|honestly|well|um+|hm+),? )?"
        + _either(
            "i ?d ?k|idfk|(?:i )?dunno|(?:i )?don'?t know|(?:i )?do not know",
            "(?:(?:i )?(?:really )?have |i'?ve )?(?:got )?(?:absolutely )?no (?:idea|clue)",
            "(?:i )?(?:haven'?t|have not) (?:a|the) (?:clue|foggiest|faintest)(?: idea)?",
            "(?:i'?m )?(?:really )?not (?:sure|certain)|unsure",
            "beats me|search me|who knows|god knows|your guess is as good as mine",
            "(?:i )?(?:can'?t|cannot|couldn'?t) (?:say|tell)|hard to (?:say|tell)",
            "keine ahnung|aucune id\u00e9e|ni idea|nessuna idea|sem ideia",
            "geen idee|\u4e0d\u77e5\u9053",
        )
        + "(?:,? (?:sorry|tbh|man|mate|really|to be honest|at all))?"
    ),
    Boilerplate.ERROR_TEXT: re.compile(
        _either(
            "(?:http )?(?:error )?(?:429|50[0-4]) (?:error|internal|bad|service|too).{0,40}",
            "internal server error",
            "(?:an? )?(?:unexpected |unknown |internal )?error (?:has )?occurred.{0,60}",
            "(?:the )?request timed out.{0,40}",
            "rate limit (?:reached|exceeded).{0,40}",
            "too many requests.{0,40}",
            "service unavailable.{0,40}",
        )
    ),
}
_MODEL = "(?:(?:ai|artificial|large|language|virtual|helpful|text-based|machine|learning)[ -]){0,3}"
_MODEL += "(?:ai|model|assistant|chatbot|intelligence)"
_SORRY = (
    _either(
        "(?:i'?m|i am|we are|we're)(?: truly| really| very| so| deeply)? sorry",
        "sorry|unfortunately|apologies|i regret",
        "(?:i|my|we) apolog(?:i[sz]e|ies)",
        "(?:i appreciate|thank you)[^.,]{0,60}",
        f"as an? {_MODEL}[^.,]{{0,60}}",
        f"(?:i'm|i am) (?:just |only )?an? {_MODEL}[^.,]{{0,60}}",
    )
    + "[.,;:!]? ?(?:but |and |however,? |that )?"
)
_CANNOT = _either(
    "can't|cannot|can not|could not|couldn't|won't|will not",
    "am not able to|am unable to|am not comfortable|am not allowed to",
    "must decline|have to decline|(?:do not|don't) feel comfortable",
)
_ACTS = _either(
    "help|assist|fulfil|comply|provide|answer|give|offer|generate|create|write|do|engage|discuss",
    "support|share|respond|continue|perform|access|browse|predict|express|form|make|participate",
    "complete|process|endorse|advise|say|with",
)
_LACKS = _either(
    "(?:do not|don't|did not|didn't|could not|couldn't|cannot|can't|am not able to) "
    + _either(
        "know",
        "have (?:(?:any|enough|sufficient|the|that|specific|this|much) ){0,3}"
        "(?:information|data|knowledge|details|context|answer)",
        "find|determine|tell|verify|locate",
    )
)
_BEGINS = {
    Boilerplate.REFUSAL: re.compile(
        _either(
            f"(?:{_SORRY}){{0,3}}"
            + _either(
                f"(?:i|we) {_CANNOT} ?(?:to )?{_ACTS}",
                "(?:i'm|i am) (?:unable|not able) to",
                "i must (?:respectfully )?decline|i refuse",
                "i (?:do not|don't) have "
                "(?:the (?:ability|capability|capacity)|(?:personal|real-time|access))",
                "it (?:is|would be) (?:not appropriate|inappropriate|unethical|against my)",
                "(?:that|this|it)(?:'s| is) (?:not )?(?:something )?i (?:can't|cannot|won't)",
            ),
            "(?:es tut mir (?:sehr )?leid|entschuldigung|leider|als (?:eine? )?(?:ki|sprachmodell))"
            "[^.]{0,60}kann ich",
            "(?:ich kann|dabei kann ich)[^.]{0,40} nicht (?:helfen|beantworten|weiterhelfen)",
            "(?:je suis )?d\u00e9sol\u00e9e?[^.]{0,30}je ne peux",
            "en tant (?:qu'ia|que mod\u00e8le)[^.]{0,80}je ne",
            "lo siento[^.]{0,30}no puedo|como (?:una? )?(?:ia|modelo)[^.]{0,80}no (?:puedo|tengo)",
            "mi dispiace[^.]{0,30}non posso",
            "(?:desculpe|lamento|sinto muito)[^.]{0,30}n\u00e3o posso",
            "het spijt me[^.]{0,30}(?:kan ik|ik kan)",
            "(?:\u5f88\u62b1\u6b49|\u62b1\u6b49|\u5bf9\u4e0d\u8d77|\u4f5c\u4e3a(?:\u4e00\u4e2a|\u4e00\u540d)?(?:ai|\u4eba\u5de5\u667a\u80fd))"
            "[^\u3002]{0,40}(?:\u65e0\u6cd5|\u4e0d\u80fd)",
        )
    ),
    Boilerplate.NO_ANSWER: re.compile(
        _either(
            f"(?:{_SORRY}){{0,3}}(?:i|we) (?:really |honestly )?{_LACKS}",
            "(?:i'm|i am) (?:not (?:sure|certain|aware|familiar)|unsure|uncertain|unaware)",
            "(?:there is |there's )?(?:not enough|insufficient|no) "
            "(?:information|context|data|answer)",
            "(?:(?:the|this|that) )?(?:question|answer|it|this) "
            "(?:cannot|can't|can not|could not) be (?:determined|answered|inferred)",
            "(?:(?:the|this) )?(?:(?:provided|given) )?"
            "(?:context|passage|documents?|text|article|information|source)(?: provided| given)? "
            "(?:does not|doesn't|do not|don't) "
            "(?:mention|contain|say|provide|specify|state|include|give|answer)",
            "(?:unanswerable|unknown|not (?:known|mentioned|specified|stated|available|provided))"
            "(?:[.!]| in the| by the|$)",
            "(?:das )?wei(?:\u00df|ss) ich (?:leider )?nicht",
            "ich wei(?:\u00df|ss) (?:es |das )?(?:leider )?nicht",
            "je ne sais pas|no (?:lo )?s\u00e9(?:[.,! ]|$)|non lo so|n\u00e3o sei|ik weet het niet",
            "\u6211\u4e0d\u77e5\u9053",
        )
    ),
}
