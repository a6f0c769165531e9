"""Bodies in files: below the folder, the very bytes, and nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.adapters.bodies.bodies import ReferencedBodies
from plimsoll.adapters.clock import SystemClock
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import ContentRef
from plimsoll.settings.bodies import BodySettings
from tests.support.referred import ref

BODY = "The tide is at its highest at noon. ☃".encode()


@pytest.fixture
async def bodies(tmp_path: Path) -> AsyncIterator[ReferencedBodies]:
    """A folder for each tenant, a file in one of them, and a secret beside them."""
    (tmp_path / "bodies" / "acme" / "deep").mkdir(parents=True)
    (tmp_path / "bodies" / "other").mkdir()
    (tmp_path / "bodies" / "acme" / "deep" / "a b.txt").write_bytes(BODY)
    (tmp_path / "bodies" / "other" / "theirs.txt").write_bytes(BODY)
    (tmp_path / "secret.txt").write_bytes(BODY)
    prefix = f"file://{tmp_path}/bodies/{{tenant}}/"
    bodies = ReferencedBodies(
        BodySettings(prefixes=[prefix], max_bytes=1_000, timeout_s=60), SystemClock()
    )
    yield bodies
    await bodies.close()


def reason(found: str | Absence) -> AbsenceReason:
    """Why there is no text."""
    assert isinstance(found, Absence), "a text was read"
    return found.reason


async def test_a_file_is_read_as_it_is(bodies: ReferencedBodies, tmp_path: Path) -> None:
    """A path with a blank, percent-encoded, gives the text."""
    uri = f"file://{tmp_path}/bodies/acme/deep/a%20b.txt"
    assert await bodies.fetch("acme", ref(uri, BODY)) == BODY.decode()


@pytest.mark.parametrize(
    "path",
    [
        "bodies/acme/../../secret.txt",
        "bodies/acme/%2e%2e/%2e%2e/secret.txt",
        "bodies/acme/deep/../../other/theirs.txt",
        "bodies/acme//deep/a%20b.txt",
        "bodies/acme/./deep/a%20b.txt",
        "bodies/acme/deep/a%20b.txt%00",
        "bodies/acme/link.txt",
        "bodies/acme/folder/a%20b.txt",
        "bodies/acme/up/secret.txt",
        "bodies/acme/pipe",
        "bodies/acme/deep",
        "bodies/other/theirs.txt",
        "secret.txt",
        "bodies/acme",
        "bodies/acme/",
    ],
)
async def test_no_path_leads_out(bodies: ReferencedBodies, tmp_path: Path, path: str) -> None:
    """Dots, links to files and folders, pipes and other tenants' folders: none is read."""
    home = tmp_path / "bodies" / "acme"
    (home / "link.txt").symlink_to(tmp_path / "secret.txt")
    (home / "folder").symlink_to(home / "deep")
    (home / "up").symlink_to(tmp_path)
    os.mkfifo(home / "pipe")
    found = await bodies.fetch("acme", ref(f"file://{tmp_path}/{path}", BODY))
    assert reason(found) in {AbsenceReason.INPUT_INVALID, AbsenceReason.NOT_CONFIGURED}


@pytest.mark.parametrize(
    "uri", ["https://host/a", "file://host/a", "file:a", "FILE:///etc/passwd", "", "s3://b/k", "é"]
)
async def test_other_places_are_not_read(bodies: ReferencedBodies, uri: str) -> None:
    """What is below no prefix that is listed is an absence, whatever it is."""
    assert reason(await bodies.fetch("acme", ref(uri, BODY))) is AbsenceReason.NOT_CONFIGURED


async def test_only_the_very_bytes_count(bodies: ReferencedBodies, tmp_path: Path) -> None:
    """Another digest or size, a digest that is none, too many bytes, and no UTF-8 are absences."""
    uri = f"file://{tmp_path}/bodies/acme/deep/a%20b.txt"
    true = ref(uri, BODY)
    wrong = {
        replace(true, sha256=hashlib.sha256(b"x").hexdigest()): AbsenceReason.INPUT_INVALID,
        replace(true, size_bytes=len(BODY) - 1): AbsenceReason.INPUT_INVALID,
        replace(true, size_bytes=len(BODY) + 1): AbsenceReason.INPUT_INVALID,
        replace(true, sha256=true.sha256.upper()): AbsenceReason.INPUT_INVALID,
        replace(true, sha256="../x"): AbsenceReason.INPUT_INVALID,
        replace(true, size_bytes=1_001): AbsenceReason.INPUT_TOO_LARGE,
        replace(true, uri=f"file://{tmp_path}/bodies/acme/none"): AbsenceReason.INPUT_MISSING,
    }
    for given, expected in wrong.items():
        assert reason(await bodies.fetch("acme", given)) is expected, given
    (tmp_path / "bodies" / "acme" / "image").write_bytes(b"\xff\xfe")
    image = ref(f"file://{tmp_path}/bodies/acme/image", b"\xff\xfe")
    assert reason(await bodies.fetch("acme", image)) is AbsenceReason.INPUT_INVALID


async def test_no_detail_quotes_the_reference(bodies: ReferencedBodies) -> None:
    """An absence says what was missing, and not what the producer wrote."""
    found = await bodies.fetch("acme", ContentRef("https://s3cr3t/", "s3cr3t", 1))
    assert "s3cr3t" not in repr(found)


@pytest.mark.parametrize("prefix", ["/folder/", "file:///folder", "s3://bucket", "http://a/"])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    """Without its slash a prefix would let in its neighbours."""
    with pytest.raises(ConfigurationError, match=r"bodies\.prefixes"):
        ReferencedBodies(BodySettings(prefixes=[prefix]), SystemClock())
