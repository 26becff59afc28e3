"""Which notices the next build of the marts makes anew: those that a batch brought, listed, removed, read or took out since the last.

Marts with a row a notice, document or fact are incremental by this list (`touched_only` in marts/macros/incremental.sql).
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from gongkai.identity import digest
from gongkai.tables import TABLES, Table
from warehouse.batches import BatchKey
from warehouse.engines.contract import Connection, statement

TOUCHED = Table(
    "touched_notice",
    "待更新条目",
    "Notices whose rows changed since the marts were built.",
    pa.schema([("notice_id", pa.string())]),
    ("notice_id",),
)
MART_BASIS = Table(
    "mart_basis",
    "集市依据",
    "Fingerprint of the models and the registry that the marts were last built whole with; empty where they must be built whole.",
    pa.schema([("fingerprint", pa.string())]),
    ("fingerprint",),
)
# Whatever a batch says of a notice leaves a row in one of these.
_SOURCES = ("list_entry", "notice", "removal", "document", "attachment_reading", "finding")
_TOUCH = """
INSERT INTO silver.touched_notice
SELECT DISTINCT notice_id FROM silver.{table} AS s
WHERE (portal_id, run_id) IN (SELECT unnest($1::text[]), unnest($2::text[])) AND notice_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM silver.touched_notice AS t WHERE t.notice_id = s.notice_id)
"""


def touch(connection: Connection, keys: Sequence[BatchKey]) -> None:
    """Note the notices of some batches as they stand in `silver`: after loading, before taking out. In the caller's transaction."""
    if keys:
        portals, runs = zip(*keys, strict=True)
        for name in _SOURCES:
            connection.execute(statement(_TOUCH, table=TABLES[name].name), list(portals), list(runs))


def registry_fingerprint(connection: Connection) -> str:
    """Changes where a portal's entry does: its name stands in every mart."""
    return digest(*(repr(row) for row in connection.query("SELECT * FROM silver.portal ORDER BY portal_id")))
