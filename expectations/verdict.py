"""The audit's decision on one batch, as it lies on disk. Light: nothing here loads Great Expectations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gongkai.layout import Layout, write_text_atomic
from gongkai.records.quality import AuditResult
from gongkai.status import Severity

SAMPLE = 20
"""Most keys of offending rows that a result keeps."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Passed, or quarantined: nothing of the batch may be loaded except the evidence."""

    portal_id: str
    run_id: str
    digest: str
    """Digest of the silver commit that was judged."""
    thresholds: str
    """Edition of the bounds it was judged by."""
    crawl: str
    """How the crawl ended: a verdict on a portal that was not met has found no fault in nothing."""
    passed: bool
    notices: int | None
    """Notices that a refusal holds back; None where the batch could not be read at all."""
    results: tuple[AuditResult, ...]

    def failed(self, severity: Severity) -> list[AuditResult]:
        return failed(self.results, severity)


def failed(results: Sequence[AuditResult], severity: Severity) -> list[AuditResult]:
    """Results of one severity that did not succeed."""
    return [r for r in results if not r.success and r.severity == severity.value]


def passed(results: Sequence[AuditResult]) -> bool:
    """True where something was checked and nothing critical failed."""
    return bool(results) and not failed(results, Severity.CRITICAL)


def write_verdict(layout: Layout, verdict: Verdict) -> Path:
    """Replace the batch's verdict in one step."""
    path = layout.verdict(verdict.portal_id, verdict.run_id)
    write_text_atomic(path, json.dumps(asdict(verdict), ensure_ascii=False, indent=1) + "\n")
    return path


def read_verdict(path: Path) -> Verdict:
    """The verdict written by `write_verdict`."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Verdict(**{**raw, "results": tuple(AuditResult(**r) for r in raw["results"])})
