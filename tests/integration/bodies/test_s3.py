"""Bodies from S3, as boto3 asks for them and as S3 answers on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from botocore.loaders import create_loader

from plimsoll.adapters.bodies.bodies import ReferencedBodies
from plimsoll.adapters.clock import SystemClock
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.settings.bodies import BodySettings
from tests.support.referred import ref
from tests.support.s3 import SmallS3

BODY = b"x" * 200_000
URI = "s3://answers/acme/2026/a b+c%20d.txt"
NAME = URI.removeprefix("s3://")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallS3]:
    """An S3 with one object, and credentials for it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = SmallS3({NAME: BODY})
    yield store
    store.close()


@pytest.fixture
async def bodies(s3: SmallS3) -> AsyncIterator[ReferencedBodies]:
    """What reads the tenant's own prefix of it."""
    settings = BodySettings(
        prefixes=["s3://answers/{tenant}/"],
        s3_endpoint_url=s3.url,
        s3_region="eu-central-1",
        timeout_s=60.0,
    )
    bodies = ReferencedBodies(settings, SystemClock())
    yield bodies
    await bodies.close()


def reason(found: str | Absence) -> AbsenceReason:
    """Why there is no text."""
    assert isinstance(found, Absence), "a text was read"
    return found.reason


async def test_an_object_is_read_as_it_is(bodies: ReferencedBodies, s3: SmallS3) -> None:
    """A key with blanks, plus and percent signs is asked for as it stands, in a signed request."""
    assert await bodies.fetch("acme", ref(URI, BODY)) == BODY.decode()
    assert (s3.asked, s3.signed) == ([NAME], [True])


async def test_other_tenants_and_buckets_are_not_asked_for(
    bodies: ReferencedBodies, s3: SmallS3
) -> None:
    """A reference outside the tenant's own prefix is an absence, and nothing is sent."""
    for tenant, uri in [
        ("other", URI),
        ("acme", "s3://secrets/acme/a"),
        ("acme", "s3://answers/acme/"),
        ("acme", "s3://answers/acmeplus/a"),
        ("acme", "S3://answers/acme/a"),
    ]:
        assert reason(await bodies.fetch(tenant, ref(uri, BODY))) is AbsenceReason.NOT_CONFIGURED
    assert s3.asked == []


async def test_what_is_not_there_or_not_ours(bodies: ReferencedBodies, s3: SmallS3) -> None:
    """No such key is missing input, no permission the provider's error; neither is asked twice."""
    gone = ref("s3://answers/acme/none", BODY)
    assert reason(await bodies.fetch("acme", gone)) is AbsenceReason.INPUT_MISSING
    s3.failures = [(403, "AccessDenied")]
    assert reason(await bodies.fetch("acme", ref(URI, BODY))) is AbsenceReason.PROVIDER_ERROR
    assert len(s3.asked) == 2


async def test_a_passing_fault_is_asked_again(bodies: ReferencedBodies, s3: SmallS3) -> None:
    """Throttles and faults of the server cost an attempt, and the body comes all the same."""
    s3.failures = [(503, "SlowDown"), (500, "InternalError")]
    assert await bodies.fetch("acme", ref(URI, BODY)) == BODY.decode()
    assert len(s3.asked) == 3


async def test_an_object_that_grew_is_not_read(bodies: ReferencedBodies, s3: SmallS3) -> None:
    """A larger or another object than the reference says is an absence."""
    s3.objects[NAME] = BODY + b"x"
    assert reason(await bodies.fetch("acme", ref(URI, BODY))) is AbsenceReason.INPUT_INVALID
    s3.objects[NAME] = b"y" * len(BODY)
    assert reason(await bodies.fetch("acme", ref(URI, BODY))) is AbsenceReason.INPUT_INVALID


async def test_a_body_that_trickles_is_given_up(s3: SmallS3) -> None:
    """Bytes that come one by one do not hold a result up beyond its time."""
    settings = BodySettings(
        prefixes=["s3://answers/"], s3_endpoint_url=s3.url, s3_region="eu-central-1", timeout_s=1.5
    )
    bodies = ReferencedBodies(settings, SystemClock())
    s3.failures = [(200, "slow")]
    assert reason(await bodies.fetch("acme", ref(URI, BODY))) is AbsenceReason.TIMED_OUT
    await bodies.close()


def test_the_small_s3_speaks_as_the_model_says() -> None:
    """What it answers with are shapes of botocore's model of S3."""
    model = create_loader().load_service_model("s3", "service-2")
    operation = model["operations"]["GetObject"]
    assert operation["http"] == {"method": "GET", "requestUri": "/{Bucket}/{Key+}"}
    assert {"shape": "NoSuchKey"} in operation["errors"]
    output = model["shapes"][operation["output"]["shape"]]
    assert output["payload"] == "Body"
    assert output["members"]["ContentLength"]["locationName"] == "Content-Length"
