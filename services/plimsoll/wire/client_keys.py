"""Names for results that client libraries answered."""

from __future__ import annotations

from plimsoll.domain.identity import DEFAULT_TENANT, ResultKey, result_id_problem


def key_or(key: ResultKey | None, response_id: str) -> ResultKey:
    """The key that was given, else the provider's ID of its answer; ValueError where neither is."""
    if key is not None:
        return key
    if not response_id:
        raise ValueError("the answer carries no ID: give a key")
    problem = result_id_problem(response_id)
    if problem:
        raise ValueError(f"{problem}: give a key")
    return ResultKey(DEFAULT_TENANT, response_id)
