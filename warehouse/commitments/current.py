"""What stands now, as queries of this package take it: SQL that both engines run, before the marts are there."""

from __future__ import annotations

_CURRENT = """
WITH sighted AS (
    SELECT notice_id, version, row_number() OVER (PARTITION BY notice_id ORDER BY run_id DESC, version DESC) AS place
    FROM silver.notice_sighting{where}
), shown AS (
    SELECT n.* FROM silver.notice AS n JOIN sighted AS s ON s.notice_id = n.notice_id AND s.version = n.version AND s.place = 1{shown}
), ranked AS (
    SELECT d.portal_id, d.notice_id, d.document_id, d.extractor_version, d.run_id, d.part, d.genre, d.issuer, d.plan_year, d.report_year,
        d.written_date, row_number() OVER (
            PARTITION BY d.document_id ORDER BY string_to_array(d.extractor_version, '.')::integer[] DESC, d.run_id DESC
        ) AS place
    FROM silver.document AS d JOIN shown AS s ON s.notice_id = d.notice_id AND s.version = d.version{read}
), reading AS (
    SELECT * FROM ranked WHERE place = 1
)
"""
CURRENT = _CURRENT.format(where="", shown="", read="")
"""`shown`: the newest version of each notice; `reading`: the newest reading of each of its documents, without texts."""
CURRENT_OF_PORTAL = _CURRENT.format(where=" WHERE portal_id = $1", shown=" AND n.portal_id = $1", read=" AND d.portal_id = $1")
"""The same of the portal $1."""
SAME = "d.document_id = r.document_id AND d.extractor_version = r.extractor_version AND d.run_id = r.run_id"
"""Joins rows `d` of a silver table to their reading `r`."""


def named_readings(first: int) -> str:
    """Rows of readings that are told as three lists, the parameters from `first` on: documents, extractor versions, runs."""
    columns = ("document_id", "extractor_version", "run_id")
    return f"(SELECT {', '.join(f'unnest(${n}::text[]) AS {column}' for n, column in enumerate(columns, first))})"
