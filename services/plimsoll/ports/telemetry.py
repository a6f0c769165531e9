"""Telemetry: every operational counter by name, as data, and where they are told to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """How an instrument adds up."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """One time series per combination of labels; names follow Prometheus, units are in them."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

# What probes ask: docs/operations.md, "Probes".
READY = Instrument(
    "plimsoll_ready",
    Kind.GAUGE,
    "1 from when a service serves or has joined its group until it drains.",
)
LOOP_TURNS = Instrument(
    "plimsoll_loop_turns",
    Kind.COUNTER,
    "Turns of a consuming service's loop; waits for brokers and stores, and slices of work, count.",
)

# The funnel: published upstream = visible + dead + waiting. What the scorer has consumed is
# published, dead or in flight; what it has not is lag.
RECORDS_CONSUMED = Instrument(
    "plimsoll_records_consumed", Kind.COUNTER, "Records taken from a topic.", ("topic",)
)
RESULTS_PUBLISHED = Instrument(
    "plimsoll_results_published",
    Kind.COUNTER,
    "Scored events that the brokers acknowledged.",
    ("topic",),
)
DEAD_LETTERS = Instrument(
    "plimsoll_dead_letters",
    Kind.COUNTER,
    "Dead letters that the brokers acknowledged.",
    ("reason",),
)
RESULTS_SKIPPED = Instrument(
    "plimsoll_results_skipped", Kind.COUNTER, "Results with nothing to do.", ("why",)
)
UNKNOWN_FIELDS = Instrument(
    "plimsoll_unknown_fields",
    Kind.COUNTER,
    "JSON fields of results that nobody knows; they are passed over.",
    ("topic",),
)
IN_FLIGHT = Instrument(
    "plimsoll_records_in_flight", Kind.GAUGE, "Records taken whose offset is not done."
)
CONSUMER_LAG_SECONDS = Instrument(
    "plimsoll_consumer_lag_seconds",
    Kind.GAUGE,
    "Age of the oldest record of a partition that its group has not done; 0 where all are done, "
    "and no series while it is not known.",
    ("group", "topic", "partition"),
)
PARTITIONS = Instrument("plimsoll_partitions", Kind.GAUGE, "Partitions assigned to this worker.")
COMMITS = Instrument("plimsoll_commits", Kind.COUNTER, "Commits of offsets.", ("outcome",))
SEND_RETRIES = Instrument(
    "plimsoll_send_retries", Kind.COUNTER, "Sends that failed and were tried again."
)
POISON_PAUSES = Instrument(
    "plimsoll_poison_pauses",
    Kind.COUNTER,
    "Partitions paused after too much poison in a row.",
    ("topic", "partition"),
)
CAREFUL_RECORDS = Instrument(
    "plimsoll_careful_records",
    Kind.COUNTER,
    "Records taken one at a time because a worker died near them.",
)
ABSENCES = Instrument(
    "plimsoll_absences", Kind.COUNTER, "Absences on scores.", ("metric", "reason")
)
HELD_OUT = Instrument(
    "plimsoll_held_out", Kind.COUNTER, "Results published incomplete after max_hold.", ("why",)
)
SCORING_SECONDS = Instrument(
    "plimsoll_scoring_seconds",
    Kind.HISTOGRAM,
    "From the start of a result's scoring to its encoded event.",
    (),
    _SECONDS,
)
RECORD_SECONDS = Instrument(
    "plimsoll_record_seconds",
    Kind.HISTOGRAM,
    "From taking a record to its offset being done.",
    (),
    _SECONDS,
)
COMPUTE_KILLS = Instrument(
    "plimsoll_compute_kills",
    Kind.COUNTER,
    "Compute processes that were killed or died, by cause.",
    ("cause",),
)

# What the store holds, so that the funnel can be closed: `visible` + `dead` beside what was sent.
STORE_ROWS = Instrument(
    "plimsoll_store_rows",
    Kind.GAUGE,
    "Counts of the store: visible, dead, events, duplicates, conflicts.",
    ("what",),
)
EVENTS_PROJECTED = Instrument(
    "plimsoll_events_projected", Kind.COUNTER, "Events that were new to the store."
)
RECORDS_UNREADABLE = Instrument(
    "plimsoll_records_unreadable",
    Kind.COUNTER,
    "Records of a topic of ours that the indexer cannot read and passes over.",
    ("topic", "reason"),
)
OFFSETS_MISSING = Instrument(
    "plimsoll_offsets_missing",
    Kind.COUNTER,
    "Offsets that were gone from a topic before a scorer or the indexer came to them.",
    ("topic",),
)
INDEXER_LAG = Instrument(
    "plimsoll_indexer_lag",
    Kind.GAUGE,
    "Records of a partition that are not in the store yet.",
    ("topic", "partition"),
)
STORE_WAITS = Instrument(
    "plimsoll_store_waits",
    Kind.COUNTER,
    "Times that the indexer waited for its store, or the query service at its start.",
)
ERASURES = Instrument(
    "plimsoll_erasures",
    Kind.COUNTER,
    "Orders to erase that were carried out, by result, subject or tenant; and unreadable ones.",
    ("by",),
)
ERASURES_WAITING = Instrument(
    "plimsoll_erasures_waiting", Kind.GAUGE, "Orders to erase without a receipt."
)
PROJECTION_SECONDS = Instrument(
    "plimsoll_projection_seconds",
    Kind.HISTOGRAM,
    "Writing one batch to the store, its fsync included.",
    (),
    _SECONDS,
)

RESULTS_OBSERVED = Instrument(
    "plimsoll_results_observed",
    Kind.COUNTER,
    "Scored events that the observer read, by what became of them: counted, duplicate, late, "
    "rescored, replayed, poison.",
    ("arrival",),
)
WINDOWS_PUBLISHED = Instrument(
    "plimsoll_windows_published",
    Kind.COUNTER,
    "Versions of quality windows that the brokers acknowledged.",
)
LEARNER = Instrument(
    "plimsoll_learner",
    Kind.GAUGE,
    "1 while this observer learns from labels, 0 while it should and cannot; no series elsewhere.",
)
LABELS_READ = Instrument(
    "plimsoll_labels_read",
    Kind.COUNTER,
    "Labels that came, by what became of them: taught, corrected, retracted, doubled, not_audit, "
    "not_seen, source, too_many, incomplete, taken_back, unreadable.",
    ("outcome",),
)
CERTIFICATES = Instrument(
    "plimsoll_certificates",
    Kind.GAUGE,
    "Certificates of promises that are remembered, by how they stand: standing, revoked, lapsed.",
    ("state",),
)
CERTIFICATES_REVOKED = Instrument(
    "plimsoll_certificates_revoked",
    Kind.COUNTER,
    "Promises that were taken back because they had stopped to hold.",
    ("tenant",),
)
CALIBRATIONS_WITHDRAWN = Instrument(
    "plimsoll_calibrations_withdrawn",
    Kind.COUNTER,
    "Learned calibrations that were withdrawn because results had drifted away from them.",
    ("tenant",),
)
QUERY_CALLS = Instrument(
    "plimsoll_query_calls", Kind.COUNTER, "Calls of the query service.", ("method", "code")
)
CERTIFICATE_EXPIRY = Instrument(
    "plimsoll_certificate_expiry_timestamp_seconds",
    Kind.GAUGE,
    "Unix time at which a certificate in use ends; of several, the first that has not ended yet.",
    ("certificate",),
)
CALIBRATION_MADE = Instrument(
    "plimsoll_calibration_made_timestamp_seconds",
    Kind.GAUGE,
    "Unix time of the day (UTC) on which the confidence's calibration was fitted, or the judges' "
    "reliability learnt; no series where that does not say.",
    ("calibration",),
)
CALIBRATIONS_READ = Instrument(
    "plimsoll_calibrations_read",
    Kind.GAUGE,
    "1 while a scorer or a query service follows what was learned from labels, 0 while it cannot.",
)

EVIDENCE_SEALED = Instrument(
    "plimsoll_evidence_sealed",
    Kind.COUNTER,
    "Scored events whose evidence was sealed, or left out because the result was erased.",
    ("outcome",),
)
EVIDENCE_KEY_WAITS = Instrument(
    "plimsoll_evidence_key_waits",
    Kind.COUNTER,
    "Times that a result, or a service at its start, waited for the keys of evidence.",
)
EVIDENCE_OPENED = Instrument(
    "plimsoll_evidence_opened",
    Kind.COUNTER,
    "Sealed evidence that look-ups asked for, by what became of it.",
    ("outcome",),
)


class Telemetry(Protocol):
    """Takes figures; never waits and never raises."""

    def count(self, what: Instrument, labels: tuple[str, ...] = (), amount: float = 1) -> None:
        """Adds to a counter."""

    def set(
        self,
        what: Instrument,
        value: float,
        labels: tuple[str, ...] = (),
        *,
        good_for_s: float | None = None,
    ) -> None:
        """Sets a gauge; where it is not set again within `good_for_s`, it is taken away."""

    def forget(self, what: Instrument, labels: tuple[str, ...] = ()) -> None:
        """Takes a gauge away where its value is not known any more; one that is not there, too."""

    def observe(self, what: Instrument, value: float, labels: tuple[str, ...] = ()) -> None:
        """Adds an observation to a histogram."""
