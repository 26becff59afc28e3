"""What the pages are made of: rows of published marts, by name, a few portals at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from warehouse.engines import Connection
from warehouse.package import Release, release_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """What readers see."""

    connection: Connection

    @cached_property
    def release(self) -> Release:
        """The snapshot. Raises WarehouseError where there is none."""
        return release_of(self.connection)

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """Columns of every published mart."""
        return {name: columns for (_, name), columns in self.connection.tables("mart").items()}

    def rows(self, columns: Mapping[str, str] | Sequence[str], rest: str, *values: object) -> list[Row]:
        """Rows by column name.

        Args:
            columns: name → expression, or names alone; of our own text, as `rest`, which begins with FROM.
        """
        named = columns if isinstance(columns, Mapping) else {name: name for name in columns}
        listed = ", ".join(f"{expression} AS {name}" for name, expression in named.items())
        return [dict(zip(named, row, strict=True)) for row in self.connection.query(f"SELECT {listed} {rest}", *values)]


def grouped(rows: Sequence[Row], key: str = "portal_id") -> dict[str, list[Row]]:
    """Rows by the value of one column, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found
