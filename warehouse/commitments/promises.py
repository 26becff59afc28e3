"""The promises of a portal: tasks of its current plans, and obligations with a due date that no task covers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

from gongkai.commitments import commitment_rules
from gongkai.identity import digest
from transforms.own_day import reckoned
from transforms.promises.bodies import bodies
from transforms.promises.match import Promise, Years, years
from transforms.promises.periods import is_counted, periods
from transforms.promises.visible import visibility
from transforms.search_fold import search_fold
from warehouse.commitments.current import OF_PORTALS, SAME
from warehouse.commitments.papers import Notices
from warehouse.commitments.tables import COMMITMENT
from warehouse.engines.contract import Connection

_COLUMNS = [name for name in COMMITMENT.schema.names if name not in {"portal_id", "soon_from", "body_publishes"}]
"""Of a row of silver.commitment, those that the promise alone tells."""
_OF_NOTICES = "notice_id IN (SELECT unnest($2::text[]))"
_TASKS = f"""
SELECT r.notice_id, r.document_id, r.extractor_version, r.run_id, r.issuer, r.plan_year, r.written_date, d.seq, d.text, d.lead_units,
    d.support_units, d.due_date, d.recurrence, d.span_start, d.span_end
FROM silver.plan_task AS d JOIN now_reading AS r ON {SAME}
WHERE d.{OF_PORTALS} AND r.{OF_PORTALS} AND r.{_OF_NOTICES} ORDER BY r.notice_id, r.part, r.document_id, d.seq
"""  # noqa: S608  our own text
_DEADLINES = f"""
SELECT document_id, span_start, span_end FROM silver.task_deadline WHERE {OF_PORTALS} AND {_OF_NOTICES} AND span_start IS NOT NULL
"""  # noqa: S608  our own text
# A time limit in an announcement is the public's (意见可于10月11日前提出); one in a plan or in rules is the government's.
_OBLIGATIONS = f"""
SELECT r.notice_id, r.document_id, r.extractor_version, r.run_id, r.issuer, r.plan_year, r.written_date, o.seq,
    substr(d.body_text, (o.span_start + 1)::integer, (o.span_end - o.span_start + 80)::integer), o.subject_units,
    NULL, o.due_date, NULL, o.span_start, o.span_end, o.amount, o.unit
FROM silver.obligation AS o
JOIN silver.document AS d ON d.document_id = o.document_id AND d.extractor_version = o.extractor_version AND d.run_id = o.run_id
JOIN now_reading AS r ON {SAME}
WHERE o.{OF_PORTALS} AND d.{OF_PORTALS} AND r.{OF_PORTALS} AND r.{_OF_NOTICES} AND r.genre IN ('work_plan', 'regulation')
    AND (o.due_date IS NOT NULL OR o.counts_from = 'published') AND o.span_start IS NOT NULL
ORDER BY r.notice_id, r.part, r.document_id, o.seq
"""  # noqa: S608  our own text
_SOURCES = f"""
SELECT DISTINCT d.portal_id, d.notice_id, d.kind, r.issuer, d.plan_year, d.first_year, d.last_year
FROM silver.commitment AS d JOIN now_reading AS r ON {SAME} WHERE d.{OF_PORTALS} AND r.{OF_PORTALS}
"""  # noqa: S608  our own text
_HELD = f"""
SELECT r.issuer, {", ".join(f"d.{name}" for name in _COLUMNS)} FROM silver.commitment AS d JOIN now_reading AS r ON {SAME}
WHERE d.{OF_PORTALS} AND r.{OF_PORTALS} AND d.{_OF_NOTICES} ORDER BY d.notice_id, d.kind DESC, r.part, d.document_id, d.seq
"""  # noqa: S608  our own text
_DUE = 11  # place of the due date in both
_AFTER = re.compile(r"[。；;！？\n]")
_NOT_WORDS = re.compile(r"[\W_]+")


class Source(NamedTuple):
    """Where promises stand, with all that tells in which groups they are."""

    notice_id: str
    kind: str
    issuer: str | None
    plan_year: int | None
    first_year: int | None
    last_year: int | None

    @property
    def years(self) -> Years | None:
        """Of their windows."""
        return None if self.first_year is None or self.last_year is None else (self.first_year, self.last_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A promise as the matcher takes it, and its row of silver.commitment as far as this module knows it."""

    promise: Promise
    issuer: str | None
    row: dict[str, Any]

    @property
    def source(self) -> Source:
        row = self.row
        return Source(row["notice_id"], row["kind"], self.issuer, row["plan_year"], row["first_year"], row["last_year"])

    @property
    def mark(self) -> str:
        """Another one whenever its evidence may be another, or stand at other places, or what came after it."""
        p = self.promise
        words = (
            p.id,
            p.notice_id,
            p.text,
            sorted(p.leads),
            sorted(p.supports),
            self.row["span_start"],
            self.issuer,
            self.row["lead_units"],
        )
        return repr((words, p.plan_year, p.begins, p.due, p.recurrence, self.row["due_date"], self.row["periods"]))


def sources_of(connection: Connection, portals: Sequence[str]) -> Iterator[tuple[str, Source]]:
    """Portal and source of the promises that silver.commitment holds, where their reading still stands."""
    return ((portal_id, Source(*row)) for portal_id, *row in connection.query(_SOURCES, portals))


class Promises:
    """Promises of notices, each read once."""

    def __init__(self, connection: Connection, notices: Notices, came: Collection[str]) -> None:
        """`came`: notices whose promises are made anew; those of others are taken as silver.commitment holds them."""
        self._connection, self._notices, self._came = connection, notices, frozenset(came)
        self._made: dict[str, list[Made]] = {}

    def of(self, notice_ids: Collection[str]) -> list[Made]:
        """In the order of notice, kind, document and text."""
        if asked := set(notice_ids) - self._made.keys():
            self._made |= {notice_id: [] for notice_id in asked}
            days = {notice.notice_id: notice.published for notice in self._notices.known(asked & self._came)}
            anew = promises_of(self._connection, self._notices.portals, days) if days else ()
            held = _held(self._connection, self._notices.portals, sorted(asked - self._came))
            for one in chain(anew, held):
                self._made[one.promise.notice_id].append(one)
        return [one for notice_id in sorted(notice_ids) for one in self._made[notice_id]]


def promises_of(connection: Connection, portals: Sequence[str], published: Mapping[str, date | None]) -> Iterator[Made]:
    """Promises of some notices of these portals, tasks first, in the order of notice, document and text.

    `published`: the notices, each with its day.

    The id is made from the notice and the words of the promise, so that a decision about it outlives another version of the page, a newer
    extractor and another place in the text; of equal ones in one notice (page and attachment) the second, third … counts its turn.
    """
    asked = sorted(published)
    turns: Counter[tuple[str, str, str]] = Counter()
    covered: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for document_id, first, last in connection.query(_DEADLINES, portals, asked):  # in the brackets behind a task, say
        covered[document_id].append((first, last))
    for kind, rows in (("task", connection.query(_TASKS, portals, asked)), ("obligation", _obligations(connection, portals, published))):
        for row in rows:
            notice_id, document_id, *_, start, end = row
            if kind == "task":
                covered[document_id] += [(start, end)] if start is not None else []
            elif any(first < end and start < last for first, last in covered[document_id]):
                continue  # the task's own deadline
            text = row[8] if kind == "task" else _whole(row[8], end - start)
            words = _NOT_WORDS.sub("", search_fold(text))
            turn = turns[notice_id, kind, words]
            turns[notice_id, kind, words] += 1
            commitment_id = digest(notice_id, kind, words, str(turn))
            made = _made(_row(commitment_id, kind, row, text, published.get(notice_id)), row[4])
            made.row["first_year"], made.row["last_year"] = years(made.promise) or (None, None)
            yield made


def _obligations(connection: Connection, portals: Sequence[str], published: Mapping[str, date | None]) -> Iterator[tuple[Any, ...]]:
    """Obligations with a due date; a limit that counts from publication is reckoned here where its reader did not know that day."""
    for *row, amount, unit in connection.query(_OBLIGATIONS, portals, sorted(published)):
        if row[_DUE] is None:
            row[_DUE], _ = reckoned("published", published.get(row[0]), amount, unit)
        if row[_DUE] is not None:
            yield tuple(row)


def _whole(text: str, least: int) -> str:
    """An obligation's limit with what follows it, to the end of its sentence."""
    end = _AFTER.search(text, least)
    return text[: end.start()] if end else text


def _row(commitment_id: str, kind: str, row: tuple[Any, ...], text: str, published: date | None) -> dict[str, Any]:
    notice_id, document_id, extractor, run_id, _, plan_year, written, seq, _, leads, supports, due, recurrence, start, _ = row
    begins = published or written
    counted = is_counted(recurrence)
    ends = _until(due, plan_year, recurrence)
    return {
        "commitment_id": commitment_id,
        "kind": kind,
        "notice_id": notice_id,
        "document_id": document_id,
        "extractor_version": extractor,
        "run_id": run_id,
        "seq": seq,
        "plan_year": plan_year,
        "text": text,
        "lead_units": list(leads or ()),
        "support_units": list(supports or ()),
        "begins": begins,
        "due_date": due,
        "recurrence": recurrence,
        "ends": ends + timedelta(days=commitment_rules().period_days) if counted and ends else ends,
        "periods": periods(begins, ends, recurrence) if counted and begins and ends else None,
        "visible": visibility(text),
        "span_start": start,
        "span_end": None if start is None else start + len(text),
    }


def _made(row: dict[str, Any], issuer: str | None) -> Made:
    recurrence = row["recurrence"]
    promise = Promise(
        id=row["commitment_id"],
        notice_id=row["notice_id"],
        text=row["text"],
        leads=bodies(*row["lead_units"]),
        supports=bodies(*row["support_units"]),
        plan_year=row["plan_year"],
        begins=row["begins"],
        due=_until(row["due_date"], row["plan_year"], recurrence),
        recurrence=recurrence if is_counted(recurrence) else None,
    )
    return Made(promise=promise, issuer=issuer, row=row)


def _until(due: date | None, plan_year: int | None, recurrence: str | None) -> date | None:
    """The due date; without one, what recurs ends with its plan's year."""
    return due or (date(plan_year, 12, 31) if is_counted(recurrence) and plan_year else None)


def _held(connection: Connection, portals: Sequence[str], notice_ids: Sequence[str]) -> Iterator[Made]:
    """Promises of notices that are what they were."""
    rows = connection.query(_HELD, portals, notice_ids) if notice_ids else []
    return (_made(dict(zip(_COLUMNS, row, strict=True)), issuer) for issuer, *row in rows)
