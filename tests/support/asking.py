"""Clients of the query service that wait for as long as a machine may stand still."""

from __future__ import annotations

from datetime import timedelta

from plimsoll.adapters.rpc.client import ConfidenceClient

# Of one call with its retries, or of a watch whose service is away.
PATIENCE = timedelta(seconds=300)


def patient_client(target: str) -> ConfidenceClient:
    """A client of the service at that address."""
    return ConfidenceClient(target, timeout=PATIENCE)
