"""Log events: every name that is logged, as data, with its level and fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Level(StrEnum):
    """How loud an event is, as structlog's methods are called."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One constant name; the same facts come with it each time, as fields beside the message."""

    name: str
    level: Level
    help: str
    fields: tuple[str, ...] = ()


# Name, level and fields, and below them what it says.
_TABLE = """\
access.keys.changed info issuer keys
    The issuer of tokens has other keys than before.
access.keys.unreachable warning error issuer
    The issuer's keys cannot be fetched; those that are known go on.
calibrations.record.unreadable warning offset partition reason
    A record of the topic of calibrations cannot be read and is passed over.
canaries.failed error error
    Canaries are not asked any more; scoring goes on.
commit.failed info error partitions
    Offsets were not committed this time; a later commit covers them.
compute.killed warning metric reason
    A metric was ended in its process.
delivery.refused warning reason topic
    The brokers refuse a record for good; a dead letter goes instead.
delivery.retried warning error
    A record could not be sent and is sent again.
drain.timed_out warning unfinished
    Work was left unfinished when partitions went; another worker does it.
evidence.keys.changed info first
    The file of master keys has changed, and is used.
evidence.keys.unreadable warning error
    The file of master keys cannot be read; those that are known go on.
gate.refused error error
    The gate of the SDK cannot be used with these rights or settings.
indexer.commit.failed debug error
    The group was not told how far the store is; nothing is lost.
indexer.erasure.proven info by dead_letters erasure evidence_keys judges_replies scores tenant
    An order to erase was carried out, and its receipt is on the topic.
indexer.erasure.unreadable warning offset partition reason
    A record of the topic of erasures is neither an order nor a receipt.
indexer.erasure.waits warning erasure error
    An order to erase cannot be finished now; it waits.
indexer.erasures.wait warning error
    Orders to erase cannot be read now; brokers, topic or store are waited for.
indexer.offsets.missing warning count partition topic
    Records were gone from a topic before they were projected.
indexer.partitions.claimed info partitions
    Earlier writers of these partitions are fenced.
indexer.poll.waits warning error
    Brokers are waited for.
indexer.record.unreadable warning offset partition reason topic
    A record of a topic of ours is no event of ours.
indexer.report.failed debug error
    Figures of the store could not be read this time.
indexer.store.emptied info store
    The store was emptied, to be rebuilt from the topics.
indexer.store.went_back warning partitions
    The store stands before where it was; partitions are claimed anew.
indexer.waits warning error
    The store or the brokers are waited for; nothing is read meanwhile.
indexer.write.fenced warning error
    Another indexer has claimed these partitions.
judge.failed info code judge kind
    One call of a judge failed; it may be tried again.
judge.given_up warning after_s detail next_wait_s reason
    A judge was waited for too long: results go on without it, and it is tried again after a while.
judge.lease.kept info error
    A question stays reserved until its lease ends.
judge.lease.lost warning lease_s
    A question's lease ended while its judge was asked: another scorer may ask it, too.
judge.lease.not_renewed info error
    A question's lease could not be made longer this time.
judge.misconfigured warning advice judge
    A judge refuses for a reason that only an operator can mend.
judge.waited_for warning code judge kind
    Results wait for a judge.
kafka.certificate.renewed info
    A certificate or a CA for the brokers has changed; new connections use it.
kafka.certificate.unreadable warning error
    A certificate or a CA for the brokers cannot be read; the last one is used on.
kafka.close.failed warning client error
    A client of the brokers did not close well.
kafka.close.timed_out warning client timeout_s
    A client of the brokers did not close in time.
kafka.consumer.rebuilt warning error group
    The consumer left its group and joins anew.
kafka.password.unreadable warning error
    The file with the password for the brokers cannot be read; the first one is used on.
kafka.producer.rebuilt warning role
    The producer was built anew.
kafka.records.reread warning error group
    Records that the client cannot read are read by our own reader.
kafka.topic.failed error error topic
    A topic cannot be followed for a reason that nobody foresaw; it is tried again after a minute.
kafka.topic.unread warning error topic
    A topic that is followed is not there or cannot be read now; it is tried again.
loop.waits warning error
    Brokers are waited for.
observer.calibration.withdrawn warning basis reason task_kind tenant
    Results have drifted away from what was learned: the prior stands in again.
observer.certificate.issued info basis certificate error_rate task_kind tenant threshold
    A promise is made.
observer.certificate.revoked warning basis certificate error_rate reason task_kind tenant
    A promise has stopped to hold, and is taken back.
observer.failed error error
    The observer stops: it can never go on as it is set.
observer.label.unreadable warning offset partition reason
    A record of the topic of labels is no label, and is passed over.
observer.learned.unreadable warning offset partition reason
    A record of what was learned cannot be read: its scope is learned anew, or from an earlier one.
observer.learner.caught_up info scopes
    All that was learned of is known again.
observer.learner.failed error error where
    Nothing is learned; it is tried again each minute. Windows go on.
observer.learner.full warning scopes
    There is no room for more scopes, or for more labels of one result: these teach nothing.
observer.learner.waits warning error
    Brokers or topics are waited for, and nothing is learned meanwhile. Windows go on.
observer.partitions.unread warning partitions
    Partitions that are not read although they are assigned.
observer.ready info partitions
    The observer has its partitions.
observer.record.poison warning offset partition reason
    A record is no scored event and is passed over.
observer.record.too_early debug offset partition wanted
    A record came before those that precede it; these are read again.
observer.records.gone warning offset partition wanted
    Records before this one are gone from the topic.
observer.records.reread warning error
    Records that the client cannot read are read by our own reader.
observer.reread.failed warning error
    Our own reader cannot read there either.
observer.restarting warning error
    The observer starts anew after a failure.
observer.stop.timed_out warning what
    Something did not end in time.
observer.stopped info
    The observer has ended well.
observer.write.retried warning error
    Windows could not be written and are written again.
partition.offsets_missing error count partition topic
    Results were deleted from a topic before they were scored.
partition.paused_for_poison error partition pause_s run topic
    Too much poison in a row: the partition rests.
partition.taken_from_the_dead warning careful_until offset partition starts topic
    The last owner died with work in hand; it is repeated with care.
partition.went_back error expected offset partition topic
    The topic goes on before where we stood; it is read again.
query.call.audited info caller decision request result_ids tenant
    Who asked for what, and whether it was let in (`access.audit`).
query.call.fatal error error
    A call failed for a reason that ends the service.
query.call.refused error error
    The store refuses a value that a call brought: that call ends, and the service goes on.
query.call.retryable warning error
    A call failed for a moment.
query.certificate.renewed info
    A renewed certificate is shown from now on.
query.certificate.unreadable warning error
    A new certificate cannot be read; the last one stays in use.
query.draining info
    No new calls are taken.
query.feed.store_unavailable warning error
    The store cannot be asked what is new.
query.label.refused error error
    The brokers take no labels from this service: a right or a setting; look-ups go on.
query.open_to_everybody warning listen setting
    Everybody may ask for everything on an address that others reach.
query.plain_text warning listen setting
    Look-ups are served without TLS on an address that others reach.
query.started info listen port
    Look-ups are served.
query.stopped info
    The query service has ended well.
record.path_failed error error offset partition topic where
    A defect of ours: scoring raised, and the record is parked.
record.quarantined error offset topic
    A record that killed workers is parked.
result.unknown_fields warning fields topic
    Fields of JSON results that nobody knows; probably misspelt.
scorer.calibrations.unknown warning topic waited_s
    What was learned cannot be read in time: results are scored by the prior until it can be.
scorer.draining info
    No new records are taken.
scorer.evidence.waits warning error
    Results wait for the keys of their evidence; said every ten seconds.
scorer.failed error error
    The scorer stops: it can never go on as it is set.
scorer.joined info group
    The scorer is a member of its group.
scorer.stopped info
    The scorer has ended well.
secrets.changed info ends_in_s
    A secret that was read once has changed: the service ends, to be started anew.
secrets.readable info folder
    A folder of secrets that could not be read can be; what is in it counts from now on.
secrets.unreadable warning error folder
    A folder of secrets cannot be read: no change in it ends the service, as long as that lasts.
store.partition.dropped info partition
    A partition of the store was past its retention.
store.partition.made info partition
    A partition of the store was made for times to come.
store.there info store
    A store that was waited for is there: of scores, keys or judges.
store.waits warning error store
    A store is away at a service's start, and is waited for; said once for each reason.
subscription.commit.missed info partitions
    The SDK's subscription did not commit this time.
subscription.event.unreadable warning at reason
    A record of the scores topic is no scored event.
subscription.interrupted warning error
    The SDK's subscription lost the brokers and goes on.
subscription.partition.went_back warning at expected
    The scores topic goes on before where the subscription stood.
"""


@cache
def log_events() -> tuple[LogEvent, ...]:
    """The catalogue, in the order of names."""
    lines = _TABLE.splitlines()
    return tuple(
        LogEvent(name, Level(level), says.strip(), tuple(fields))
        for (name, level, *fields), says in zip(
            map(str.split, lines[::2]), lines[1::2], strict=True
        )
    )
