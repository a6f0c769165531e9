"""When a promise is made, replaced, taken back, and made anew."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.promising import attempt_level, laxest_certified
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.calibration.proportions import upper_bound
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.learned import Certificate, CertificateState
from tests.unit.calibration.learning.values import START, folded, label, learned, placed

RULES = LearningRules(error_rates=(0.1,), failure=0.1)
DAY = timedelta(days=1)


def right(first: int, count: int, point: float = 0.9) -> list[Feedback]:
    """So many right results from a number on."""
    return [label(number, True, point) for number in range(first, first + count)]


def wrong(first: int, count: int, point: float = 0.9) -> list[Feedback]:
    """So many wrong ones."""
    return [label(number, False, point) for number in range(first, first + count)]


def certificates(labels: list[Feedback], rules: LearningRules = RULES) -> tuple[Certificate, ...]:
    """What is certified after all of them."""
    learning = Learning(rules)
    folded(learning, placed(labels))
    return learned(learning).certificates


def test_levels_of_all_attempts_come_to_the_promise_s_own() -> None:
    """1/2 + 1/6 + 1/12 + ... of what the promise may fail with."""
    levels = [attempt_level(attempt, 0.1) for attempt in range(1, 1_001)]
    assert levels[:3] == pytest.approx([0.05, 0.1 / 6, 0.1 / 12])
    assert math.fsum(levels) == pytest.approx(0.1 * (1 - 1 / 1_001))


def test_fifty_labels_make_a_certificate() -> None:
    """One of 50 wrong has an upper bound of .0914 at half the failure: a promise of .1 stands."""
    assert not certificates([*wrong(0, 1), *right(1, 48)])
    (made,) = certificates([*wrong(0, 1), *right(1, 49)])
    assert (made.labels, made.errors, made.coverage) == (50, 1, 1.0)
    assert made.bound == pytest.approx(upper_bound(1, 50, 0.95))
    assert made.bound == pytest.approx(0.0914, abs=1e-4)
    # The laxest point of the grid that .9 reaches, for nothing below it speaks against it.
    assert made.threshold == 0.5


def test_three_of_sixty_wrong_promise_nothing_at_one_in_ten() -> None:
    """Their bound is .108 at 90 % already, and the first attempt has less to fail with."""
    assert not certificates([*wrong(0, 3), *right(3, 57)])


def test_the_strictest_that_holds_is_the_threshold() -> None:
    """Wrong ones at .7 end the sequence above it."""
    (made,) = certificates([*right(0, 46, 0.93), *wrong(46, 4, 0.7)])
    assert (made.threshold, made.labels, made.coverage) == (0.71, 46, 0.92)


def test_a_promise_is_tried_at_fifty_a_hundred_and_two_hundred_labels() -> None:
    """One in 20 wrong: too many for 50 and 100 labels, few enough for 200, not looked at before."""
    stream = [label(number, number % 20 != 0) for number in range(200)]
    assert not certificates(stream[:199])
    (made,) = certificates(stream)
    assert made.labels == 200
    assert made.bound == pytest.approx(upper_bound(10, 200, 1 - attempt_level(3, 0.1)))


def test_a_laxer_certificate_replaces_the_one_before() -> None:
    """Both have been made; for new results the last one counts."""
    first = [*right(0, 46, 0.93), *wrong(46, 4, 0.7)]
    made = certificates([*first, *right(50, 20, 0.93), *right(70, 130, 0.7)])
    assert [certificate.threshold for certificate in made] == [0.71, 0.5]
    assert len({certificate.certificate_id for certificate in made}) == 2


def test_labels_that_speak_against_it_take_a_promise_back_for_ever() -> None:
    """After 50 right ones, wrong ones: it is revoked, right ones do not bring it back."""
    made = certificates([*right(0, 50), *wrong(50, 12), *right(62, 30)])
    assert [certificate.state(START) for certificate in made] == [CertificateState.REVOKED]
    assert made[0].revoke_reason.endswith("covered results labelled since were wrong")


def test_after_an_alarm_only_later_labels_count() -> None:
    """The next certificate is another one, of 50 labels after the alarm and none before."""
    spoiled = [*right(0, 50), *wrong(50, 12)]
    at = next(
        count for count in range(50, 63) if certificates(spoiled[:count])[0].revoke_time is not None
    )
    start = spoiled[:at]
    assert len(certificates([*start, *right(100, 49)])) == 1
    revoked, anew = certificates([*start, *right(100, 50)])
    assert (anew.labels, anew.errors) == (50, 0)
    assert anew.certificate_id != revoked.certificate_id


def test_when_the_stream_has_changed_what_stands_stays_and_only_later_labels_promise_more() -> None:
    """Wrong ones at .6 become right ones: no laxer promise rests on labels from before."""
    stream = [*right(0, 46, 0.93), *wrong(46, 14, 0.6), *right(60, 140, 0.6)]
    learning = Learning(RULES)
    for count, one in enumerate(placed(stream), 1):
        folded(learning, [one])
        if count > 60 and learned(learning).calibration is None:
            break
    assert count < 100
    assert len(certificates(stream[: count + 49])) == 1
    before, after = certificates(stream[: count + 50])
    assert [one.state(START) for one in (before, after)] == [CertificateState.STANDING] * 2
    assert (after.threshold, after.labels) == (0.5, 50)


def test_results_below_the_threshold_say_nothing_of_the_promise() -> None:
    """Wrong ones at .7 do not speak against what is promised from .71 on."""
    made = [*right(0, 46, 0.93), *wrong(46, 4, 0.7)]
    (certificate,) = certificates([*made, *wrong(50, 30, 0.7)])
    assert certificate.revoke_time is None


def test_a_watched_promise_is_good_for_longer() -> None:
    """Each covered label renews it; those below its threshold do not."""
    learning = Learning(RULES)
    made = placed([*right(0, 46, 0.93), *wrong(46, 4, 0.7), *right(50, 1, 0.7)], DAY / 4)
    folded(learning, made)
    assert learned(learning).certificates[0].valid_until == made[45][1].time + 30 * DAY
    covered = placed([*right(0, 52, 0.93)], DAY / 4)[-1:]
    folded(learning, [(label(99, True, 0.93), covered[0][1])])
    assert learned(learning).certificates[0].valid_until == covered[0][1].time + 30 * DAY


def test_a_promise_that_nobody_watches_lapses_and_is_made_anew() -> None:
    """31 days without a label end it; labels from before count no more, 50 later ones do."""
    learning = Learning(RULES)
    before = placed(right(0, 50))
    folded(learning, before)
    (first,) = learned(learning).certificates
    assert first.state(first.valid_until - timedelta(seconds=1)) is CertificateState.STANDING
    assert first.state(first.valid_until) is CertificateState.LAPSED
    late = [place for _, place in placed(right(0, 7_000), timedelta(minutes=10))][-50:]
    folded(learning, list(zip(right(100, 49), late[:49], strict=True)))
    assert learned(learning).certificates == (first,)
    folded(learning, [(label(149, True), late[49])])
    assert [made.labels for made in learned(learning).certificates] == [50, 50]


def test_a_correction_after_the_fact_is_no_loss_and_no_gain() -> None:
    """What the watch has seen stays seen: only the first label of a result is held against it."""
    labels = [*right(0, 50), *right(50, 30)]
    turned = [
        label(number, False, feedback_id=f"g-{number}", supersedes=f"f-{number}")
        for number in range(50, 80)
    ]
    (made,) = certificates([*labels, *turned])
    assert made.revoke_time is None


def test_a_rate_that_is_no_longer_promised_is_watched_to_its_end() -> None:
    """What was promised under other settings is taken back all the same, and not made anew."""
    learning = Learning(RULES)
    labels = placed([*right(0, 50), *wrong(50, 12), *right(62, 60)])
    folded(learning, labels[:50])
    other = Learning(LearningRules(error_rates=(0.2,)), learning.take_changes())
    folded(other, labels)
    other.caught_up()
    made = [one for one in learned(other).certificates if one.error_rate == 0.1]
    assert [one.revoke_time is None for one in made] == [False]


def test_rules_that_promise_nothing_sensible_are_refused() -> None:
    """Rates lie inside (0, 1), and a promise is good for some time."""
    with pytest.raises(ValueError, match="inside"):
        LearningRules(error_rates=(0.0,))
    with pytest.raises(ValueError, match="no time"):
        LearningRules(good_for=timedelta(0))


def test_what_went_wrong_once_does_not_count_for_ever() -> None:
    """A promise is made anew soon after 300 bad results: not as many good ones have to come."""
    bad = [label(n, n % 2 == 0) for n in range(100, 400)]
    made = certificates([*right(0, 50), *bad, *right(400, 149)])
    assert [one.state(START) for one in made] == [
        CertificateState.REVOKED,
        CertificateState.STANDING,
    ]


def test_where_points_tell_little_many_bear_out_what_the_surest_few_do_not() -> None:
    """Six of the surest 80 are wrong, and 4 of 320 others: the 400 together are within .1.

    Begun among the surest alone the sequence ends at once, as it does before the fourth attempt.
    """
    labels = [0] * 6 + [1] * 74 + [0] * 4 + [1] * 316
    points = [0.99] * 80 + [0.9] * 320
    assert laxest_certified(labels, points, 0.1, attempt_level(3, 0.1), 3) is None
    found = laxest_certified(labels, points, 0.1, attempt_level(4, 0.1), 4)
    assert found is not None
    assert (found.threshold, found.accepted, found.wrong) == (0.5, 400, 10)
    assert found.bound == pytest.approx(upper_bound(10, 400, 1 - attempt_level(4, 0.1) / 2))
