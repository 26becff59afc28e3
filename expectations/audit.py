"""The audit: every silver batch that waits for a verdict gets one. Great Expectations is loaded only when there is such a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from expectations.batch import Batch, BatchUnreadable, History
from expectations.thresholds import Thresholds, load_thresholds
from expectations.verdict import Verdict, passed, read_verdict, write_verdict
from gongkai.layout import Layout, open_atomic
from gongkai.records.quality import AuditResult, CompletenessCell
from gongkai.registry import Portal
from gongkai.status import Severity
from gongkai.tables import TABLES, row

if TYPE_CHECKING:
    from expectations.validate import Auditor


def audit(portals: Sequence[Portal], *, layout: Layout, limits: Thresholds | None = None) -> list[Verdict]:
    """Judge each batch that has no verdict on its present rows, and each refused one after the bounds changed; portals in order.

    A verdict depends on the batch, the portal's earlier batches and the bounds, not on the clock: judged again it is the same.
    Evidence (silver tables `audit_result`, `completeness`) is written for refused batches too, the verdict last.
    """
    task = _Task(layout, limits or load_thresholds())
    return [verdict for portal in portals for verdict in task.judge(portal)]


@dataclass
class _Task:
    layout: Layout
    limits: Thresholds

    @cached_property
    def auditor(self) -> Auditor:
        from expectations.validate import Auditor  # takes seconds; a night without new batches does not pay for it

        return Auditor()

    def judge(self, portal: Portal) -> Iterator[Verdict]:
        batches = [Batch(portal, run_id, self.layout) for run_id in self.layout.silver_runs(portal.id)]
        pending = {b.run_id for b in batches if self._waits(b)}
        if not pending:
            return
        history = History()
        for batch in batches:
            due = batch.run_id in pending
            try:
                history.add(batch)
                if due:
                    yield self._decide(batch, history)
                history.remember_sizes(batch)
            except BatchUnreadable as error:  # an older one that is not due was refused for this already
                if due:
                    yield self._refuse(batch, error)

    def _waits(self, batch: Batch) -> bool:
        path = self.layout.verdict(batch.portal.id, batch.run_id)
        if not path.exists():
            return True
        try:
            verdict = read_verdict(path)
        except (ValueError, KeyError, TypeError):  # written by another version: judged again, it is replaced
            return True
        if verdict.notices is None:  # it could not be read; restored files have the same digest
            return True
        return verdict.digest != batch.digest or not (verdict.passed or verdict.thresholds == self.limits.edition)

    def _decide(self, batch: Batch, history: History) -> Verdict:
        from expectations.suites.batch import checks
        from expectations.suites.contract import Case

        case = Case.of(batch, history, self.limits)
        results = self.auditor.run(batch.portal.id, batch.run_id, checks(case))
        return self._keep(batch, batch.digest, batch.crawl.status.value, results, case.cells, len(batch.table("notice")))

    def _refuse(self, batch: Batch, error: BatchUnreadable) -> Verdict:
        result = AuditResult(
            portal_id=batch.portal.id,
            run_id=batch.run_id,
            seq=0,
            suite="batch",
            expectation="batch_is_readable",
            meaning="the batch's files are whole and have the columns of gongkai/tables.py",
            column=None,
            severity=Severity.CRITICAL.value,
            success=False,
            observed=str(error),
            expected="every file readable",
        )
        try:
            digest = batch.digest
        except BatchUnreadable:
            digest = ""
        return self._keep(batch, digest, "unknown", [result], [], None)

    def _keep(
        self, batch: Batch, digest: str, crawl: str, results: list[AuditResult], cells: Sequence[CompletenessCell], notices: int | None
    ) -> Verdict:
        for name, records in (("audit_result", results), ("completeness", cells)):
            with open_atomic(self.layout.silver(name, batch.portal.id, batch.run_id)) as temporary:
                pq.write_table(TABLES[name].arrow([row(r) for r in records]), temporary, compression="zstd")
        verdict = Verdict(
            portal_id=batch.portal.id,
            run_id=batch.run_id,
            digest=digest,
            thresholds=self.limits.edition,
            crawl=crawl,
            passed=passed(results),
            notices=notices,
            results=tuple(results),
        )
        write_verdict(self.layout, verdict)
        return verdict
