"""Reads what labels have taught from a file that `plimsoll promises --json` has written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from plimsoll.cli.lines import opened
from plimsoll.domain.claims import ClaimGuarantee, ClaimPromise
from plimsoll.domain.errors import ConfigurationError, PoisonError
from plimsoll.domain.learned import (
    Certificate,
    LearnedCalibration,
    LearnedScope,
    ScopeKey,
    WatchedClaims,
)
from plimsoll.domain.learning import LearningState, PromiseWatch
from plimsoll.domain.result import TaskKind
from plimsoll.wire.learned import decode_learned, encode_learned

_WRITE = "write it by `plimsoll promises --json`"


def read_scopes(path: Path) -> list[LearnedScope]:
    """Every scope; ConfigurationError says what is wrong with the file, and in which of them."""
    with opened(path) as stream:
        try:
            found = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ConfigurationError(f"{path} is no JSON ({error}): {_WRITE}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ConfigurationError(f"{path} is no list of scopes: {_WRITE}")
    return [_read(path, number, one) for number, one in enumerate(found, 1)]


def _read(path: Path, number: int, given: Mapping[str, Any]) -> LearnedScope:
    try:
        # There and back: what no record of the topic may hold, no file may.
        return decode_learned(encode_learned(_scope(given), "").value or b"")
    except KeyError as error:
        what = f"there is no {error.args[0]}"
    except (AttributeError, TypeError, ValueError, PoisonError) as error:
        what = " ".join(str(error).split())[:200]
    raise ConfigurationError(f"{path}: scope {number}: {what}; {_WRITE}")


def _scope(given: Mapping[str, Any]) -> LearnedScope:
    fitted = given.get("calibration")
    return LearnedScope(
        key=ScopeKey(str(given["tenant"]), TaskKind(given["task_kind"]), str(given["basis"])),
        labels=given["labels"],
        right=given["right"],
        calibration=None if fitted is None else _calibration(fitted),
        certificates=tuple(_certificate(one) for one in given["certificates"]),
        state=LearningState(),
        update_time=datetime.fromisoformat(given["update_time"]),
        claims=_claims(given["claims"]) if "claims" in given else None,
    )


def _claims(given: Mapping[str, Any]) -> WatchedClaims:
    ended = given.get("revoke_time")
    return WatchedClaims(
        certificate_id=given["certificate"],
        filter_id=given["filter_id"],
        language=given["language"],
        promise=ClaimPromise(
            ClaimGuarantee(given["guarantee"]),
            given["error_rate"],
            given["taught_by"],
            given["threshold"],
        ),
        failure=given["failure"],
        watch=PromiseWatch(seen=given["audited"], wrong=given["with_false_claims"]),
        lost=given["lost"],
        revoke_time=None if ended is None else datetime.fromisoformat(ended),
        revoke_reason=given.get("why", ""),
    )


def _calibration(given: Mapping[str, Any]) -> LearnedCalibration:
    told = {field.name: given[field.name] for field in fields(LearnedCalibration)}
    return LearnedCalibration(**{**told, "fit_time": datetime.fromisoformat(told["fit_time"])})


def _certificate(given: Mapping[str, Any]) -> Certificate:
    ended = given.get("revoke_time")
    numbers = ("error_rate", "failure", "threshold", "labels", "errors", "bound", "coverage")
    return Certificate(
        certificate_id=given["certificate"],
        **{name: given[name] for name in numbers},
        issue_time=datetime.fromisoformat(given["issue_time"]),
        valid_until=datetime.fromisoformat(given["valid_until"]),
        revoke_time=None if ended is None else datetime.fromisoformat(ended),
        revoke_reason=given.get("why", ""),
    )
