"""The disclosure areas (重点领域) of every version of a notice: made before the marts for what is new, was read anew, or has new rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from gongkai.areas import Areas, load_areas
from gongkai.tables import Table
from transforms.areas import OPENING, areas_of
from warehouse.batches import ITS_BATCH, READING
from warehouse.engines.contract import Connection

NOTICE_AREA = Table(
    "notice_area",
    "条目领域",
    "Areas of a version of a notice, with the words that decided; one row without an area where it has none.",
    pa.schema(
        [(name, pa.string()) for name in ("portal_id", "notice_id", "version", "mark", "unit")]
        + [("seq", pa.int64()), ("area", pa.string()), ("basis", pa.string()), ("words", pa.list_(pa.string()))]
    ),
    ("notice_id", "version", "seq"),
)
"""`mark`: digest of the rules' edition and of what they were given; another one means that the rows are made again."""
_TOGETHER = 2_000  # notices: bounds the texts held in memory

# The body is not part of the mark, its reading is, with the digest of the batch that brought it: bodies are fetched for new rows only.
_CHANGED = f"""
WITH reading AS (
    SELECT d.notice_id, d.version, string_agg({READING}, ',' ORDER BY d.extractor_version, d.run_id) AS reader
    FROM silver.document AS d {ITS_BATCH} WHERE d.part = 0 GROUP BY d.notice_id, d.version
), wanted AS (
    SELECT n.portal_id, n.notice_id, n.version, n.title, n.section, n.source,
        md5($1::text || coalesce(n.title, '') || '|' || coalesce(n.section, '') || '|' || coalesce(n.source, '') || '|'
            || coalesce(r.reader, '')) AS mark
    FROM silver.notice AS n LEFT JOIN reading AS r ON r.notice_id = n.notice_id AND r.version = n.version
)
SELECT a.notice_id, a.version, w.portal_id, w.notice_id, w.version, w.mark, w.title, coalesce(w.section, ''), w.source
FROM wanted AS w FULL JOIN (SELECT DISTINCT notice_id, version, mark FROM silver.notice_area) AS a
    ON a.notice_id = w.notice_id AND a.version = w.version
WHERE a.notice_id IS NULL OR w.notice_id IS NULL OR w.mark IS DISTINCT FROM a.mark ORDER BY w.portal_id, w.notice_id, w.version
"""  # noqa: S608  our own text
# By portal, too: DuckDB keeps a portal's rows together, and texts that lie elsewhere it need not read.
_READINGS = f"""
SELECT notice_id, version, issuer, opening FROM (
    SELECT notice_id, version, issuer, substr(body_text, 1, {OPENING}) AS opening, row_number() OVER (
        PARTITION BY notice_id, version ORDER BY string_to_array(extractor_version, '.')::integer[] DESC, run_id DESC
    ) AS place FROM silver.document
    WHERE part = 0 AND portal_id BETWEEN $2::text AND $3::text AND notice_id IN (SELECT unnest($1::text[]))
) AS d WHERE place = 1
"""  # noqa: S608  our own text


def load_areas_of_notices(connection: Connection) -> int:
    """Bring `silver.notice_area` up to date; returns how many versions were classified. Idempotent: killed at any moment, it goes on."""
    rules = load_areas()
    changed = connection.query(_CHANGED, rules.edition)
    if stale := [row[:2] for row in changed if row[0] is not None]:
        with connection.transaction():
            connection.delete("silver", NOTICE_AREA, stale, ("notice_id", "version"))
    new = [row[2:] for row in changed if row[2] is not None]
    del changed
    for first in range(0, len(new), _TOGETHER):
        rows = NOTICE_AREA.arrow(_rows(connection, rules, new[first : first + _TOGETHER]))
        with connection.transaction():
            connection.append("silver", NOTICE_AREA, rows)
    return len(new)


def _rows(connection: Connection, rules: Areas, notices: Sequence[tuple[str, ...]]) -> Iterator[dict[str, object]]:
    ids = sorted({notice_id for _, notice_id, *_ in notices})
    portals = [portal_id for portal_id, *_ in notices]
    found = connection.query(_READINGS, ids, min(portals), max(portals))
    readings = {(notice_id, version): (issuer, opening) for notice_id, version, issuer, opening in found}
    for portal_id, notice_id, version, mark, title, section, source in notices:
        issuer, opening = readings.get((notice_id, version), (None, ""))
        unit = source or issuer
        grain = {"portal_id": portal_id, "notice_id": notice_id, "version": version, "mark": mark, "unit": unit}
        matches = areas_of(title, section=section, issuer=" ".join(filter(None, (source, issuer))), opening=opening or "", areas=rules)
        for seq, match in enumerate(matches):
            yield grain | {"seq": seq, "area": match.area, "basis": match.basis, "words": list(match.words)}
        if not matches:
            yield grain | {"seq": 0, "area": None, "basis": None, "words": []}
