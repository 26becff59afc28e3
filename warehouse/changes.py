"""What changed from each version of a notice to the next: made after every load for the pairs that are new or were read anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pyarrow as pa

from gongkai.tables import Table
from transforms.changes import Face, change
from warehouse.engines.contract import Connection

_TEXTS = pa.list_(pa.string())
NOTICE_CHANGE = Table(
    "notice_change",
    "条目变更",
    "What changed between two versions of a notice that followed each other.",
    pa.schema(
        [pa.field(name, pa.string()) for name in ("portal_id", "notice_id", "version_before", "version", "read_by")]
        + [pa.field("changed", _TEXTS)]
        + [pa.field(name, pa.string()) for name in ("title_before", "published_before", "body_diff")]
        + [pa.field(name, pa.int64()) for name in ("lines_added", "lines_removed")]
        + [pa.field(name, _TEXTS) for name in ("attachments_added", "attachments_removed")]
    ),
    ("notice_id", "version_before", "version"),
)
_TOGETHER = 200  # pairs: bounds the texts held in memory

_PAIRS = """
WITH step AS (
    SELECT portal_id, notice_id, version, lag(version) OVER (PARTITION BY notice_id ORDER BY run_id, version) AS version_before
    FROM silver.notice_sighting
), pair AS (
    SELECT DISTINCT portal_id, notice_id, version_before, version FROM step WHERE version <> version_before
), reading AS (
    SELECT notice_id, version,
        string_agg(extractor_version || ' ' || run_id, ',' ORDER BY extractor_version, run_id) AS reader
    FROM silver.document WHERE part = 0 AND notice_id IN (SELECT notice_id FROM pair) GROUP BY notice_id, version
), wanted AS (
    SELECT p.*, coalesce(b.reader, '') || '/' || coalesce(a.reader, '') AS read_by FROM pair AS p
    LEFT JOIN reading AS b ON b.notice_id = p.notice_id AND b.version = p.version_before
    LEFT JOIN reading AS a ON a.notice_id = p.notice_id AND a.version = p.version
)
"""
_NEW = f"""{_PAIRS}
SELECT w.portal_id, w.notice_id, w.version_before, w.version, w.read_by FROM wanted AS w
WHERE NOT EXISTS (
    SELECT 1 FROM silver.notice_change AS c
    WHERE c.notice_id = w.notice_id AND c.version_before = w.version_before AND c.version = w.version AND c.read_by = w.read_by
) ORDER BY w.notice_id, w.version_before, w.version
"""  # noqa: S608  our own text
_OLD = f"""{_PAIRS}
SELECT c.notice_id, c.version_before, c.version FROM silver.notice_change AS c
WHERE NOT EXISTS (
    SELECT 1 FROM wanted AS w
    WHERE c.notice_id = w.notice_id AND c.version_before = w.version_before AND c.version = w.version AND c.read_by = w.read_by
)
"""  # noqa: S608  our own text
_FIELDS = ("title", "published_at", "list_date", "doc_number", "index_number", "validity", "source")
_NOTICES = f"SELECT notice_id, version, {', '.join(_FIELDS)} FROM silver.notice WHERE notice_id IN (SELECT unnest($1::text[]))"  # noqa: S608
_ATTACHMENTS = "SELECT notice_id, version, name, payload_digest FROM silver.attachment WHERE notice_id IN (SELECT unnest($1::text[]))"
_BODIES = """
SELECT notice_id, version, body_text FROM (
    SELECT *, row_number() OVER (
        PARTITION BY notice_id, version ORDER BY string_to_array(extractor_version, '.')::integer[] DESC, run_id DESC
    ) AS place FROM silver.document WHERE part = 0 AND notice_id IN (SELECT unnest($1::text[]))
) AS d WHERE place = 1
"""


def load_changes(connection: Connection) -> None:
    """Bring `silver.notice_change` up to date: idempotent; what was compared before and reads the same is not compared again."""
    stale = connection.query(_OLD)
    if stale:
        with connection.transaction():
            connection.delete("silver", NOTICE_CHANGE, stale, NOTICE_CHANGE.key)
    new = connection.query(_NEW)
    for first in range(0, len(new), _TOGETHER):
        rows = _rows(connection, new[first : first + _TOGETHER])
        with connection.transaction():
            connection.append("silver", NOTICE_CHANGE, NOTICE_CHANGE.arrow(rows))


def _rows(connection: Connection, pairs: Sequence[tuple[str, ...]]) -> list[dict[str, object]]:
    faces = _faces(connection, sorted({notice_id for _, notice_id, *_ in pairs}))
    rows = []
    for portal_id, notice_id, before, after, read_by in pairs:
        grain = {"portal_id": portal_id, "notice_id": notice_id, "version_before": before, "version": after, "read_by": read_by}
        rows.append(grain | asdict(change(faces[notice_id, before], faces[notice_id, after])))
    return rows


def _faces(connection: Connection, notices: list[str]) -> dict[tuple[str, str], Face]:
    attachments = defaultdict(set)
    for notice_id, version, name, digest in connection.query(_ATTACHMENTS, notices):
        attachments[notice_id, version].add((name, digest))
    bodies = {(notice_id, version): text for notice_id, version, text in connection.query(_BODIES, notices)}
    faces = {}
    for notice_id, version, *values in connection.query(_NOTICES, notices):
        key = (notice_id, version)
        fields = {name: _text(value) for name, value in zip(_FIELDS, values, strict=True)}
        faces[key] = Face(fields=fields, attachments=frozenset(attachments[key]), body=bodies.get(key))
    return faces


def _text(value: str | date | None) -> str | None:
    return None if value is None else str(value)
