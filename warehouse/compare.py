"""What a warehouse says, apart from when and where it was learned: so that two warehouses can be proved equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gongkai.tables import TABLES
from warehouse.engines.contract import Connection, statement
from warehouse.engines.duckdb import open_file

Content = dict[str, Counter[tuple[Any, ...]]]
"""Table (`schema.name`) → its rows without the volatile columns, each with its number of occurrences."""

# Names of runs, moments of our own work, places in an archive and what is derived from them. `published_at` of a notice is content.
VOLATILE = frozenset(
    {
        *("run_id", "run_time", "fetched_at", "started_at", "finished_at", "loaded_at", "loaded_by", "built_at", "archive_run_id"),
        *("first_run", "first_seen", "last_changed", "last_seen", "known_since", "last_run", "last_complete_run", "last_new_run"),
        *("as_of", "days_since_complete", "days_since_published", "warc_file", "warc_offset", "digest", "fingerprint"),
        *("seen_until", "recorded_at"),
        *("list_seen_at", "list_warc_file", "list_warc_offset"),
        *("evidence_run_id", "evidence_warc_file", "evidence_warc_offset", "evidence_at"),
        *("page_run_id", "page_warc_file", "page_warc_offset", "answer_warc_file", "answer_warc_offset"),
    }
)
# What an audit measured, how a run's stages ended, what was judged after it and which links a visit tried tell of the runs;
# their outcome stands in the marts.
NOT_COMPARED = frozenset(
    {
        *("silver.audit_result", "silver.ledger_log", "silver.touched_notice"),
        *("silver.mart_build", "silver.mart_audit", "silver.mart_basis"),
        *("mart.portal_run", "mart.audit_failure", "mart.completeness_history", "silver.link_visit"),
    }
)
# Rows that describe a run and not the world: a disturbed night may have more runs, which say the same.
OF_RUNS = frozenset(
    {f"silver.{t.name}" for t in TABLES.values() if "run_id" in t.key} | {"silver.load_log", "silver.notice_sighting", "silver.home_visit"}
)
# What a run counted (requests, rows, new notices) depends on how often the night was disturbed;
# a page's bytes hold visitor counters and build times, its version does not.
_LEFT_OUT = {
    "silver.notice": {"payload_digest"},
    "mart.notice": {"payload_digest"},
    "mart.notice_version": {"payload_digest", "valid_from", "valid_to"},
    "mart.document_version": {"valid_from", "valid_to"},
    "mart.metric_history": {"valid_from", "valid_to"},
    "mart.task_history": {"valid_from", "valid_to"},
    "silver.notice_area": {"mark"},  # of the reading, which names its run
    "silver.commitment_notice": {"mark"},  # likewise
    "silver.commitment_group": {"mark"},  # likewise
    "silver.commitment_status": {"since"},
    "mart.commitment_status": {"since", "until"},
    "mart.number_gap": {"seen_on"},
    "mart.declared_published": {"seen_on"},
    "mart.removal_cause": {"whole_walks"},
    "mart.scorecard_history": {"since"},
    "silver.scorecard_log": {"since"},
    "silver.section_outcome": {"rows_seen", "walked_whole", "pages", "findings"},
    "silver.stage_outcome": {"counts", "reasons"},
    "silver.load_log": {"rows", "verdict"},
    "mart.portal_status": {
        *("listed", "declared", "reasons", "audit_warnings", "audit_criticals"),
        *("notices_new", "tasks_new", "metrics_new", "findings_new"),
    },
}


def content(snapshot: Path) -> Content:
    """`content_of` a DuckDB file."""
    with open_file(snapshot, read_only=True) as connection:
        return content_of(connection)


def content_of(connection: Connection) -> Content:
    """Rows of schemas `silver` and `mart`; of tables about runs each distinct row counts once."""
    held: Content = {}
    for (schema, table), names in connection.tables("silver", "mart").items():
        place = f"{schema}.{table}"
        if place not in NOT_COMPARED:
            rows = all_rows(connection, schema, table, [name for name in names if name not in VOLATILE | _LEFT_OUT.get(place, set())])
            held[place] = Counter(set(rows)) if place in OF_RUNS else rows
    return held


def all_rows(connection: Connection, schema: str, table: str, columns: Sequence[str]) -> Counter[tuple[Any, ...]]:
    """Some columns of a table, each distinct row with its number of occurrences."""
    query = statement("SELECT {columns} FROM {schema}.{table}", columns=columns, schema=schema, table=table)
    return Counter(_hashable(row) for row in connection.query(query))


def differences(left: Content, right: Content, most: int = 5) -> list[str]:
    """Lines that name what only one side holds, at most `most` rows a table; empty where both say the same."""
    lines = []
    for place in sorted(left.keys() | right.keys()):
        for side, only in (("left", _minus(left, right, place)), ("right", _minus(right, left, place))):
            lines += [f"{place}: only {side}: {times} × {row}" for row, times in list(only.items())[:most]]
    return lines


def _minus(one: Content, other: Content, place: str) -> Counter[tuple[Any, ...]]:
    return one.get(place, Counter()) - other.get(place, Counter())


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
