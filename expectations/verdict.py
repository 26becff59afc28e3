"""The audit's decision on one batch, as it lies on disk. Light: nothing here loads Great Expectations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, write_text_atomic
from gongkai.records.quality import AuditResult
from gongkai.status import Severity

SAMPLE = 20
"""Most offending rows that a result keeps."""

Decided = Literal["released", "dropped"]


class LibraryUnsound(GongkaiError):
    """Great Expectations did not answer what it was asked, or not as it must (an upgrade?).

    No verdict may rest on it, so the task fails and no batch is blamed: docs/upgrade.md.
    """


@dataclass(frozen=True, kw_only=True)
class Offender:
    """One offending row."""

    key: str
    """What names it and the value that offends, as JSON."""
    notice_id: str | None = None
    """The notice it belongs to; None for a row of a listing or of the matrix, which the next night replaces."""
    url: str | None = None
    """Address of the page it was read from."""
    archive: str | None = None
    """Where that page is archived: file@offset in the run's raw folder."""
    row: dict[str, str] = field(default_factory=dict)
    """The whole row, shortened; kept for critical rules only."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one expectation ended on one batch, with rows that offend it."""

    result: AuditResult
    count: int = 0
    """Offending rows; `offenders` are at most SAMPLE of them."""
    offenders: tuple[Offender, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Passed, or quarantined: nothing of the batch may be loaded except the evidence.

    Every result is a row of silver `audit_result`; here stand those that failed.
    """

    portal_id: str
    run_id: str
    digest: str
    """Digest of the silver commit that was judged."""
    thresholds: str
    """Edition of the bounds it was judged by."""
    crawl: str
    """How the crawl ended: a verdict on a portal that was not met has found no fault in nothing."""
    sound: bool
    """True where something was checked and nothing critical failed."""
    decision: Decided | None
    """What a person decided about exactly these rows (`gongkai quarantine`)."""
    passed: bool
    """Whether it may be loaded: sound or released, and not dropped."""
    notices: int | None
    """Notices that a refusal holds back; None where the batch could not be read at all."""
    asked: int
    """Expectations that were checked."""
    failures: tuple[Answer, ...]

    @property
    def results(self) -> tuple[AuditResult, ...]:
        """Those that failed."""
        return tuple(failure.result for failure in self.failures)

    @property
    def quarantined(self) -> bool:
        """Refused, and nobody has decided yet."""
        return not self.passed and self.decision is None

    def failed(self, severity: Severity) -> list[AuditResult]:
        return failed(self.results, severity)


def may_load(sound: bool, decision: Decided | None) -> bool:
    """The one place where a person's decision outweighs the audit's."""
    return decision == "released" or (sound and decision is None)


def failed(results: Iterable[AuditResult], severity: Severity) -> list[AuditResult]:
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


class VerdictUnreadable(GongkaiError):
    """A verdict file of another version, or damaged: the batch is judged again, which replaces it."""


def read_verdict(path: Path) -> Verdict:
    """The verdict written by `write_verdict`.

    Raises:
        VerdictUnreadable: it is not of this version's form.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Verdict(**{**raw, "failures": tuple(_answer(a) for a in raw["failures"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VerdictUnreadable(f"{path}: not a verdict of this version ({error}); `gongkai audit` judges the batch again") from error


def _answer(raw: dict[str, object]) -> Answer:
    result, offenders = raw["result"], raw["offenders"]
    if not isinstance(result, dict) or not isinstance(offenders, list):
        raise TypeError("an answer without result or offenders")
    return Answer(result=AuditResult(**result), count=int(str(raw["count"])), offenders=tuple(Offender(**o) for o in offenders))
