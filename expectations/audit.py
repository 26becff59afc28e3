"""The audit: every silver batch that waits for a verdict gets one. Great Expectations is loaded only when there is such a batch.

The batches of many portals are judged together (validate.py), in chunks that bound the memory; each gets the verdict it would get alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.batch import Batch, BatchUnreadable
from expectations.chunk import Case, Chunk
from expectations.decisions import apply_decisions, holding, read_decisions, tell_warehouse
from expectations.memory import Head, Memory, chain_of, read_heads, read_memory, write_memory
from expectations.thresholds import Thresholds, load_thresholds
from expectations.verdict import Answer, LibraryUnsound, Offender, Verdict, may_load, passed, read_verdict, write_verdict
from gongkai.layout import Layout, open_atomic
from gongkai.records.quality import AuditResult, CompletenessCell
from gongkai.registry import Portal
from gongkai.status import Severity
from gongkai.storable import RULES, Offence, shown
from gongkai.tables import TABLES, row

if TYPE_CHECKING:
    from expectations.validate import Auditor

_TOGETHER = 200
"""Most batches in one chunk: what a kill costs."""
_TOGETHER_BYTES = 16_000_000
"""Most bytes of silver files in one chunk; as frames they take about twenty times as much."""
_READABLE = "batch"
_WRITERS = 4  # files synced at once: the disk does it for several in the time it takes for one


def audit(portals: Sequence[Portal], *, layout: Layout, limits: Thresholds | None = None) -> list[Verdict]:
    """Judge each batch that has no verdict on its present rows, and each refused one after the bounds changed; portals in order.

    A verdict depends on the batch, the portal's earlier batches and the bounds, not on the clock: judged again it is the same.
    Evidence (silver tables `audit_result`, `completeness`) is written for refused batches too, the verdict last.
    """
    task = _Task(layout, limits or load_thresholds())
    for portal in portals:
        task.take(portal)
    task.judge()
    return sorted(task.verdicts, key=lambda v: (task.order[v.portal_id], v.run_id))


@dataclass
class _Course:
    """One portal's way through the audit: its batches from the first that memory does not cover."""

    portal: Portal
    memory: Memory
    turns: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Run ids of readable batches with the notices they read anew or found gone."""
    whole: bool = False


@dataclass
class _Task:
    layout: Layout
    limits: Thresholds
    verdicts: list[Verdict] = field(default_factory=list)
    order: dict[str, int] = field(default_factory=dict)
    courses: list[_Course] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    @cached_property
    def auditor(self) -> Auditor:
        from expectations.validate import Auditor  # takes seconds; a night without new batches does not pay for it

        return Auditor()

    def take(self, portal: Portal) -> None:
        """Queue what waits of a portal, with the history it is to be judged by."""
        self.order[portal.id] = len(self.order)
        memory = read_memory(self.layout, portal.id)
        heads = self._decided(portal.id, read_heads(self.layout, portal.id, memory), memory)
        pending = [n for n, head in enumerate(heads) if head.waits(self.limits.edition)]
        known = memory.runs if memory.runs <= len(heads) and chain_of(heads[: memory.runs]) == memory.chain else 0
        if pending and pending[0] < known:
            known = 0
        if known == len(heads):
            return
        course = _Course(portal, memory if known else Memory(heads=memory.heads))
        self.courses.append(course)
        for head in heads[known:]:
            self._follow(course, head)
        course.whole = True

    def _decided(self, portal_id: str, heads: list[Head], memory: Memory) -> list[Head]:
        """Verdicts that a decision has not reached, because it was killed, follow it now."""
        late = False
        for head in heads:
            if self.layout.decisions(portal_id, head.run_id).exists() and head.judged is not None:
                decision = holding(read_decisions(self.layout, portal_id, head.run_id), head.judged)
                if decision != head.decision:
                    apply_decisions(self.layout, read_verdict(self.layout.verdict(portal_id, head.run_id)))
                    late = True
        return read_heads(self.layout, portal_id, memory) if late else heads

    def _follow(self, course: _Course, head: Head) -> None:
        batch, history = Batch(course.portal, head.run_id, self.layout), course.memory.history
        due = head.waits(self.limits.edition)
        try:
            tables = batch.tables
        except BatchUnreadable as error:  # an older one that is not due was refused for this already
            if due:
                self.verdicts.append(self._refuse(batch, error))
            return
        if due and self.cases and self._full(batch):
            self.judge()
        try:
            history.add(batch)
            case = [Case.of(batch, history)] if due else []
            history.remember(batch)
        except Exception as error:  # noqa: BLE001  as in `_answers`
            if due:
                self.verdicts.append(self._refuse(batch, BatchUnreadable(_unjudged(error))))
            return
        self.cases += case
        course.turns.append((head.run_id, frozenset(tables["notice"]["notice_id"].to_pylist()) | _gone(tables["removal"])))

    def _full(self, batch: Batch) -> bool:
        return len(self.cases) >= _TOGETHER or sum(case.batch.size for case in self.cases) + batch.size > _TOGETHER_BYTES

    def judge(self) -> None:
        """Verdicts for all cases that are queued, then the memory of portals that are through."""
        if self.cases:
            answers = self._answers(self.cases)
            with ThreadPoolExecutor(_WRITERS) as writers:
                self.verdicts += writers.map(self._decide, self.cases, answers)
            self.cases = []
        for course in self.courses:
            if course.whole:
                self._remember(course)
        self.courses = [course for course in self.courses if not course.whole]

    def _answers(self, cases: Sequence[Case]) -> list[list[Answer]]:
        """What all suites say of each case. Where the data of one defeat a suite itself, that one is refused and the others are judged."""
        from expectations.suites.batch import checks

        chunk, auditor = Chunk(cases, self.limits), self.auditor  # a library that cannot be set up is no batch's fault
        try:
            answers = auditor.judge(checks(chunk), [(c.batch.portal.id, c.batch.run_id) for c in cases], chunk.source)
            if not all(answers):
                raise LibraryUnsound("no suite said anything of a batch")
            return answers
        except LibraryUnsound:
            raise
        except Exception as error:  # noqa: BLE001  whatever data can do to a frame: it must cost its own batch only
            if len(cases) == 1:
                return [[Answer(result=_readability(cases[0].batch, success=False, observed=_unjudged(error)))]]
            half = len(cases) // 2
            return self._answers(cases[:half]) + self._answers(cases[half:])

    def _remember(self, course: _Course) -> None:
        memory = course.memory
        for run_id, seen in course.turns:
            memory.fold(read_verdict(self.layout.verdict(course.portal.id, run_id)), seen)
        heads = read_heads(self.layout, course.portal.id, memory)
        memory.runs, memory.chain = len(heads), chain_of(heads)
        write_memory(self.layout, course.portal.id, memory)

    def _decide(self, case: Case, answers: list[Answer]) -> Verdict:
        batch = case.batch
        if answers[0].result.suite != _READABLE:
            answers = [Answer(result=_readability(batch, success=True, observed=f"{len(batch.tables)} files read")), *answers]
        return self._keep(batch, batch.digest, batch.crawl.status.value, answers, case.cells, batch.tables["notice"].num_rows)

    def _refuse(self, batch: Batch, error: BatchUnreadable) -> Verdict:
        digest, crawl = "", "unknown"
        with suppress(BatchUnreadable):
            digest = batch.digest
            crawl = batch.crawl.status.value
        answers = [_unstorable(batch, seq, offence) for seq, offence in enumerate(error.offences)]
        answers = answers or [Answer(result=_readability(batch, success=False, observed=str(error)))]
        return self._keep(batch, digest, crawl, answers, [], None)

    def _keep(
        self, batch: Batch, digest: str, crawl: str, answers: Sequence[Answer], cells: Sequence[CompletenessCell], notices: int | None
    ) -> Verdict:
        portal_id, run_id = batch.portal.id, batch.run_id
        results = [answer.result for answer in answers]
        for name, records in (("audit_result", results), ("completeness", cells)):
            with open_atomic(self.layout.silver(name, portal_id, run_id)) as temporary, pa.OSFile(str(temporary), "wb") as sink:
                pq.write_table(TABLES[name].arrow([row(r) for r in records]), sink, compression="zstd", use_dictionary=False)
        decisions = read_decisions(self.layout, portal_id, run_id)
        tell_warehouse(self.layout, portal_id, run_id, decisions)
        sound, decision = passed(results), holding(decisions, digest)
        verdict = Verdict(
            portal_id=portal_id,
            run_id=run_id,
            digest=digest,
            thresholds=self.limits.edition,
            crawl=crawl,
            sound=sound,
            decision=decision,
            passed=may_load(sound, decision),
            notices=notices,
            asked=len(results),
            failures=tuple(answer for answer in answers if not answer.result.success),
        )
        write_verdict(self.layout, verdict)
        return verdict


def _readability(batch: Batch, *, success: bool, observed: str) -> AuditResult:
    return AuditResult(
        portal_id=batch.portal.id,
        run_id=batch.run_id,
        seq=0,
        suite=_READABLE,
        expectation="batch_is_readable",
        meaning="the batch's files are whole and have the columns of gongkai/tables.py",
        column=None,
        severity=Severity.CRITICAL.value,
        success=success,
        observed=observed,
        expected="every file readable",
    )


def _unstorable(batch: Batch, seq: int, offence: Offence) -> Answer:
    """What no engine can store, with its rows, as every critical failure keeps them."""
    key = TABLES[offence.table].key
    kept = [(shown({"row": number} | {name: row[name] for name in key if name in row}), row) for number, _, row in offence.rows]
    offenders = tuple(
        Offender(
            key=json.dumps(named, ensure_ascii=False),
            notice_id=_text(row.get("notice_id")),
            url=_text(row.get("url")),
            row={name: str(value) for name, value in (shown(row) | {"row": named["row"]}).items() if value is not None},
        )
        for named, row in kept
    )
    result = AuditResult(
        portal_id=batch.portal.id,
        run_id=batch.run_id,
        seq=seq,
        suite=_READABLE,
        expectation="rows_can_be_stored",
        meaning="rows have their table's columns, a key, and values that every engine can store",
        column=offence.column,
        severity=Severity.CRITICAL.value,
        success=False,
        observed=f"{offence.table}: {offence.cause}",
        expected=RULES[offence.rule],
        failing=[offender.key for offender in offenders],
    )
    return Answer(result=result, count=offence.total, offenders=offenders)


def _text(value: object) -> str | None:
    return shown(value).replace("\0", "\ufffd") if isinstance(value, str) else None


def _unjudged(error: Exception) -> str:
    return f"cannot be judged: {error!r}"[:400]


def _gone(removals: pa.Table) -> frozenset[str]:
    rows: Iterable[tuple[str, str]] = zip(removals["notice_id"].to_pylist(), removals["cause"].to_pylist(), strict=True)
    return frozenset(notice for notice, cause in rows if cause != "restored")
