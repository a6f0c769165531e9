"""What labels of claims teach is published, whatever dies in between, and told of once."""

from __future__ import annotations

from structlog.testing import capture_logs

from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.ports.telemetry import CERTIFICATES_REVOKED
from tests.support.fake_log import FakeLog, FakeProducer
from tests.unit.calibration.learning.claims import bad as bad_claims
from tests.unit.calibration.learning.claims import good as good_claims
from tests.unit.pipeline.test_learning import World


def one_partition() -> World:
    """Labels in one order, whoever reads them."""
    world = World()
    world.log = FakeLog.of(world.clock, labels=1, learned=1)
    world.producer = FakeProducer(world.log)
    return world


async def test_a_promise_about_claims_is_taken_back() -> None:
    """Published, counted for its tenant, logged, and told once, whoever learns from then on."""
    world = one_partition()
    world.send([good_claims(number) for number in range(10)])
    learner = await world.learned()
    assert (world.certificates("standing"), world.certificates("revoked")) == (1, 0)
    world.send([bad_claims(number) for number in range(100, 130)])
    with capture_logs() as logs:
        await learner.take(world.log.records("labels")[10:])
        await learner.publish()
    [gone] = [one.claims for one in world.held if one.claims and one.claims.revoke_time]
    told = [one for one in logs if one["event"] == "observer.certificate.revoked"]
    assert [(one["certificate"], one["reason"]) for one in told] == [
        (gone.certificate_id, gone.revoke_reason)
    ]
    assert told[0]["error_rate"] == gone.promise.error_rate
    taken_back = world.counted(LabelOutcome.TAKEN_BACK)
    assert taken_back == 40 - gone.watch.seen
    await world.learned()
    assert world.figures.totals[CERTIFICATES_REVOKED.name, "acme"] == 1
    assert (world.certificates("standing"), world.certificates("revoked")) == (0, 1)


async def test_labels_of_claims_outlive_a_crash() -> None:
    """What two lives publish is what one does, to the last bit."""
    world = one_partition()
    stream = [bad_claims(n) if n % 9 == 0 else good_claims(n) for n in range(40)]
    straight = one_partition()
    straight.send(stream)
    await straight.learned(batch=200)
    world.send(stream[:25])
    await world.learned()
    world.send(stream[25:])
    await world.learned(batch=3)
    claims = [[one for one in each.held if one.claims is not None] for each in (world, straight)]
    assert claims[0][-1] == claims[1][-1]
