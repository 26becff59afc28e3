"""Plan tasks (任务): every plan has some, as many as extract committed, each at its place in the text."""

from __future__ import annotations

import pandas as pd

from expectations.evidence import facts_per_notice, has_finding, readable_notices, stands_in_text
from expectations.suites.contract import Case, Check
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    between,
    holds,
    longer_than,
    present,
    rows_at_least,
    rows_exactly,
    unique,
)


def checks(case: Case) -> list[Check]:
    return [_plans(case), _tasks(case)]


def _plans(case: Case) -> Check:
    batch, limits = case.batch, case.limits
    frame = facts_per_notice(batch, "work_plan", "plan_task")
    frame["agrees"] = ~has_finding(batch, frame, rule="P-COUNT")
    probe = 1 if readable_notices(batch, "work_plan") >= limits.reader_probe else 0
    return Check(
        "plan_tasks.plans",
        frame,
        ("notice_id", "title"),
        (
            rows_at_least(CRITICAL, "new notices in plan sections hold at least one plan", probe),
            between(CRITICAL, "most plans have a task", "facts", low=1, mostly=limits.plans_with_tasks),
            between(WARNING, "every plan has a task", "facts", low=1),
            present(WARNING, "every plan's pages and attachments could be seen", "facts"),
            holds(WARNING, "tasks agree with the number the plan declares (P-COUNT)", "agrees"),
        ),
    )


def _tasks(case: Case) -> Check:
    batch = case.batch
    frame = batch.table("plan_task").copy()
    frame["in_text"] = stands_in_text(batch, "plan_task", "text")
    frame["of_a_document"] = frame["document_id"].isin(batch.table("document")["document_id"])
    frame["parts_in_text"] = _parts_in_text(case, frame)
    frame["lead_known"] = frame["lead_units"].map(len) > 0
    return Check(
        "plan_tasks.tasks",
        frame,
        ("document_id", "seq"),
        (
            rows_exactly(CRITICAL, "as many tasks as extract committed", batch.committed("tasks")),
            unique(CRITICAL, "one row a task", "document_id", "extractor_version", "seq"),
            holds(CRITICAL, "each task belongs to a document of the batch", "of_a_document"),
            longer_than(CRITICAL, "tasks have text", "text", 1),
            holds(CRITICAL, "the text at a task's span is the task", "in_text", case.limits.evidence_match),
            holds(CRITICAL, "the units and deadlines of a task stand at their spans", "parts_in_text", case.limits.evidence_match),
            holds(INFO, "tasks name a lead unit (牵头单位)", "lead_known"),
        ),
    )


def _parts_in_text(case: Case, tasks: pd.DataFrame) -> pd.Series:
    """For each task: does the text hold each of its units and deadlines where their spans say?"""
    wrong: set[tuple[str, int]] = set()
    for table, column in (("task_unit", "printed"), ("task_deadline", "raw")):
        rows = case.batch.table(table)
        places = zip(rows["document_id"], rows["task_seq"], stands_in_text(case.batch, table, column), strict=True)
        wrong.update((document, task) for document, task, held in places if not held)
    return pd.Series([key not in wrong for key in zip(tasks["document_id"], tasks["seq"], strict=True)], index=tasks.index, dtype="object")
