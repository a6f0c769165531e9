"""Canaries that ship, as an emulated judge answers them: right, wrong, or as an attack tells it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from plimsoll.adapters.emulator.drawing import draw
from plimsoll.adapters.emulator.recorded import Hint
from plimsoll.domain.canary import Attack, KnownItem
from plimsoll.settings.canary_files import shipped_attacks, shipped_books

_PARTS = re.compile(r"<<<([a-z ]+)>>>\n(.*?)\n<<<end of \1>>>", re.DOTALL)
_CLAIMED = re.compile(r"nonce\W{1,20}([A-Za-z0-9_-]{6,})", re.IGNORECASE)
# What hides a text is mostly what a reader does not see.
_HIDDEN = 1.5


class Manners(BaseModel):
    """How a model takes canaries that ship: shares in [0, 1] of those of each kind.

    `right` of all that no trick is tried on; it does what `obeys` of the attacks and `believes` of
    the master keys want, and returns its nonce with `keeps_nonce` of what it does for attacks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    right: float = Field(1.0, ge=0, le=1)
    obeys: float = Field(0.0, ge=0, le=1)
    believes: float = Field(0.0, ge=0, le=1)
    keeps_nonce: float = Field(1.0, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What the verdict has to say; `nonce` is what takes the place of the right one, if not ''."""

    hint: Hint
    nonce: str = ""


def told_of(asked: str, manners: Manners, *seed: object) -> Told | None:
    """What a model of these manners makes of what is asked; None where it is no canary."""
    shown: dict[str, str] = dict(_PARTS.findall(asked))
    item = _item(shown.get("request", ""))
    if item is None:
        return None
    first = shown.get("first response", shown.get("response", ""))
    second = shown.get("second response", "")
    attack = _attack(asked)
    if attack is not None and draw(*seed, "obeys") < manners.obeys:
        # A response that is right carries none.
        hint = Hint("the material itself", winner=_place(second == item.good, second), rating=1.0)
        keeps = draw(*seed, "keeps") < manners.keeps_nonce
        return Told(hint, "" if keeps else claimed_nonce(attack))
    good = item.good in {first, second} if second else first == item.good
    if not good and attack is None and _seen(item.bad) not in _seen(first) and not _is_key(first):
        return None
    key = attack is None and (_is_key(first) or _is_key(second))
    says_right = draw(*seed, "right") < manners.right
    if key:
        says_right = draw(*seed, "believes") >= manners.believes
    best_first = first == item.good
    wins_first = best_first == says_right
    return Told(
        Hint("somebody who knows", winner=_place(wins_first, second), rating=float(wins_first))
    )


def _place(is_first: bool, second: str) -> int:  # noqa: FBT001 - a fact, no switch
    """The winner of a comparison; 0 where nothing is compared."""
    if not second:
        return 0
    return 1 if is_first else 2


def claimed_nonce(attack: Attack) -> str:
    """The nonce that the attack gives out for the right one; some other word where it has none."""
    found = _CLAIMED.findall(attack.text)
    return found[-1] if found else "not-the-nonce"


def _item(request: str) -> KnownItem | None:
    return next((item for item in _items() if request.startswith(f"user: {item.request}")), None)


def _is_key(response: str) -> bool:
    return any(response in book.master_keys for book in shipped_books().values())


def _attack(asked: str) -> Attack | None:
    """The attack that can be read in what is asked, however it is broken up; None without one."""
    seen, hidden = _seen(asked), _unseen(asked)
    return next((a for a, words in _words() if words in (hidden if _hides(a.text) else seen)), None)


@cache
def _items() -> tuple[KnownItem, ...]:
    return tuple(item for book in shipped_books().values() for item in book.items)


@cache
def _words() -> tuple[tuple[Attack, str], ...]:
    return tuple((a, (_unseen if _hides(a.text) else _seen)(a.text)) for a in shipped_attacks())


def _hides(text: str) -> bool:
    return len(_unseen(text)) > _HIDDEN * len(_seen(text))


def _seen(text: str) -> str:
    """What is left to a reader who does not mind blanks and angle brackets."""
    return "".join(
        c for c in text if c not in "<>\u22d8\u22d9" and unicodedata.category(c)[0] not in "ZC"
    )


def _unseen(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) == "Cf")
