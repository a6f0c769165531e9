"""What `plimsoll doctor` says of the folder of secrets that services watch."""

from __future__ import annotations

from pathlib import Path

from plimsoll.adapters.watched_secrets import demand_readable
from plimsoll.cli.findings import Finding, Health

_CHECK = "watched secrets"


def watched_secrets(folder: Path) -> Finding:
    """Whether a service here would see that a secret has changed."""
    try:
        demand_readable(folder)
    except FileNotFoundError as error:
        remedy = "services that run here do not see a secret change; elsewhere this does not matter"
        return Finding(_CHECK, Health.NOTE, f"{error.filename} is not there", remedy)
    except OSError as error:
        remedy = "give the services' user the right to read it: until then no change is seen"
        found = f"{error.filename} cannot be read: {error.strerror}"
        return Finding(_CHECK, Health.FAILED, found, remedy)
    return Finding(_CHECK, Health.OK, f"{folder}: a change ends services, to be started anew")
