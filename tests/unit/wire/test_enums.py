"""The domain's enumerations and the contract's are one list."""

from __future__ import annotations

import pytest

from plimsoll.v1 import common_pb2, feedback_pb2, result_pb2, score_pb2, service_pb2
from plimsoll.wire import enums


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (enums.ABSENCE_REASON, common_pb2.AbsenceReason, "ABSENCE_REASON_"),
        (enums.INTERVAL_KIND, common_pb2.IntervalKind, "INTERVAL_KIND_"),
        (enums.TASK_KIND, result_pb2.TaskKind, "TASK_KIND_"),
        (enums.LOGPROB_ORIGIN, result_pb2.LogprobOrigin, "LOGPROB_ORIGIN_"),
        (enums.SAMPLED_BY, result_pb2.SampledBy, "SAMPLED_BY_"),
        (enums.CONFIDENCE_STATUS, score_pb2.ConfidenceStatus, "CONFIDENCE_STATUS_"),
        (enums.VERDICT, score_pb2.Verdict, "VERDICT_"),
        (enums.FEEDBACK_SOURCE, feedback_pb2.FeedbackSource, "FEEDBACK_SOURCE_"),
        (enums.CERTIFICATE_STATE, service_pb2.CertificateState, "CERTIFICATE_STATE_"),
    ],
)
def test_names_and_numbers_agree(ours: enums.Numbered, theirs: object, prefix: str) -> None:  # type: ignore[type-arg] # of any enumeration
    """Every member has the contract's number, and none is missing on either side."""
    contract = {name.removeprefix(prefix): number for name, number in theirs.items()}  # type: ignore[attr-defined] # generated
    assert {member.name: number for member, number in ours.numbers.items()} == contract


def test_a_number_of_tomorrow_is_unspecified() -> None:
    """What a newer writer added reads as the first member, and an absence stays an absence."""
    assert enums.ABSENCE_REASON[999].value == "unspecified"
    assert enums.ABSENCE_REASON[999].widens
