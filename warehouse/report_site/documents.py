"""Pages of plans and annual reports: the text with what was read in it, its archive record, its versions.

What was read in one text by one extractor never changes, so a page's inputs are few: the document's row, the digest of the batch that it
came in, its findings and the state of its promises. Text and facts are fetched for the pages alone that are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from transforms.marked_text import Mark
from warehouse.report_site.marks import Part, blocks, parts
from warehouse.report_site.reading import Row, Source, grouped
from warehouse.report_site.rendering import plain, render
from warehouse.report_site.site import Files, Site
from warehouse.report_site.vocabulary import word

_TOGETHER = 20
"""Documents whose texts and facts are in memory at once."""
_VERSIONS = 12
_DIFF_LINES = 160
_PLACES = {"portal_id": "d.portal_id", "document_id": "d.document_id", "notice_id": "d.notice_id", "title": "d.title"}
_DOCUMENTS = {
    **_PLACES,
    **{
        name: f"d.{name}"
        for name in ("portal_name", "part", "genre", "plan_year", "report_year", "issuer", "doc_number", "written_date", "published_date")
    },
    **{
        name: f"d.{name}" for name in ("format_detected", "body_length", "url", "notice_url", "notice_title", "extractor_version", "run_id")
    },
    **{name: f"d.{name}" for name in ("archive_run_id", "warc_file", "warc_offset")},
    **{name: f"n.{name}" for name in ("versions", "first_seen", "last_changed", "gone_at", "gone_cause", "payload_digest", "source")},
    "batch": "b.digest",
}
_FROM = (
    "FROM mart.document AS d JOIN mart.notice AS n ON n.notice_id = d.notice_id "
    "LEFT JOIN meta.batch AS b ON b.portal_id = d.portal_id AND b.run_id = d.run_id "
    "WHERE d.genre IN ('work_plan', 'annual_report') AND d.portal_id IN (SELECT unnest($1::text[])) ORDER BY d.portal_id, d.document_id"
)
_SPAN = ("document_id", "span_start", "span_end")
_FACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "plan_commitment": (
        (
            *_SPAN,
            "seq",
            "path",
            "text",
            "lead_units",
            "support_units",
            "deadline_raw",
            "deadline_type",
            "due_date",
            "recurrence",
            "uncertain",
        ),
        "seq",
    ),
    "plan_deadline": ((*_SPAN, "task_seq", "raw", "deadline_type", "due_date", "start_date", "recurrence"), "task_seq, deadline_seq"),
    "plan_unit": ((*_SPAN, "task_seq", "unit_name", "role", "agency"), "task_seq, unit_seq"),
    "report_metric": (
        (*_SPAN, "seq", "code", "label", "applicant", "stated_in", "value", "unit", "state", "qualifier", "scope"),
        "seq",
    ),
    "citation_edge": ((*_SPAN, "seq", "cited_title", "cited_number", "role", "state"), "seq"),
}


def page_of(portal_id: str, document_id: str, part: int = 1) -> str:
    """Where a document's page lies below the site; a name from elsewhere is never a path."""
    safe = re.sub(r"[^0-9A-Za-z_-]", lambda match: f"-{ord(match[0]):x}-", document_id)[:100]
    return f"document/{portal_id}/{safe}{'' if part == 1 else f'_{part}'}.html"


def build_documents(
    source: Source, site: Site, portal_ids: Sequence[str], findings: dict[str, list[Row]], promises: dict[str, list[Row]]
) -> dict[str, list[Row]]:
    """Write the pages of some portals' documents; returns the documents by portal.

    Args:
        findings, promises: by document.
    """
    documents = source.rows(_DOCUMENTS, _FROM, list(portal_ids))
    stale: list[tuple[Row, tuple[Any, ...]]] = []
    for document in documents:
        own = promises.get(document["document_id"], [])
        state = [[p.get(name) for name in ("seq", "kind", "status", "why", "best_score", "evidence_count", "evidence")] for p in own]
        inputs = (document, findings.get(document["document_id"], []), state)
        if not site.stands(_key(document), inputs):
            stale.append((document, inputs))
    for n in range(0, len(stale), _TOGETHER):
        some = stale[n : n + _TOGETHER]
        known = _known(source, [document for document, _ in some])
        for document, inputs in some:
            facts = {name: rows.get(document["document_id"], []) for name, rows in known.items()}
            facts["versions"] = known["versions"].get(document["notice_id"], [])
            facts["findings"] = inputs[1]
            facts["promises"] = promises.get(document["document_id"], [])
            site.write(_key(document), inputs, _pages(document, facts))
    return grouped(documents)


def _key(document: Row) -> str:
    return f"document/{document['document_id']}"


def _known(source: Source, documents: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    """Text, facts and versions of some documents, each by document (versions by notice)."""
    ids = [document["document_id"] for document in documents]
    found = {}
    for mart, (columns, order) in _FACTS.items():
        where = f"FROM mart.{mart} WHERE document_id IN (SELECT unnest($1::text[])) ORDER BY document_id, {order}"
        found[mart] = grouped(source.rows(columns, where, ids), "document_id")
    text = source.rows(("document_id", "body_text"), "FROM mart.document_text WHERE document_id IN (SELECT unnest($1::text[]))", ids)
    found["text"] = grouped(text, "document_id")
    columns = (
        "notice_id",
        "stretch",
        "title",
        "valid_from",
        "valid_to",
        "gone_cause",
        "changed",
        "body_diff",
        "lines_added",
        "lines_removed",
    )
    where = "FROM mart.notice_version WHERE notice_id IN (SELECT unnest($1::text[])) ORDER BY notice_id, stretch DESC"
    found["versions"] = grouped(source.rows(columns, where, list({d["notice_id"] for d in documents})), "notice_id")
    return found


def _pages(document: Row, facts: dict[str, list[Row]]) -> Files:
    text = facts["text"][0]["body_text"] or "" if facts["text"] else ""
    marks = list(find_marks(facts))
    cut = parts(text, marks)
    pages = [page_of(document["portal_id"], document["document_id"], n + 1) for n in range(len(cut))]
    later = [
        (int(mark.name[5:]), page) for part, page in zip(cut[1:], pages[1:], strict=True) for mark in part.marks if mark.kind == "task"
    ]
    for number, (part, path) in enumerate(zip(cut, pages, strict=True), 1):
        yield (
            path,
            render(
                "document.html.j2",
                path,
                d=document,
                number=number,
                pages=pages,
                part=part,
                kinds={mark.kind for mark in part.marks},
                marked={mark.name for mark in part.marks},
                blocks=blocks(text, marks, part.start, part.end),
                notes=_notes(facts, part, first=number == 1) | {"later": later if number == 1 else []},
                versions=[_version(v) for v in facts["versions"][:_VERSIONS]] if number == 1 else [],
            ),
        )


def find_marks(facts: dict[str, list[Row]]) -> Iterator[Mark]:
    """Everything read that has a place in the text."""
    for n, (kind, row, tip) in enumerate(_marked(facts)):
        if row["span_start"] is not None and row["span_end"] is not None:
            name = f"{kind}-{row['seq']}" if kind in ("task", "metric", "finding") else f"{kind}-{n}"
            yield Mark(row["span_start"], row["span_end"], kind, name, tip)


def _marked(facts: dict[str, list[Row]]) -> Iterator[tuple[str, Row, str]]:
    for row in facts["plan_commitment"]:
        yield "task", row, f"任务 task {row['seq']}: {plain(row['lead_units']) or '未列单位 no unit'}"
    for row in facts["plan_unit"]:
        yield ("unit" if row["role"] == "lead" else "support"), row, f"{row['role']}: {row['unit_name']}"
    for row in facts["plan_deadline"]:
        yield "deadline", row, f"时限 deadline: {plain(row['due_date'] or row['recurrence']) or row['deadline_type']}"
    for row in facts["report_metric"]:
        yield "metric", row, f"{row['label']}: {figure(row)}"
    for row in facts["citation_edge"]:
        yield "citation", row, f"引用 citation ({row['role']}): {row['cited_title'] or row['cited_number'] or ''}"
    for row in facts["findings"]:
        yield "finding", row, f"{row['rule']}: {row['message']}"


def figure(row: Row) -> str:
    """A figure with its state, so that a zero, a blank and a word are never alike."""
    state = word(row["state"], "figure")
    value = f"{plain(row['value'])}{row['unit'] or ''}" if row["value"] is not None else ""
    return " ".join(filter(None, (value, *state[:2])))


def _notes(facts: dict[str, list[Row]], part: Part, *, first: bool) -> dict[str, Any]:
    """What is explained on one page: facts whose mark begins there, and on the first page those without a place."""
    own = {mark.name for mark in part.marks}

    def here(kind: str, row: Row) -> bool:
        return f"{kind}-{row['seq']}" in own or (first and row["span_start"] is None)

    tasks = [row for row in facts["plan_commitment"] if here("task", row)]
    status = {promise["seq"]: promise for promise in facts["promises"] if promise["kind"] == "task"}
    return {
        "tasks": [row | {"promise": status.get(row["seq"])} for row in tasks],
        "metrics": [row | {"shown": figure(row)} for row in facts["report_metric"] if here("metric", row)],
        "findings": [row for row in facts["findings"] if here("finding", row)],
        "citations": [mark for mark in part.marks if mark.kind == "citation"],
    }


def _version(version: Row) -> Row:
    diff = (version["body_diff"] or "").split("\n")
    kinds = {"+": "ins", "-": "del"}
    shown = [(kinds.get(line[:1], ""), line[:400]) for line in diff if line and not line.startswith(("---", "+++"))]
    return version | {"diff": shown[:_DIFF_LINES], "diff_left_out": max(0, len(shown) - _DIFF_LINES)}
