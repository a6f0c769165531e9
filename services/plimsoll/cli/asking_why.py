"""What `plimsoll why` does: asks the query service first, then the topics."""

from __future__ import annotations

import sys
from datetime import timedelta

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.rpc.answers import ConfidenceRecord
from plimsoll.adapters.rpc.client import open_client
from plimsoll.adapters.rpc.failures import DeadLetteredError, ErasedError, LookUpError
from plimsoll.cli.rendering import interval_text
from plimsoll.cli.tracing import Search, Tracer
from plimsoll.cli.whereabouts import Place, Whereabouts
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.settings.model import Settings

_TIMEOUT = timedelta(seconds=3)
_TOLD_EVERY = 10_000


async def find_out_why(
    settings: Settings, target: str, key: ResultKey, most_records: int
) -> Whereabouts:
    """Where the result is; a query service that is away is said so, and the topics are read."""
    try:
        async with open_client(settings.sdk, target, timeout=_TIMEOUT) as client:
            return _scored(key, await client.get(key))
    except DeadLetteredError as error:
        return _dead(key, error)
    except ErasedError:
        return _erased(key)
    except LookUpError:
        pass
    except RetryableError as error:
        sys.stderr.write(f"plimsoll: warning: {error}; reading the topics instead\n")
    told = _TOLD_EVERY

    def looked(topic: str, records: int) -> None:
        nonlocal told
        if records >= told:
            told = records + _TOLD_EVERY
            sys.stderr.write(f"plimsoll: {records} records of {topic} read\n")

    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        return await Tracer(settings, admin, reader, Search(most_records, looked)).trace(key)


def _scored(key: ResultKey, found: ConfidenceRecord) -> Whereabouts:
    scored, at = found.scored, found.position
    facts: dict[str, object] = {
        "revision": scored.revision,
        "score_id": scored.score_id,
        "complete": scored.complete,
        "topic": at.topic,
        "partition": at.partition,
        "offset": at.offset,
        "input_conflicts": found.input_conflicts,
    }
    said = f"scored as revision {scored.revision}: confidence {interval_text(scored.confidence)}"
    if scored.complete:
        return Whereabouts(key, Place.SCORED, said, facts, f"`plimsoll get {key}` shows it all")
    lacking = {
        score.metric: f"{score.absence.reason.value}: {score.absence.detail}"
        for score in scored.scores
        if score.absence is not None and score.absence.reason.widens
    }
    held = "; ".join(f"{metric} ({why})" for metric, why in lacking.items())
    return Whereabouts(
        key,
        Place.HELD_BACK,
        f"{said}, incomplete: {held or 'nothing is named'}",
        facts | {"held_back_by": lacking},
        "it was asked to be scored again; a later revision replaces this one",
    )


def _dead(key: ResultKey, error: DeadLetteredError) -> Whereabouts:
    facts: dict[str, object] = dict(error.metadata)
    return Whereabouts(
        key,
        Place.DEAD_LETTER,
        " ".join(str(error).split()).removeprefix(f"{key} is "),
        facts,
        f"`plimsoll dlq list --key {key}` names its position for `dlq show` and `dlq redrive`",
    )


def _erased(key: ResultKey) -> Whereabouts:
    return Whereabouts(
        key,
        Place.ERASED,
        "erased on order: no score of it is kept, and none will be",
        {},
        "`plimsoll erasures list` names the orders",
    )
