"""What an audit leaves behind: one row an expectation, and the portal × year completeness matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

CellState = Literal["expected", "found", "late", "missing", "cannot_see"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditResult:
    """How one expectation (检查项) ended on one batch."""

    portal_id: str
    run_id: str
    seq: int
    suite: str
    expectation: str
    """Great Expectations' type, for example `expect_column_values_to_be_unique`."""
    meaning: str
    """The rule in one English sentence."""
    column: str | None
    severity: Literal["critical", "warning", "info"]
    success: bool
    observed: str
    expected: str
    failing: list[str] = field(default_factory=list)
    """Keys of offending rows, at most 20 of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletenessCell:
    """Whether a portal's work plan or annual report of one year was there (公开完整性), as known after `run_id`."""

    portal_id: str
    run_id: str
    genre: Literal["work_plan", "annual_report"]
    year: int
    """Year the plan is for, or the report is about."""
    state: CellState
    document_id: str | None
    published: date | None
    """Earliest credible day of publication."""
    legal_date: date | None
    """Last day the law allows; None for plans, whose date no law sets."""
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineDecision:
    """What a person decided about a batch that the audit refused (隔离处置); the newest one of a batch holds."""

    portal_id: str
    run_id: str
    seq: int
    """From 0, in the order of decisions."""
    decision: Literal["release", "drop", "undo"]
    """release: load it although it was refused; drop: keep it out for good; undo: the audit's verdict holds again."""
    digest: str
    """Digest of the rows that were decided about: a release is void once they are read anew."""
    actor: str
    decided_at: datetime
    reason: str
