"""What `plimsoll up` does and says."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

from plimsoll.adapters.signals import stop_on_signals
from plimsoll.adapters.stores import name_of
from plimsoll.cli.crew import Tell
from plimsoll.cli.deployment import Deployment, Layout, deployed
from plimsoll.cli.terminal import aside, out
from plimsoll.settings.access import AccessMode
from plimsoll.settings.model import Settings
from plimsoll.settings.store import StoreSettings


async def run_up(settings: Settings, scorers: int, data: Path) -> int:
    """Runs until SIGTERM or SIGINT, then stops everything in order; gives the exit code."""
    remarks = aside()

    def tell(text: str) -> None:
        remarks.print(text, markup=False)

    settings = _with_store(settings, data)
    with stop_on_signals() as stop:
        stopping = asyncio.create_task(stop.wait())
        serving = asyncio.create_task(_serve(settings, Layout(scorers, data / "logs"), tell))
        await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            tell("stopping: scorers first, then what reads from them")
            serving.cancel()
        stopping.cancel()
        await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()
    return 0


def _with_store(settings: Settings, data: Path) -> Settings:
    """A store in `data` where a cluster is named and no other store is."""
    if not settings.kafka.bootstrap_servers or settings.store != StoreSettings():
        return settings
    data.mkdir(parents=True, exist_ok=True)
    store = settings.store.model_copy(update={"path": data / "scores.db"})
    return settings.model_copy(update={"store": store})


async def _serve(settings: Settings, layout: Layout, tell: Tell) -> None:
    async with deployed(settings, layout, tell) as deployment:
        _greet(deployment)
        await deployment.failed()


def _greet(deployment: Deployment) -> None:
    settings, console = deployment.settings, out()
    lines = [f"look-ups (gRPC)  {settings.query.listen}"]
    if deployment.broker is None:
        lines.append(f"Kafka            {settings.kafka.bootstrap_servers}")
        lines.append(f"store            {name_of(settings.store)}")
    else:
        bootstrap = settings.kafka.bootstrap_servers
        lines.append(f"Kafka            {bootstrap} (in memory: it keeps nothing)")
        lines.append("in another terminal:")
        lines.append(f"  export PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS={bootstrap}")
        lines.append("  export PLIMSOLL_KAFKA__ENABLE_IDEMPOTENCE=false")
        lines.append("  plimsoll publish FILE && plimsoll watch --from-start")
    lines += client_lines(settings)
    lines.append(f"logs             {deployment.layout.logs}")
    lines.append("Ctrl-C stops it")
    for line in lines:
        console.print(line, markup=False)


def client_lines(settings: Settings) -> list[str]:
    """The variables that a client of the query service needs; none where it speaks plain text.

    A file that the settings of this machine name is named; others stand in capitals.
    """
    access, sdk = settings.access, settings.sdk
    wanted: list[tuple[str, object]] = []
    if access.certfile is not None:
        wanted += [("TLS", "true"), ("TLS_CAFILE", sdk.tls_cafile or "CA_OF_THE_SERVICE.pem")]
    if access.client_cafile is not None:
        wanted += [
            ("TLS_CERTFILE", sdk.tls_certfile or "CERTIFICATE_OF_THE_CLIENT.pem"),
            ("TLS_KEYFILE", sdk.tls_keyfile or "ITS_KEY.pem"),
        ]
    if access.mode is AccessMode.OIDC:
        wanted.append(("TOKEN_FILE", sdk.token_file or "FILE_WITH_A_TOKEN"))
    if not wanted:
        return []
    exports = [f"  export PLIMSOLL_SDK__{name}={shlex.quote(str(value))}" for name, value in wanted]
    return ["clients of look-ups need:", *exports]
