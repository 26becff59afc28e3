"""What changed from each version of a notice to the next: made after every load for the pairs that are new or were read anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
_TOGETHER = 2_000  # pairs, at most
_AT_ONCE = 32_000_000
"""Bytes of text that are read together, at least those of one pair."""

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
) ORDER BY w.portal_id, w.notice_id, w.version_before, w.version
"""  # noqa: S608  our own text
_OLD = f"""{_PAIRS}
SELECT c.notice_id, c.version_before, c.version FROM silver.notice_change AS c
WHERE NOT EXISTS (
    SELECT 1 FROM wanted AS w
    WHERE c.notice_id = w.notice_id AND c.version_before = w.version_before AND c.version = w.version AND c.read_by = w.read_by
)
"""  # noqa: S608  our own text
_FIELDS = ("title", "published_at", "list_date", "doc_number", "index_number", "validity", "source")
_OF_VERSIONS = "(notice_id, version) IN (SELECT unnest($1::text[]), unnest($2::text[]))"
_NOTICES = f"SELECT notice_id, version, {', '.join(_FIELDS)} FROM silver.notice WHERE {_OF_VERSIONS}"  # noqa: S608  our own text
_ATTACHMENTS = f"SELECT notice_id, version, name, payload_digest FROM silver.attachment WHERE {_OF_VERSIONS}"  # noqa: S608  our own text
_SIZES = f"""
SELECT notice_id, version, max(bit_length(body_text)) / 8 FROM silver.document WHERE part = 0 AND {_OF_VERSIONS} GROUP BY notice_id, version
"""  # noqa: S608  our own text
# By portal, too: DuckDB keeps a portal's rows together, and texts that lie elsewhere it need not read.
_BODIES = f"""
SELECT notice_id, version, body_text FROM (
    SELECT *, row_number() OVER (
        PARTITION BY notice_id, version ORDER BY string_to_array(extractor_version, '.')::integer[] DESC, run_id DESC
    ) AS place FROM silver.document WHERE part = 0 AND portal_id BETWEEN $3::text AND $4::text AND {_OF_VERSIONS}
) AS d WHERE place = 1
"""  # noqa: S608  our own text
_Pair = tuple[str, ...]
"""portal_id, notice_id, version_before, version, read_by"""


def load_changes(connection: Connection) -> None:
    """Bring `silver.notice_change` up to date: idempotent; what was compared before and reads the same is not compared again."""
    stale = connection.query(_OLD)
    if stale:
        with connection.transaction():
            connection.delete("silver", NOTICE_CHANGE, stale, NOTICE_CHANGE.key)
    for pairs in _portions(connection, connection.query(_NEW)):
        rows = _rows(connection, pairs)
        with connection.transaction():
            connection.append("silver", NOTICE_CHANGE, NOTICE_CHANGE.arrow(rows))


def _portions(connection: Connection, pairs: Sequence[_Pair]) -> Iterator[Sequence[_Pair]]:
    """Pairs whose texts are read together."""
    if not pairs:
        return
    sizes = {(notice_id, version): int(size or 0) for notice_id, version, size in connection.query(_SIZES, *_versions(pairs))}
    first, together = 0, 0
    for place, (_, notice_id, before, after, _) in enumerate(pairs):
        own = sizes.get((notice_id, before), 0) + sizes.get((notice_id, after), 0)
        if place > first and (together + own > _AT_ONCE or place - first == _TOGETHER):
            yield pairs[first:place]
            first, together = place, 0
        together += own
    yield pairs[first:]


def _versions(pairs: Sequence[_Pair]) -> tuple[list[str], list[str]]:
    """Notices and their versions, beside each other."""
    named = sorted({(notice_id, version) for _, notice_id, before, after, _ in pairs for version in (before, after)})
    return [notice_id for notice_id, _ in named], [version for _, version in named]


def _rows(connection: Connection, pairs: Sequence[_Pair]) -> list[dict[str, object]]:
    faces = _faces(connection, pairs)
    rows = []
    for portal_id, notice_id, before, after, read_by in pairs:
        grain = {"portal_id": portal_id, "notice_id": notice_id, "version_before": before, "version": after, "read_by": read_by}
        rows.append(grain | asdict(change(faces[notice_id, before], faces[notice_id, after])))
    return rows


def _faces(connection: Connection, pairs: Sequence[_Pair]) -> dict[tuple[str, str], Face]:
    versions, portals = _versions(pairs), [portal_id for portal_id, *_ in pairs]
    attachments = defaultdict(set)
    for notice_id, version, name, digest in connection.query(_ATTACHMENTS, *versions):
        attachments[notice_id, version].add((name, digest))
    found = connection.query(_BODIES, *versions, min(portals), max(portals))
    bodies = {(notice_id, version): text for notice_id, version, text in found}
    faces = {}
    for notice_id, version, *values in connection.query(_NOTICES, *versions):
        key = (notice_id, version)
        fields = {name: _text(value) for name, value in zip(_FIELDS, values, strict=True)}
        faces[key] = Face(fields=fields, attachments=frozenset(attachments[key]), body=bodies.get(key))
    return faces


def _text(value: str | date | None) -> str | None:
    return None if value is None else str(value)
