"""Keys of evidence in plain containers: what the stores of keys are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.domain.scopes import Erased, Scope, tenant_digest
from plimsoll.domain.sealing import KeyName, WrappedKey


@dataclass
class KeyMemory:
    """What several stores share, as a file would be."""

    keys: dict[KeyName, WrappedKey] = field(default_factory=dict)
    tombstones: set[bytes] = field(default_factory=set)
    erasures: dict[str, int] = field(default_factory=dict)


class MemoryKeyStore:
    """As simple as it can be."""

    def __init__(self, memory: KeyMemory) -> None:
        self._memory = memory

    async def start(self) -> None:
        """Nothing to open."""

    async def keep(self, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
        """Keeps the first."""
        return None if self._is_buried(name) else self._memory.keys.setdefault(name, fresh)

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Looks each up."""
        keys = self._memory.keys
        return {one: keys.get(one) for one in names if one in keys or self._is_buried(one)}

    async def erase(self, erasure_id: str, scope: Scope) -> int:
        """Looks through all."""
        memory = self._memory
        if erasure_id not in memory.erasures:
            own = {name for name in memory.keys if name.tenant == scope.tenant}
            if scope.by is Erased.SUBJECT:
                results = {name.result for name in own if name.subject == scope.digest}
                memory.tombstones |= results
                own = {name for name in own if name.result in results}
            elif scope.by is Erased.RESULT:
                own = {name for name in own if name.result == scope.digest}
            memory.tombstones.add(scope.digest)
            for name in own:
                del memory.keys[name]
            memory.erasures[erasure_id] = len(own)
        return memory.erasures[erasure_id]

    async def wrapped_otherwise(
        self, master: str, after: KeyName | None, limit: int
    ) -> Sequence[tuple[KeyName, WrappedKey]]:
        """Sorts all of them."""
        found = sorted(self._memory.keys.items(), key=lambda item: _order(item[0]))
        return [
            (name, key)
            for name, key in found
            if key.master != master and (after is None or _order(name) > _order(after))
        ][:limit]

    async def rewrap(self, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
        """Where the old one is there."""
        if self._memory.keys.get(name) != old:
            return False
        self._memory.keys[name] = new
        return True

    async def close(self) -> None:
        """Nothing to close."""

    def _is_buried(self, name: KeyName) -> bool:
        digests = {name.result, name.subject, tenant_digest(name.tenant)}
        return not self._memory.tombstones.isdisjoint(digests)


def _order(name: KeyName) -> tuple[str, bytes, bytes]:
    return name.tenant, name.result, name.subject
