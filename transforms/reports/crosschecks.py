"""Table against prose of one report (X-* of annual-reports.md section 3).

A statement holds if any sentence about the metric gives a number the table allows: reports also give figures of single offices.
Where the sentence speaks for another body than the whole (代表市政府, 各乡镇), a difference is only a warning, with X-SCOPE saying why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gongkai.records.document import Finding, MetricValue
from transforms.reports.arithmetic import Severity, Values, amount, exact, printed, total_of
from transforms.reports.checks import DENIED, OTHER_B, UNAVAILABLE, UNPROCESSED

STATED_IN = "stated_in"
"""Dimension of a figure in prose whose metric a table of the same report holds too: the table's cell is the metric, this one a
restatement to compare it with. Absent everywhere else, so that `code` + dimensions stay unique for the figure that counts."""

_RESULTS = ("upheld", "corrected", "other", "pending", "total")
_TOGETHER = re.compile(r"(?:予以|同意)?公开(?:及|和|、|或|与|以及)(?:予以)?部分公开(?:的)?(?:申请)?(?:共|为|有)?(\d{1,7})件")
_ALL_UPHELD = re.compile(r"复议[^。;]{0,60}?均(?:获|获得|被|予以|为|作出)?(?:结果)?维持")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A number that the table gives for a statement, and how it is made of cells."""

    name: str
    value: Decimal


def cross_checks(tabular: Sequence[MetricValue], prose: Sequence[MetricValue], squeezed: str) -> list[Finding]:
    """Findings where prose and tables of the forms A and B differ. `squeezed` is the folded text without blanks."""
    table, said = _Table(tabular), _Said(prose)
    zero = all_zero(tabular, prose)
    applications = zero or [*received(table, said), *done(table, said), *groups(table, said, squeezed)]
    return [*applications, *disputes(table, said, squeezed), *papers(table, said)]


class _Table:
    """Exact totals of the tables, by code."""

    def __init__(self, metrics: Iterable[MetricValue]) -> None:
        self._values = Values(metrics)

    def sum(self, *codes: str) -> list[Allowed]:
        """The sum of the codes as one allowed value, or nothing where a term is not assessable."""
        found = [self._values.metric(code, "total") or self._values.metric(code, "") for code in codes]
        terms = [m for m in found if m is not None]
        return [Allowed(" + ".join(m.label for m in terms), total_of(terms))] if len(terms) == len(codes) else []


class _Said:
    """Exact statements in prose, by code."""

    def __init__(self, metrics: Iterable[MetricValue]) -> None:
        self._metrics = [m for m in metrics if exact(m) and not set(m.dimensions) - {STATED_IN}]

    def of(self, *codes: str) -> list[MetricValue]:
        """Statements about any of the codes, in reading order."""
        return [m for m in self._metrics if m.code in codes]


def all_zero(tabular: Sequence[MetricValue], prose: Sequence[MetricValue]) -> list[Finding]:
    """T3-ALLZERO: every cell of table 3 is 0 although the text counts applications."""
    cells = [m for m in tabular if "applicant" in m.dimensions]
    counted = [m for m in prose if m.code == "app_received_total" and exact(m) and amount(m) > 0]
    if not cells or not counted or any(m.value is None or m.value for m in cells):
        return []
    first = counted[0]
    message = f"T3-ALLZERO: all {len(cells)} cells of table 3 are 0, but the text counts {printed(amount(first))} applications"
    return [
        Finding(
            rule="T3-ALLZERO",
            severity="error",
            message=message,
            expected=printed(amount(first)),
            actual="0",
            start=first.start,
            end=first.end,
        )
    ]


def received(table: _Table, said: _Said) -> list[Finding]:
    """X-NEW: applications received = new, or new + carried in."""
    allowed = [*table.sum("app_new_received"), *table.sum("app_new_received", "app_carried_in")]
    return _compare("X-NEW", "error", said.of("app_received_total", "app_new_received"), allowed)


def done(table: _Table, said: _Said) -> list[Finding]:
    """X-DONE: answered or completed = all outcomes; carried over as the table says."""
    outcome = table.sum("app_outcome_total")
    findings = []
    for code in ("app_completed_total", "app_replied_total"):
        stated = said.of(code)
        vague = bool(stated) and all(m.qualifier == "all" for m in stated)  # 均已答复 is often said of those that were due
        findings += _compare("X-DONE", "warning" if vague else "error", stated, outcome)
    for code in ("app_carried_in", "app_carried_out"):
        findings += _compare("X-DONE", "error", said.of(code), table.sum(code))
    return findings


def groups(table: _Table, said: _Said, squeezed: str) -> list[Finding]:
    """X-GRP: the groups of outcomes; 予以公开及部分公开 is often one figure."""
    sums = {
        "app_granted": table.sum("app_granted"),
        "app_partial": table.sum("app_partial"),
        "app_denied_total": table.sum(*DENIED),
        "app_unavailable_total": table.sum(*UNAVAILABLE),
        "app_unprocessed_total": table.sum(*UNPROCESSED),
        "app_other_total": table.sum("app_other_total") or table.sum(*OTHER_B),
    }
    both, stated = table.sum("app_granted", "app_partial"), _TOGETHER.search(squeezed)
    joint = Decimal(stated[1]) if stated else None
    findings = []
    for code, allowed in sums.items():
        own = [m for m in said.of(code) if code not in ("app_granted", "app_partial") or amount(m) != joint]
        findings += _compare("X-GRP", "error", own, allowed)
    if both and stated and joint is not None and joint != both[0].value:
        findings.append(_differs("X-GRP", "error", stated[0], joint, both))
    return findings


def disputes(table: _Table, said: _Said, squeezed: str) -> list[Finding]:
    """X-T4: reviews and lawsuits and their results (T4-LIT: lawsuits are those with and without a review before)."""
    findings = []
    for result in _RESULTS:
        direct, after = f"lit_direct_{result}", f"lit_after_review_{result}"
        for code, allowed in (
            (f"review_{result}", table.sum(f"review_{result}")),
            (f"lit_{result}", litigation(table, result)),
            (direct, table.sum(direct)),
            (after, table.sum(after)),
        ):
            findings += _compare("X-T4", "error", said.of(code), allowed)
    others = table.sum("review_corrected", "review_other", "review_pending")
    upheld = _ALL_UPHELD.search(squeezed)
    if upheld and others and others[0].value:
        findings.append(_differs("X-T4", "error", upheld[0][-12:], Decimal(0), others))
    return findings


def litigation(table: _Table, result: str) -> list[Allowed]:
    """T4-LIT: lawsuits = direct suits + suits after review; derived, never read."""
    return table.sum(f"lit_direct_{result}", f"lit_after_review_{result}")


def papers(table: _Table, said: _Said) -> list[Finding]:
    """X-T2: 规章 and normative documents issued and in force."""
    findings = []
    for code in (
        "regulations_issued",
        "regulations_repealed",
        "regulations_in_force",
        "normative_docs_repealed",
        "normative_docs_in_force",
    ):
        findings += _compare("X-T2", "warning", said.of(code), table.sum(code))
    issued = [*table.sum("normative_docs_issued"), *table.sum("normative_docs_newly_made")]
    findings += _compare("X-T2", "warning", said.of("normative_docs_issued", "normative_docs_made"), issued)
    return findings


def _compare(rule: str, severity: Severity, stated: Sequence[MetricValue], allowed: Sequence[Allowed]) -> list[Finding]:
    values = {a.value for a in allowed}
    if not stated or not allowed or any(amount(m) in values for m in stated):
        return []
    first = next((m for m in stated if m.scope in (None, "jurisdiction")), stated[0])
    if first.scope in (None, "jurisdiction"):
        return [_differs(rule, severity, first.label, amount(first), allowed, first)]
    scope = Finding(
        rule="X-SCOPE", severity="info", start=first.start, end=first.end,
        message=f"X-SCOPE: {rule} compares a figure for {first.scope} with a table that may be for another body",
    )  # fmt: skip
    return [_differs(rule, "warning", first.label, amount(first), allowed, first), scope]


def _differs(
    rule: str, severity: Severity, name: str, value: Decimal, allowed: Sequence[Allowed], at: MetricValue | None = None
) -> Finding:
    sides = " or ".join(f"{a.name} {printed(a.value)}" for a in allowed)
    return Finding(
        rule=rule, severity=severity, message=f"{rule}: the text says {name} {printed(value)}, the table {sides}",
        expected=printed(allowed[0].value), actual=printed(value), start=at.start if at else None, end=at.end if at else None,
    )  # fmt: skip
