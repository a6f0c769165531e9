"""Connections that keep what they ask again and again prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement

    _Plain = asyncpg.Connection[asyncpg.Record]
else:
    _Plain = asyncpg.Connection


class Connection(_Plain):
    """As the driver's, with statements of its own beside the driver's cache of them.

    That cache is asked for its entry, and the entry for its age, with each query: a tenth of what
    a look-up costs.
    """

    __slots__ = ("_kept",)

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the driver's own
        super().__init__(*arguments, **named)
        self._kept: dict[str, PreparedStatement[asyncpg.Record]] = {}

    async def first_row(self, query: str, *values: object) -> asyncpg.Record | None:
        """As `fetchrow`, for the few queries that are worth a place of their own."""
        statement = self._kept.get(query)
        if statement is None:
            statement = self._kept[query] = await self.prepare(query)
        try:
            return await statement.fetchrow(*values)
        except (asyncpg.InvalidCachedStatementError, asyncpg.InvalidSQLStatementNameError):
            # A migration has changed what the query gives, or something between has forgotten it:
            # it is prepared anew the next time.
            del self._kept[query]
            return await self.fetchrow(query, *values)
