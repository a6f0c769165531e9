"""Who asks the query service, and for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """One who has shown who they are; `tenants` None stands for every tenant.

    `name` is what the credential says: a token's subject, or a certificate's name.
    """

    name: str
    tenants: frozenset[str] | None = frozenset()
    may_label: bool = False

    def may_see(self, tenant: str) -> bool:
        """Whether results of `tenant` are theirs to see."""
        return self.tenants is None or tenant in self.tenants


# Where nobody is asked who they are, everybody may do everything.
ANYBODY = Caller("", tenants=None, may_label=True)
EVERY_TENANT = "*"


def granted(name: str, tenants: frozenset[str], *, may_label: bool) -> Caller:
    """A caller with the tenants that were written for them; `*` among these is every tenant."""
    return Caller(name, None if EVERY_TENANT in tenants else tenants, may_label)
