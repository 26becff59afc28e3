"""Plan tasks (任务): every plan has some, as many as extract committed, each at its place in the text, its units known."""

from __future__ import annotations

import pandas as pd

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole, words
from expectations.suites.evidence import facts_per_notice
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    absent,
    between,
    holds,
    longer_than,
    not_after,
    one_of,
    present,
    rows_at_least,
    rows_exactly,
    unique,
)
from gongkai.records.document import PlanTask, TaskDeadline


def checks(chunk: Chunk) -> list[Check]:
    return [_plans(chunk), _tasks(chunk), _units(chunk), _deadlines(chunk)]


def _plans(chunk: Chunk) -> Check:
    limits = chunk.limits
    frame = facts_per_notice(chunk, "work_plan", "plan_task", rules=("P-COUNT",))
    probe = (chunk.readable("work_plan") >= limits.reader_probe).astype("int64")
    return Check(
        "plan_tasks.plans",
        frame,
        ("notice_id", "title"),
        (rows_at_least(CRITICAL, "new notices in plan sections hold at least one plan", chunk.rows(frame), probe),),
        (
            between(CRITICAL, "most plans have a task", "facts", low=1, share=limits.plans_with_tasks),
            between(WARNING, "every plan has a task", "facts", low=1),
            present(WARNING, "every plan's pages and attachments could be seen", "facts"),
            absent(WARNING, "tasks agree with the number the plan declares (P-COUNT)", "P-COUNT"),
        ),
    )


def _tasks(chunk: Chunk) -> Check:
    frame = chunk.frame("plan_task")
    frame["of_a_document"] = chunk.among(frame, ["document_id"], chunk.frame("document"))
    frame["parts_in_text"] = _parts_in_text(chunk, frame)
    frame["lead_known"] = frame["lead_units"].map(len).gt(0) if len(frame) else pd.Series(dtype=object)
    frame["start_date"], frame["due_date"] = pd.to_datetime(frame["start_date"]), pd.to_datetime(frame["due_date"])
    match = chunk.limits.evidence_match
    committed = chunk.each(lambda case: case.batch.committed("tasks"))
    return Check(
        "plan_tasks.tasks",
        frame,
        ("notice_id", "document_id", "seq"),
        (rows_exactly(CRITICAL, "as many tasks as extract committed", chunk.rows(frame), committed),),
        (
            unique(CRITICAL, "one row a task", "document_id", "extractor_version", "seq"),
            own(chunk, frame),
            whole(frame, "text", "deadline_type"),
            *words(PlanTask),
            holds(CRITICAL, "each task belongs to a document of the batch", "of_a_document"),
            longer_than(CRITICAL, "tasks have text", "text", 1),
            holds(CRITICAL, "the text at a task's span is the task", "in_text", match),
            holds(CRITICAL, "the units and deadlines of a task stand at their spans", "parts_in_text", match),
            not_after(WARNING, "no task ends before it begins", "start_date", "due_date"),
            holds(INFO, "tasks name a lead unit (牵头单位)", "lead_known"),
        ),
    )


def _units(chunk: Chunk) -> Check:
    frame = chunk.frame("task_unit")
    tasks = chunk.frame("plan_task")
    frame["of_a_task"] = chunk.among(frame, ["document_id", "task_seq"], tasks, ["document_id", "seq"])
    named = _summed(chunk, tasks, tasks["lead_units"].map(len) + tasks["support_units"].map(len))
    return Check(
        "plan_tasks.units",
        frame,
        ("notice_id", "document_id", "task_seq", "name"),
        (rows_exactly(CRITICAL, "every unit that a task names has its row", chunk.rows(frame), named),),
        (
            unique(CRITICAL, "one row a unit of a task", "document_id", "extractor_version", "task_seq", "seq"),
            own(chunk, frame),
            whole(frame, "name", "printed", "role"),
            holds(CRITICAL, "each unit belongs to a task", "of_a_task"),
            one_of(CRITICAL, "roles are of the vocabulary", "role", ("lead", "support")),
            present(WARNING, "most units are agencies that agencies.yaml knows", "agency", chunk.limits.known_agencies),
            present(INFO, "every unit is an agency that agencies.yaml knows", "agency"),
        ),
    )


def _deadlines(chunk: Chunk) -> Check:
    frame = chunk.frame("task_deadline")
    tasks = chunk.frame("plan_task")
    frame["of_a_task"] = chunk.among(frame, ["document_id", "task_seq"], tasks, ["document_id", "seq"])
    limited = chunk.rows(tasks[tasks["deadline_type"].ne("none")])
    frame["year"] = pd.to_datetime(frame["due_date"]).dt.year.astype("float64")
    frame["last_year"] = chunk.of_batch(frame, lambda case: case.batch.day.year + chunk.limits.deadline_years).astype("float64")
    return Check(
        "plan_tasks.deadlines",
        frame,
        ("notice_id", "document_id", "task_seq", "raw"),
        (rows_at_least(CRITICAL, "every task with a deadline has its row", chunk.rows(frame), limited),),
        (
            unique(CRITICAL, "one row a deadline of a task", "document_id", "extractor_version", "task_seq", "seq"),
            own(chunk, frame),
            whole(frame, "raw", "type"),
            *words(TaskDeadline),
            holds(CRITICAL, "each deadline belongs to a task", "of_a_task"),
            between(WARNING, "no deadline is from before government portals", "year", low=chunk.limits.earliest_year),
            not_after(WARNING, "no deadline lies in a distant year", "year", "last_year"),
        ),
    )


def _summed(chunk: Chunk, frame: pd.DataFrame, values: pd.Series) -> pd.Series:
    return values.astype("float64").groupby(frame[BATCH]).sum().reindex(range(len(chunk.cases)), fill_value=0)


def _parts_in_text(chunk: Chunk, tasks: pd.DataFrame) -> pd.Series:
    """For each task: does the text hold each of its units and deadlines where their spans say?"""
    parts = pd.concat([chunk.frame(name)[[BATCH, "document_id", "task_seq", "in_text"]] for name in ("task_unit", "task_deadline")])
    wrong = parts[parts["in_text"].ne(True)]
    return (~chunk.among(tasks, ["document_id", "seq"], wrong, ["document_id", "task_seq"])).astype(object)
