"""Labels of series: what each stands for, and what bounds the number of its values."""

from __future__ import annotations

from collections.abc import Mapping

# Combinations of labels that one series may have; what comes after is counted as OTHER.
MAX_COMBINATIONS = 2_000
OTHER = "other"

LABELS: Mapping[str, str] = {
    "arrival": "What became of an event: a closed list.",
    "bound": "`estimate`, `lower` or `upper`.",
    "by": "`result`, `subject`, `tenant` or `unreadable`.",
    "calibration": "`confidence` or `judges`.",
    "cause": "Why a process ended: a closed list.",
    "certificate": "`grpc_server`, `grpc_client_ca`, `kafka_ca` or `kafka_client`.",
    "code": "Status codes of gRPC.",
    "group": "Consumer groups that the settings name.",
    "judge": "Judges that the settings name.",
    "kind": "Kinds of canaries: a closed list.",
    "method": "Methods of the query service.",
    "metric": "Metrics that are installed, and those of panels in the plan.",
    "outcome": "How it ended: a closed list.",
    "partition": "Partitions of a topic.",
    "policy": "Panels of the scoring plan, and `canaries`, `guardrail` and `resampling`.",
    "rate": "`sensitivity`, `specificity` or `fooled`.",
    "reason": "Why not: a closed list.",
    "rubric": "Rubrics of the scoring plan.",
    "state": "How it stands: a closed list.",
    "tenant": "Tenants; nothing but the limit on combinations bounds them.",
    "topic": "Topics that the settings name.",
    "type": "`input`, `output`, `cache_read` or `cache_write`.",
    "unit": "`requests`, `tokens` or `usd`.",
    "what": "Which of the counts that the series names: a closed list.",
    "why": "Why not: a closed list.",
}
