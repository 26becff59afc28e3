"""What stands now of portals that promise something, in temporary tables that the queries of this package read; both engines run them."""

from __future__ import annotations

from warehouse.batches import ITS_BATCH, READING
from warehouse.engines.contract import Connection, literal

_PROMISING = "(SELECT portal_id FROM silver.plan_task UNION SELECT portal_id FROM silver.obligation)"
"""Portals that may promise something; of the others nothing need be read."""
_TABLES = {
    "now_notice": f"""
SELECT n.portal_id, n.notice_id, n.version, n.title, n.published_at, n.list_date, n.source
FROM silver.notice AS n JOIN (
    SELECT notice_id, version, row_number() OVER (PARTITION BY notice_id ORDER BY run_id DESC, version DESC) AS place
    FROM silver.notice_sighting WHERE portal_id IN {_PROMISING}
) AS s ON s.notice_id = n.notice_id AND s.version = n.version AND s.place = 1
WHERE n.portal_id IN {_PROMISING} ORDER BY n.portal_id, n.notice_id
""",  # noqa: S608  our own text
    "now_reading": """
SELECT portal_id, notice_id, document_id, extractor_version, run_id, part, genre, issuer, plan_year, report_year, written_date FROM (
    SELECT d.portal_id, d.notice_id, d.document_id, d.extractor_version, d.run_id, d.part, d.genre, d.issuer, d.plan_year, d.report_year,
        d.written_date, row_number() OVER (
            PARTITION BY d.document_id ORDER BY string_to_array(d.extractor_version, '.')::integer[] DESC, d.run_id DESC
        ) AS place
    FROM silver.document AS d JOIN now_notice AS n ON n.notice_id = d.notice_id AND n.version = d.version
) AS ranked WHERE place = 1 ORDER BY portal_id, notice_id, part, document_id
""",
    "now_mark": f"""
SELECT n.portal_id, n.notice_id, md5({{edition}} || p.name || '|' || n.version || '|' || coalesce(r.readings, '')) AS mark
FROM now_notice AS n JOIN silver.portal AS p ON p.portal_id = n.portal_id LEFT JOIN (
    SELECT d.notice_id, string_agg(d.document_id || ' ' || {READING}, ',' ORDER BY d.document_id) AS readings
    FROM now_reading AS d {ITS_BATCH} GROUP BY d.notice_id
) AS r ON r.notice_id = n.notice_id ORDER BY n.portal_id, n.notice_id
""",  # noqa: S608  our own text
}
"""The newest version of each notice; the newest reading of each of its documents, without texts; and of each notice a fingerprint of both,
of the rules' edition and of the portal's name: all that its promises, and its part in others' evidence, are made of."""
OF_PORTALS = "portal_id IN (SELECT unnest($1::text[]))"
SAME = "d.document_id = r.document_id AND d.extractor_version = r.extractor_version AND d.run_id = r.run_id"
"""Joins rows `d` of a silver table to their reading `r`."""


def look_at_current(connection: Connection, edition: str) -> None:
    """Make the tables anew, as the warehouse stands."""
    for name, query in _TABLES.items():
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(f"CREATE TEMP TABLE {name} AS {query.replace('{edition}', literal(edition))}")
