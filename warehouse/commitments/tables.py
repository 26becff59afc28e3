"""Silver tables of commitments."""

from __future__ import annotations

import pyarrow as pa

from gongkai.tables import Table

_TEXTS = pa.list_(pa.string())
_MOMENT = pa.timestamp("us", tz="UTC")


def _table(name: str, zh: str, doc: str, columns: dict[str, pa.DataType], key: tuple[str, ...]) -> Table:
    return Table(name, zh, doc, pa.schema(list(columns.items())), key)


_TEXT, _NUMBER, _DAY = pa.string(), pa.int64(), pa.date32()
COMMITMENT = _table(
    "commitment",
    "承诺",
    "A plan task, or an obligation with a due date, of a current document, with what its status is told from.",
    {
        **dict.fromkeys(("portal_id", "commitment_id", "kind", "notice_id", "document_id", "extractor_version", "run_id"), _TEXT),
        "seq": _NUMBER,
        "plan_year": _NUMBER,
        "text": _TEXT,
        "lead_units": _TEXTS,
        "support_units": _TEXTS,
        "begins": _DAY,
        "due_date": _DAY,
        "recurrence": _TEXT,
        "ends": _DAY,
        "soon_from": _DAY,
        "periods": _TEXTS,
        "visible": _TEXT,
        "body_publishes": pa.bool_(),
        "span_start": _NUMBER,
        "span_end": _NUMBER,
        "first_year": _NUMBER,
        "last_year": _NUMBER,
    },
    ("commitment_id",),
)
"""`ends`: the day its status is judged by: the due date; where it recurs, that or the end of the plan's year, and a month more for the last
period's figures. `periods`: those that must be seen, NULL where it does not recur. `body_publishes`: whether this portal shows notices of
one of its lead bodies."""
COMMITMENT_MATCH = _table(
    "commitment_match",
    "承诺证据",
    "A notice that may be evidence of a commitment: how strong, why, and the words that both have.",
    {
        **dict.fromkeys(("portal_id", "commitment_id", "notice_id", "document_id"), _TEXT),
        "score": pa.float64(),
        "counts": pa.bool_(),
        "basis": _TEXT,
        "spans": _TEXT,
        "late": pa.bool_(),
        "period": _TEXT,
    },
    ("commitment_id", "notice_id"),
)
COMMITMENT_DECISION = _table(
    "commitment_decision",
    "承诺证据认定",
    "What people decided about evidence, oldest first; nothing is ever taken away, the newest one of a pair holds.",
    {
        **dict.fromkeys(("portal_id", "commitment_id", "notice_id", "decision", "actor"), _TEXT),
        "decided_at": _MOMENT,
        "reason": _TEXT,
    },
    ("commitment_id", "notice_id", "decided_at"),
)
COMMITMENT_STATUS = _table(
    "commitment_status",
    "承诺状态记录",
    "Which status a commitment had from a day on; a row only where it changed.",
    {**dict.fromkeys(("portal_id", "commitment_id", "status"), _TEXT), "since": _DAY, "recorded_at": _MOMENT},
    ("commitment_id", "since", "recorded_at"),
)
NEXT_PLAN_TASK = _table(
    "next_plan_task",
    "任务后续",
    "What became of a plan's task in the next plan of the same body.",
    {
        **dict.fromkeys(("portal_id", "commitment_id", "change", "next_commitment_id"), _TEXT),
        "similarity": pa.float64(),
        "next_plan_year": _NUMBER,
    },
    ("commitment_id",),
)
REPORT_MENTION = _table(
    "report_mention",
    "年报提及",
    "Where the annual report of that year of the same body speaks of a plan's task.",
    {
        **dict.fromkeys(("portal_id", "commitment_id", "report_document_id", "report_state"), _TEXT),
        "report_span_start": _NUMBER,
        "report_span_end": _NUMBER,
        "report_share": pa.float64(),
    },
    ("commitment_id",),
)
COMMITMENT_NOTICE = _table(
    "commitment_notice",
    "承诺比对条目",
    "Notices of portals that promise something, as their promises and evidence were last made: where a mark stands, nothing is read.",
    {"portal_id": _TEXT, "notice_id": _TEXT, "mark": _TEXT, "year": _NUMBER, "publishers": _TEXTS, "promised": _TEXT},
    ("notice_id",),
)
"""`mark`: fingerprint of the notice's version and readings, the rules' edition and the portal's name. `year`: of its publication.
`promised`: fingerprint of its promises, which another version may leave as they were; NULL where it has none."""
COMMITMENT_GROUP = _table(
    "commitment_group",
    "承诺分组比对依据",
    "Fingerprint of all that reached the evidence of promises of the same years, or what followed the plans of a year.",
    {"portal_id": _TEXT, "made": _TEXT, "first_year": _NUMBER, "last_year": _NUMBER, "mark": _TEXT},
    ("portal_id", "made", "first_year", "last_year"),
)
COMMITMENT_TABLES = (
    *(COMMITMENT, COMMITMENT_MATCH, COMMITMENT_DECISION, COMMITMENT_STATUS, NEXT_PLAN_TASK, REPORT_MENTION),
    *(COMMITMENT_NOTICE, COMMITMENT_GROUP),
)
