"""The score of a published snapshot against the town's truth: a line per kind, every miss by name.

Texts are compared on words only (width folded, blanks and punctuation dropped). Where the conventions of the hand labels leave two
readings open (a month's end or a date, money in 万元 or 元), both are right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from gongkai.records.document import READ_GENRES
from samples.compose import TaskTruth
from samples.marking import Ids, Kind, Marts, Row, all_notices, name_of, published, simplified, words
from samples.model import Figure, load_content
from samples.scored import commitments, declared, gaps, leaks, removals, verdicts
from samples.truth import NoticeTruth, PortalTruth, town_truth

_SAME_TYPE = ({"date", "month_end"}, {"month", "month_end"}, {"month_mid", "date"})
_MONEY = {"元": Decimal(1), "万元": Decimal(10000)}
_COUNTED = ({"件", "条", "份"}, {"次", "人次", "期", "件次"}, {"个", "项", "类"}, {"人", "名", "人次"})
_EXPECTED = ("work_plan", "annual_report")
"""Genres that a portal is expected to publish every year."""
_OTHERS = (leaks.score, commitments.score, gaps.score, declared.score, removals.score, verdicts.score)
"""Kinds with a module of their own: a function of (marts, truth, ids) each."""


def score_snapshot(snapshot: Path | str) -> list[Kind]:
    """Score what is published, a DuckDB file or the URL of a PostgreSQL database; rows of portals that are not the town's are left alone.

    Raises:
        GongkaiError: nothing is published there, or it lacks a mart.
    """
    with published(snapshot) as query:
        marts = Marts(query, {p.id for p in load_content()})
        return list(_score(marts, town_truth(later=removals.walked_later(marts))))


def _score(marts: Marts, truth: tuple[PortalTruth, ...]) -> Iterator[Kind]:
    yield _statuses(marts, truth)
    rows = marts.rows("notice", "portal_id, notice_id, title, published_date, url")
    notices, ids = _notices(rows, truth)
    yield notices
    documents = marts.rows("document", "portal_id, notice_id, part, genre, doc_number, written_date, plan_year, report_year")
    yield _documents(documents, truth, ids)
    columns = (
        "portal_id, notice_id, seq, text, lead_units, support_units, responsibility_mode, deadline_type, due_date, start_date, recurrence"
    )
    yield _tasks(marts.rows("plan_commitment", columns), truth, ids)
    yield _metrics(marts.rows("report_metric", "portal_id, notice_id, code, dimensions, value, unit, state"), truth, ids)
    yield _years(marts.rows("portal_completeness", "portal_id, genre, year, state"), truth)
    findings = marts.rows("finding", "portal_id, notice_id, rule, severity")
    yield _findings([r for r in findings if r["rule"] not in leaks.RULES], truth, ids)
    for score in _OTHERS:
        yield score(marts, truth, ids)


def _statuses(marts: Marts, truth: tuple[PortalTruth, ...]) -> Kind:
    kind = Kind("statuses")
    found = {r["portal_id"]: r["status"] for r in marts.rows("portal_status", "portal_id, status")}
    for portal in truth:
        status = found.get(portal.portal_id)
        kind.judge(portal.portal_id, [] if status == portal.status else [f"{status}, should be {portal.status}: {portal.reason}"])
    return kind


def _notices(rows: list[Row], truth: tuple[PortalTruth, ...]) -> tuple[Kind, Ids]:
    kind, ids = Kind("notices"), Ids()
    by_title = {(r["portal_id"], words(r["title"])): r for r in rows}
    for notice in all_notices(truth):
        row = by_title.get((notice.portal_id, words(notice.content.title)))
        kind.judge(name_of(notice), _notice_faults(notice, row))
        if row:
            ids[notice.portal_id, row["notice_id"]] = notice
    for row in rows:
        if (row["portal_id"], row["notice_id"]) not in ids:
            kind.unexpected(f"{row['portal_id']} {row['title']} {row['url']}")
    return kind, ids


def _notice_faults(notice: NoticeTruth, row: Row | None) -> Iterator[str]:
    if row is None:
        yield "missing"
        return
    if row["published_date"] != notice.published:
        yield f"published {row['published_date']}, should be {notice.published}"


def _documents(rows: list[Row], truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    kind = Kind("documents")
    pages = {id(ids[key]): r for r in rows if r["part"] == 0 and (key := (r["portal_id"], r["notice_id"])) in ids}
    for notice in all_notices(truth):
        kind.judge(name_of(notice), _document_faults(notice, pages.get(id(notice))))
    return kind


def _document_faults(notice: NoticeTruth, row: Row | None) -> Iterator[str]:
    want = notice.content
    if row is None:
        yield "no document"
        return
    if row["genre"] != want.genre and (want.genre != "other" or row["genre"] in READ_GENRES):  # `other` may be called what has no reader
        yield f"genre {row['genre']}, should be {want.genre}"
    if words(simplified(row["doc_number"])) != words(simplified(want.doc_number)):
        yield f"number {row['doc_number']}, should be {want.doc_number}"
    if row["written_date"] != want.written:
        yield f"written {row['written_date']}, should be {want.written}"
    year = row["plan_year"] if want.genre == "work_plan" else row["report_year"]
    if want.year is not None and year != want.year:
        yield f"year {year}, should be {want.year}"


def _tasks(rows: list[Row], truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    kind = Kind("tasks")
    free: dict[int, list[Row]] = {}
    for row in rows:
        if notice := ids.get((row["portal_id"], row["notice_id"])):
            free.setdefault(id(notice), []).append(row)
    for notice in all_notices(truth):
        left = free.get(id(notice), [])
        for task in notice.tasks:
            match = next((r for r in left if words(r["text"]) == words(task.duty.text)), None)
            if match:
                left.remove(match)
            kind.judge(f"{name_of(notice)} {'/'.join(task.path)}", _task_faults(task, match))
        for row in left:
            kind.unexpected(f"{name_of(notice)} task {row['text'][:40]!r}")
    return kind


def _task_faults(task: TaskTruth, row: Row | None) -> Iterator[str]:
    duty, deadline = task.duty, task.duty.deadline
    if row is None:
        yield f"missing: {duty.text[:40]!r}"
        return
    for name, got, want in (("lead", row["lead_units"], duty.lead), ("support", row["support_units"], duty.support)):
        if {words(u) for u in got or ()} != {words(u) for u in want}:
            yield f"{name} {list(got or ())}, should be {list(want)}"
    if row["responsibility_mode"] != duty.mode:
        yield f"mode {row['responsibility_mode']}, should be {duty.mode}"
    if row["deadline_type"] != deadline.type and {row["deadline_type"], deadline.type} not in _SAME_TYPE:
        yield f"deadline {row['deadline_type']}, should be {deadline.type} ({deadline.raw})"
    for name, got, wanted in (("due", row["due_date"], deadline.due), ("start", row["start_date"], deadline.start)):
        if got != wanted:
            yield f"{name} {got}, should be {wanted} ({deadline.raw})"
    if row["recurrence"] != deadline.recurrence:
        yield f"recurrence {row['recurrence']}, should be {deadline.recurrence}"


def _metrics(rows: list[Row], truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    kind = Kind("metrics")
    free: dict[tuple[int, str, str], list[Row]] = {}
    for row in rows:
        if notice := ids.get((row["portal_id"], row["notice_id"])):
            free.setdefault((id(notice), row["code"], _dimensions(json.loads(row["dimensions"] or "{}"))), []).append(row)
    for notice in all_notices(truth):
        for figure in notice.figures:
            found = free.pop((id(notice), figure.code, _dimensions(figure.dimensions)), [])
            kind.judge(f"{name_of(notice)} {figure.code} {figure.dimensions or ''}", _metric_faults(figure, found))
    by_id = {id(n): n for n in all_notices(truth)}
    for (owner, code, dimensions), left in free.items():
        for row in left:
            kind.unexpected(f"{name_of(by_id[owner])} {code} {dimensions} = {row['value']}")
    return kind


def _dimensions(value: dict[str, str]) -> str:
    return json.dumps(value, sort_keys=True)


def _metric_faults(figure: Figure, found: list[Row]) -> Iterator[str]:
    if len(found) != 1:
        yield f"{len(found)} values, should be one"
        return
    row = found[0]
    if _amount(row["value"], row["unit"]) != _amount(figure.value, figure.unit):
        yield f"{row['value']} {row['unit']}, should be {figure.value} {figure.unit}"
    if figure.unit and row["unit"] != figure.unit and not _same_measure(figure.unit, row["unit"]):
        yield f"unit {row['unit']}, should be {figure.unit}"
    if row["state"] != figure.state:
        yield f"state {row['state']}, should be {figure.state}"


def _amount(value: Decimal | None, unit: str | None) -> Decimal | None:
    return None if value is None else Decimal(value) * _MONEY.get(unit or "", Decimal(1))


def _same_measure(one: str, other: str | None) -> bool:
    return any({one, other} <= same for same in (set(_MONEY), *_COUNTED))


def _findings(rows: list[Row], truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """Planted contradictions must be found; any other finding of severity `error` about a notice is a false alarm."""
    kind = Kind("findings")
    found = {(id(ids[key]), r["rule"]): r for r in rows if (key := (r["portal_id"], r["notice_id"])) in ids}
    for notice in all_notices(truth):
        for rule in notice.content.findings:
            row = found.pop((id(notice), rule), None)
            kind.judge(f"{name_of(notice)} {rule}", [] if row else ["not found"])
    for (owner, rule), row in found.items():
        notice = next(n for n in all_notices(truth) if id(n) == owner)
        if row["severity"] == "error" and rule not in notice.content.accepted_findings:
            kind.unexpected(f"{name_of(notice)} {rule}")
    return kind


def _years(rows: list[Row], truth: tuple[PortalTruth, ...]) -> Kind:
    """The portal × year matrix, where the town has a plan or report: found, or late after the legal date."""
    kind = Kind("years")
    states = {(r["portal_id"], r["genre"], r["year"]): r["state"] for r in rows}
    for notice in all_notices(truth):
        genre, year = notice.content.genre, notice.content.year
        if year is not None and genre in _EXPECTED:
            want = "late" if genre == "annual_report" and notice.published > date(year + 1, 3, 31) else "found"
            state = states.get((notice.portal_id, genre, year))
            kind.judge(f"{notice.portal_id} {genre} {year}", [] if state == want else [f"{state}, should be {want}"])
    return kind
