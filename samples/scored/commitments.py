"""Promises that the town keeps and breaks: kept ones shown by their own notices, broken ones overdue, and nothing else said of any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from samples.compose import TaskTruth
from samples.marking import Ids, Kind, Marts, Row, all_notices, name_of, words
from samples.truth import PortalTruth

_STATUS = {"kept": "evidenced", "late": "evidenced", "broken": "overdue"}


def score(marts: Marts, truth: tuple[PortalTruth, ...], ids: Ids) -> Kind:
    """A planted promise is right with its status and its notices alone as evidence; evidence or `overdue` of any other is a false word."""
    kind = Kind("commitments")
    rows = marts.rows("commitment", "portal_id, notice_id, commitment_id, kind, text, status, late")
    held: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if (notice := ids.get((row["portal_id"], row["notice_id"]))) and row["kind"] == "task":
            held[id(notice)].append(row)
    shown = _evidence(marts, ids)
    judged: set[str] = set()
    for notice in all_notices(truth):
        for task in notice.tasks:
            found = next((r for r in held[id(notice)] if words(r["text"]) == words(task.duty.text)), None)
            if task.duty.promise:
                judged |= {found["commitment_id"]} if found else set()
                kind.judge(
                    f"{name_of(notice)} {task.duty.text[:20]}", _faults(task, found, shown[found["commitment_id"]] if found else set())
                )
    for row in rows:
        if row["commitment_id"] not in judged and (row["status"] in ("evidenced", "overdue") or shown[row["commitment_id"]]):
            kind.unexpected(f"{row['portal_id']} {row['text'][:20]} {row['status']}")
    return kind


def _evidence(marts: Marts, ids: Ids) -> dict[str, set[int]]:
    """The town's ids of the notices that count, by commitment; 0 for one that is not the town's."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in marts.rows("commitment_evidence", "portal_id, commitment_id, notice_id, counts"):
        if row["counts"]:
            notice = ids.get((row["portal_id"], row["notice_id"]))
            found[row["commitment_id"]].add(notice.content.id if notice else 0)
    return found


def _faults(task: TaskTruth, row: Row | None, shown: set[int]) -> Iterator[str]:
    duty = task.duty
    if row is None:
        yield "missing"
        return
    if duty.promise and row["status"] != _STATUS[duty.promise]:
        yield f"{row['status']}, should be {_STATUS[duty.promise]}"
    if row["late"] != (duty.promise == "late"):
        yield f"late {row['late']}, should be {duty.promise == 'late'}"
    if shown != set(duty.kept_by):
        yield f"shown by {sorted(shown)}, should be {sorted(duty.kept_by)}"
