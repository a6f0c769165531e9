"""Policy documents as tests read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from infra.documents import Document, Statement
from infra.publish import defaults
from infra.rights import documents
from tests.support.iam_reference import services

TRUST = ("trust-pod-identity", "trust-irsa")


def roles() -> Mapping[str, Document]:
    """What each role may do, without who may take it."""
    return {name: found for name, found in documents(defaults()).items() if name not in TRUST}


def pairs(statement: Statement) -> Iterator[tuple[str, str]]:
    """Every action of a statement with every resource."""
    for action in statement["Action"]:
        for resource in statement.get("Resource", ()):
            yield action, resource


def known(action: str) -> bool:
    """Whether AWS has an action of that name."""
    service, _, name = action.partition(":")
    return name.lower() in services().get(service, {}).get("Actions", {})


def applies(action: str, resource: str) -> bool:
    """Whether an action is one on resources of that form."""
    service, _, name = action.partition(":")
    entry = services()[service]
    kinds = entry["Actions"][name.lower()].get("Resources", ())
    forms = [form for kind in kinds for form in entry["Resources"][kind]["ARNFormats"]]
    return any(_pattern(form).fullmatch(resource) for form in forms)


def _pattern(form: str) -> re.Pattern[str]:
    """A form of ARNs, whose placeholders stand for themselves, for `*` or for nothing."""
    parts = re.split(r"(\$\{\w+\}|\.\*)", form)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part == ".*":
        return ".+"
    if part.startswith("${"):
        return rf"(?:{re.escape(part)}|\*)?"
    return re.escape(part)
