"""Telemetry of judges: every counter of theirs by name, as data."""

from __future__ import annotations

from plimsoll.ports.telemetry import Instrument, Kind

JUDGE_THREADS_ABANDONED = Instrument(
    "plimsoll_judge_threads_abandoned",
    Kind.COUNTER,
    "Calls of judges that went on in their thread after the deadline.",
    ("judge",),
)
JUDGE_CALLS = Instrument(
    "plimsoll_judge_calls",
    Kind.COUNTER,
    "Calls of judges by how they ended: answered, a kind of fault, or not made for want of budget.",
    ("judge", "outcome"),
)
JUDGE_RECALLS = Instrument(
    "plimsoll_judge_recalls", Kind.COUNTER, "Questions that the memo answered.", ("judge",)
)
JUDGE_TOKENS = Instrument(
    "plimsoll_judge_tokens",
    Kind.COUNTER,
    "Tokens that judges have used, as budgets count them.",
    ("judge", "tenant"),
)
JUDGE_BREAKER_OPEN = Instrument(
    "plimsoll_judge_breaker_open",
    Kind.GAUGE,
    "1 while a judge is not asked because it fails.",
    ("judge",),
)
JUDGE_CONCURRENCY = Instrument(
    "plimsoll_judge_concurrency",
    Kind.GAUGE,
    "How many calls of a judge may be under way at once.",
    ("judge",),
)
JUDGE_STORE_WAITS = Instrument(
    "plimsoll_judge_store_waits",
    Kind.COUNTER,
    "Times that a judge waited for the store of its memo, budgets and quotas; a start counts, too.",
    ("judge",),
)

JUDGE_CANARIES = Instrument(
    "plimsoll_judge_canaries",
    Kind.COUNTER,
    "Canaries by kind and by what the judge said: right, wrong, fooled, no_verdict, or not_asked.",
    ("judge", "rubric", "kind", "outcome"),
)
JUDGE_CANARIES_DROPPED = Instrument(
    "plimsoll_judge_canaries_dropped",
    Kind.COUNTER,
    "Canaries that were due while as many as may wait were waiting.",
    ("judge",),
)
JUDGE_LIVE_RATE = Instrument(
    "plimsoll_judge_live_rate",
    Kind.GAUGE,
    "On the newest canaries: sensitivity, specificity or fooled; estimate, lower and upper end.",
    ("judge", "rubric", "rate", "bound"),
)
JUDGE_DISTRUSTED = Instrument(
    "plimsoll_judge_distrusted",
    Kind.GAUGE,
    "1 while canaries show that a judge's rate is out of what the settings allow.",
    ("judge", "rubric", "rate"),
)

# What calls have used and cost. A call of which a provider says nothing is counted as unknown, and
# as nothing else: budgets take it at what was reserved, these do not.
JUDGE_COST_USD = Instrument(
    "plimsoll_judge_cost_usd",
    Kind.COUNTER,
    "US dollars that calls of judges have cost, as far as price and usage are known.",
    ("judge", "policy"),
)
JUDGE_USAGE_TOKENS = Instrument(
    "plimsoll_judge_usage_tokens",
    Kind.COUNTER,
    "Tokens of judges' calls as providers counted them, by type.",
    ("judge", "policy", "type"),
)
JUDGE_USAGE_UNKNOWN = Instrument(
    "plimsoll_judge_usage_unknown",
    Kind.COUNTER,
    "Calls of which nobody can tell what they used: their tokens, or their price in usd.",
    ("judge", "policy", "unit"),
)

# Quotas and budgets, which all scorers share.
JUDGE_QUOTA_PER_MINUTE = Instrument(
    "plimsoll_judge_quota_per_minute",
    Kind.GAUGE,
    "What the settings say that a judge may be asked in a minute: requests, tokens.",
    ("judge", "unit"),
)
JUDGE_QUOTA_USED = Instrument(
    "plimsoll_judge_quota_used",
    Kind.COUNTER,
    "What calls took of a judge's quota, as its provider counts: requests, tokens.",
    ("judge", "unit"),
)
JUDGE_QUOTA_LEFT = Instrument(
    "plimsoll_judge_quota_left",
    Kind.GAUGE,
    "What was left in the bucket of a judge's quota when a call had taken from it within the last "
    "minute; below 0 the call waits for it.",
    ("judge", "unit"),
)
JUDGE_BUDGET_USED_RATIO = Instrument(
    "plimsoll_judge_budget_used_ratio",
    Kind.GAUGE,
    "Share of today's budget (UTC) that was used or reserved when it was last asked for: tokens, "
    "usd; no series where none is set.",
    ("tenant", "policy", "unit"),
)
