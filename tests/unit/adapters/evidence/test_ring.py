"""Master keys: what a file may hold, what unwraps what, and files that change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from structlog.testing import capture_logs

from plimsoll.adapters.evidence.cipher import SivKey
from plimsoll.adapters.evidence.ring import FileKeyRing, new_line
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.sealing import KeyName, WrappedKey, key_name
from tests.support.sealed import keys_file

NAME = key_name(ResultKey("acme", "r1"), "ann")
BOUND = (b"purpose", b"", b"r1")


def rewrite(path: Path, text: str) -> None:
    """Replaces the file as a mounted secret is: another file under the same name."""
    other = path.with_suffix(".new")
    other.write_text(text, encoding="utf-8")
    other.replace(path)


def test_siv_agrees_with_the_rfc() -> None:
    """RFC 5297, A.1: the deterministic example, by the library under the cipher."""
    key = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    bound = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
    text = bytes.fromhex("112233445566778899aabbccddee")
    sealed = "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"
    assert AESSIV(key).encrypt(text, [bound]).hex() == sealed


def test_a_key_opens_what_it_sealed_and_nothing_else() -> None:
    """Another key, another name, a byte that was changed or cut: None, and no error."""
    key, other = SivKey(bytes(range(64))), SivKey(bytes(64))
    sealed = key.seal(b"text", BOUND)
    assert key.seal(b"text", BOUND) == sealed
    assert key.open(sealed, BOUND) == b"text"
    assert other.open(sealed, BOUND) is None
    assert key.open(sealed, (*BOUND, b"")) is None
    assert key.open(sealed, (b"purpose", b"r1", b"")) is None
    assert key.open(bytes([sealed[0] ^ 1]) + sealed[1:], BOUND) is None
    assert key.open(sealed[:5], BOUND) is None
    assert key.open(b"", BOUND) is None


def test_a_fresh_key_is_wrapped_by_the_first_and_unwrapped_by_any(tmp_path: Path) -> None:
    """After another key was put before it, what the first has wrapped still opens."""
    path = keys_file(tmp_path / "keys", "m1")
    ring = FileKeyRing(path)
    old = ring.fresh(NAME)
    rewrite(path, f"# the newer one\n{new_line('m2')}\n\n{path.read_text(encoding='utf-8')}")
    assert (old.master, ring.first, ring.fresh(NAME).master) == ("m1", "m2", "m2")
    key = ring.unwrap(NAME, old)
    new = ring.rewrap(NAME, old)
    assert key is not None
    assert new is not None
    again = ring.unwrap(NAME, new)
    assert again is not None
    assert new.master == "m2"
    assert again.open(key.seal(b"text", BOUND), BOUND) == b"text"


def test_fresh_keys_differ(tmp_path: Path) -> None:
    """Two for the same name are two: nothing derives one."""
    ring = FileKeyRing(keys_file(tmp_path / "keys", "m1"))
    assert ring.fresh(NAME) != ring.fresh(NAME)


@pytest.mark.parametrize(
    "other",
    [
        key_name(ResultKey("acme", "r2"), "ann"),
        key_name(ResultKey("acme", "r1"), "bob"),
        key_name(ResultKey("other", "r1"), "ann"),
    ],
    ids=["result", "subject", "tenant"],
)
def test_a_wrapped_key_serves_its_own_name_alone(tmp_path: Path, other: KeyName) -> None:
    """Moved to another row it does not unwrap: whoever writes the store lends nobody a key."""
    ring = FileKeyRing(keys_file(tmp_path / "keys", "m1"))
    assert ring.unwrap(other, ring.fresh(NAME)) is None


def test_without_its_master_a_key_is_lost(tmp_path: Path) -> None:
    """Neither a key of an unknown master nor one that says another master unwraps."""
    ring = FileKeyRing(keys_file(tmp_path / "keys", "m1", "m2"))
    fresh = ring.fresh(NAME)
    for lost in (WrappedKey("m3", fresh.wrapped), WrappedKey("m2", fresh.wrapped)):
        assert ring.unwrap(NAME, lost) is None
        assert ring.rewrap(NAME, lost) is None


@pytest.mark.parametrize(
    "text",
    [
        lambda: "",
        lambda: "# nothing\n",
        lambda: "m1 c2hvcnQ=\n",
        lambda: "m1\n",
        lambda: new_line("m1").replace(" ", "\t"),
        lambda: new_line("m1") + "!",
        lambda: f"{new_line('m1')}\n{new_line('m1')}\n",
        lambda: "m/1 " + new_line("m1")[3:],
        lambda: "m\u00e9 " + new_line("m1")[3:],
    ],
    ids=["empty", "comment", "short", "no key", "tab", "not base64", "twice", "id", "not ascii"],
)
def test_a_file_that_is_wrong_is_refused_without_quoting_it(
    tmp_path: Path, text: Callable[[], str]
) -> None:
    """The message names file and line, and no character of any key."""
    path = tmp_path / "keys"
    path.write_text(written := text(), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"evidence\.keys_file") as caught:
        FileKeyRing(path)
    keys = [line.partition(" ")[2] for line in written.splitlines() if len(line) > 60]
    assert not any(key[:8] in str(caught.value) for key in keys if key)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A service does not start without the keys that it was told to seal with."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FileKeyRing(tmp_path / "none")


def test_a_file_that_goes_wrong_leaves_the_last_one_in_use(tmp_path: Path) -> None:
    """Half-written or removed, the keys that were read go on; a good one is taken up again."""
    path = keys_file(tmp_path / "keys", "m1")
    ring, good = FileKeyRing(path), path.read_text(encoding="utf-8")
    old = ring.fresh(NAME)
    rewrite(path, "m2 half")
    assert ring.first == "m1"
    path.unlink()
    assert ring.unwrap(NAME, old) is not None
    rewrite(path, f"{new_line('m2')}\n{good}")
    assert ring.first == "m2"
    assert ring.unwrap(NAME, old) is not None


def test_a_file_that_goes_wrong_is_told_of_once(tmp_path: Path) -> None:
    """One line when it is gone and one when it is half-written, whatever is sealed meanwhile."""
    path = keys_file(tmp_path / "keys", "m1")
    ring = FileKeyRing(path)
    with capture_logs() as lines:
        path.unlink()
        for _ in range(5):
            ring.fresh(NAME)
        path.write_text("m2 half", encoding="utf-8")
        for _ in range(5):
            ring.fresh(NAME)
    assert [line["event"] for line in lines] == ["evidence.keys.unreadable"] * 2


@pytest.mark.parametrize("key_id", ["", "a b", "x" * 65, "m/1", "\u00e9"])
def test_new_keys_have_plain_ids(key_id: str) -> None:
    """What could not be read from a line is not written."""
    with pytest.raises(ConfigurationError, match="letters"):
        new_line(key_id)
