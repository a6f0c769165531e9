"""What `plimsoll up` tells those who want to look something up."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.cli.running_up import client_lines
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.sdk import SdkSettings

MUTUAL = AccessSettings(
    mode=AccessMode.MTLS,
    certfile=Path("s.pem"),
    keyfile=Path("s.key"),
    client_cafile=Path("ca.pem"),
    clients={"me": ["default"]},
)


def test_plain_text_needs_nothing() -> None:
    """A service without certificates asks nothing of its clients."""
    assert client_lines(Settings()) == []


@pytest.mark.parametrize(
    ("sdk", "cafile", "certfile"),
    [
        (SdkSettings(), "CA_OF_THE_SERVICE.pem", "CERTIFICATE_OF_THE_CLIENT.pem"),
        (
            SdkSettings(
                tls_cafile=Path("my ca.pem"), tls_certfile=Path("me.pem"), tls_keyfile=Path("k.pem")
            ),
            "'my ca.pem'",
            "me.pem",
        ),
    ],
    ids=["unknown", "known"],
)
def test_mutual_tls_names_every_variable(sdk: SdkSettings, cafile: str, certfile: str) -> None:
    """The lines are for a shell: what the settings know is in them, the rest is in capitals."""
    lines = client_lines(Settings().model_copy(update={"access": MUTUAL, "sdk": sdk}))
    assert lines[1:4] == [
        "  export PLIMSOLL_SDK__TLS=true",
        f"  export PLIMSOLL_SDK__TLS_CAFILE={cafile}",
        f"  export PLIMSOLL_SDK__TLS_CERTFILE={certfile}",
    ]
    assert lines[4].startswith("  export PLIMSOLL_SDK__TLS_KEYFILE=")
