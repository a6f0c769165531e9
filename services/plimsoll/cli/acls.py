"""Rights on the brokers, as lines of Kafka's own tool and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from plimsoll.settings.kafka_rights import Pattern, Right

_TOOL = 'kafka-acls.sh --bootstrap-server "$BROKERS" --command-config admin.properties'


# For a shell, which reads the lines below as they are.
PREAMBLE = """\
# BROKERS is host:port of the cluster; admin.properties tells Kafka's own tools how an administrator
# logs in there (security.protocol, sasl.*, ssl.*), and may be empty on plain text.
: "${BROKERS:?set it to host:port of the cluster}"
"""


def acl_lines(rights: Mapping[str, tuple[Right, ...]], principal: str) -> Iterator[str]:
    """One `kafka-acls.sh --add` a right; the place of the brokers is left to a variable."""
    for component, allowed in rights.items():
        who = principal.replace("COMPONENT", component)
        for right in allowed:
            operations = " ".join(f"--operation {one}" for one in right.operations)
            pattern = (
                "" if right.pattern is Pattern.LITERAL else " --resource-pattern-type prefixed"
            )
            yield (
                f"{_TOOL} --add "
                f"--allow-principal {shlex.quote(who)} {operations} "
                f"--{right.resource} {shlex.quote(right.name)}{pattern}"
            )


def acls_json(rights: Mapping[str, tuple[Right, ...]]) -> dict[str, object]:
    """By component."""
    return {
        component: [asdict(right) for right in allowed] for component, allowed in rights.items()
    }
