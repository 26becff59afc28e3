"""Checks over the reports of one body in several years, and of several bodies in one year (annual-reports.md section 3).

Pure functions from values to findings; who has the reports of several years at hand (the warehouse) calls them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gongkai.metrics import load_metrics
from gongkai.records.document import Finding, MetricValue
from transforms.reports.arithmetic import Values, amount, exact, printed
from transforms.reports.chapters import copied
from transforms.reports.crosschecks import STATED_IN

_ITEMS = ("licensing", "other_service", "penalty", "coercion", "admin_fee")
_FEE_RATIO = (Decimal("0.01"), Decimal(100))
_JUMP = (Decimal("0.2"), Decimal(5))
_JUMP_DIFFERENCE = 20
_SHIFT_LEAST = 100
_PERCENT_BASES = {
    "app_received_total": ("app_received_total", "app_new_received"),
    "app_replied_total": ("app_replied_total", "app_outcome_total"),
    "app_completed_total": ("app_completed_total", "app_outcome_total"),
}


@dataclass(frozen=True, slots=True)
class YearReport:
    """One body's report about one year; `text` only for Q-COPY."""

    year: int
    metrics: Sequence[MetricValue]
    text: str = ""


@dataclass(frozen=True, slots=True)
class YearFinding:
    """A finding that belongs to the report about `year`."""

    year: int
    finding: Finding


@dataclass(slots=True)
class _Year:
    report: YearReport
    values: Values = field(init=False)

    def __post_init__(self) -> None:
        held = [m for m in self.report.metrics if STATED_IN not in m.dimensions]
        self.values = Values(held)

    def get(self, code: str, column: str | None = None) -> MetricValue | None:
        """The exact value, of the total column where the metric has columns."""
        if column is not None:
            return self.values.metric(code, column)
        return self.values.metric(code, "total") or self.values.metric(code, "")


def series_checks(reports: Iterable[YearReport]) -> list[YearFinding]:
    """Every check between the reports of one body about consecutive years; a missing year ends a chain."""
    years = [_Year(report) for report in sorted(reports, key=lambda r: r.year)]
    out: list[YearFinding] = []
    for last, this in itertools.pairwise(years):
        if this.report.year != last.report.year + 1:
            continue
        found = [
            *chain(last, this), *suits_after_review(last, this), *stock(last, this), *catalogue_items(last, this), *fee_unit(last, this),
            *cumulative(last, this), *growth(last, this), *jumps(last, this), *copied(last.report.text, this.report.text),
        ]  # fmt: skip
        out += [YearFinding(this.report.year, finding) for finding in found]
    return out


def chain(last: _Year, this: _Year) -> list[Finding]:
    """T3-CHAIN: what was carried out last year is carried in this year; told for the total, else for the columns."""
    columns = ["total", *(c for c in this.values.columns("app_carried_in") if c != "total")]
    for column in columns:
        out, carried = last.get("app_carried_out", column), this.get("app_carried_in", column)
        if out is not None and carried is not None and amount(out) != amount(carried):
            return [_warn("T3-CHAIN", carried, f"[{column}] carried in, carried out last year", amount(out))]
    return []


def suits_after_review(last: _Year, this: _Year) -> list[Finding]:
    """T4-CAP: suits after a review are not more than the reviews of this year and the last."""
    suits, reviews, before = this.get("lit_after_review_total"), this.get("review_total"), last.get("review_total")
    if suits is None or reviews is None or before is None or amount(suits) <= amount(reviews) + amount(before):
        return []
    return [_warn("T4-CAP", suits, "more than the reviews of two years", amount(reviews) + amount(before))]


def stock(last: _Year, this: _Year) -> list[Finding]:
    """T2-ROLL: in force = in force last year + issued - repealed."""
    findings = []
    for kind in ("regulations", "normative_docs"):
        before, now = last.get(f"{kind}_in_force"), this.get(f"{kind}_in_force")
        issued, repealed = this.get(f"{kind}_issued"), this.get(f"{kind}_repealed")
        if before is None or now is None or issued is None or repealed is None:
            continue
        want = amount(before) + amount(issued) - amount(repealed)
        if want != amount(now):
            sides = f"{printed(amount(before))} + {printed(amount(issued))} - {printed(amount(repealed))}"
            findings.append(_warn("T2-ROLL", now, f"last year's stock + issued - repealed = {sides}", want))
    return findings


def catalogue_items(last: _Year, this: _Year) -> list[Finding]:
    """T2-ITEMS (A): items of the previous year = its own previous items + its change."""
    findings = []
    for kind in _ITEMS:
        now, before, change = this.get(f"{kind}_items_prev"), last.get(f"{kind}_items_prev"), last.get(f"{kind}_items_delta")
        if now is not None and before is not None and change is not None and amount(now) != amount(before) + amount(change):
            findings.append(_warn("T2-ITEMS", now, "last year's items + their change", amount(before) + amount(change)))
    return findings


def fee_unit(last: _Year, this: _Year) -> list[Finding]:
    """T2-FEE (B): a hundredfold change is 元 written into a 万元 cell."""
    before, now = last.get("admin_fee_amount"), this.get("admin_fee_amount")
    if before is None or now is None or not amount(before) or not amount(now):
        return []
    low, high = _FEE_RATIO
    if low <= amount(now) / amount(before) <= high:
        return []
    return [_warn("T2-FEE", now, "元 in a 万元 cell? last year (元)", amount(before))]


def cumulative(last: _Year, this: _Year) -> list[Finding]:
    """S-CUM: all years' items grow by this year's, and never fall."""
    before, now, new = last.get("disclosed_cumulative"), this.get("disclosed_cumulative"), this.get("disclosed_items")
    if before is None or now is None:
        return []
    if new is None:
        return [] if amount(now) >= amount(before) else [_warn("S-CUM", now, "fell; last year", amount(before))]
    want = amount(before) + amount(new)
    return [] if amount(now) == want else [_warn("S-CUM", now, "last year's + this year's items", want)]


def growth(last: _Year, this: _Year) -> list[Finding]:
    """N-GROWTH: a printed growth rate against both years' reports, with every base that may be meant."""
    findings = []
    for rate in this.report.metrics:
        if rate.code != "growth_rate" or not exact(rate) or rate.value is None:
            continue
        code = rate.dimensions.get("metric", "")
        pairs = [(last.get(c), this.get(c)) for c in _PERCENT_BASES.get(code, (code,))]
        real = [
            100 * (amount(now) / amount(before) - 1) for before, now in pairs if before is not None and now is not None and amount(before)
        ]
        exponent = rate.value.as_tuple().exponent
        last_digit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
        if real and not any(abs(value - rate.value) <= last_digit / 2 for value in real):
            findings.append(_warn("N-GROWTH", rate, f"growth of {code} by the two reports", round(real[0], 2)))
    return findings


def jumps(last: _Year, this: _Year) -> list[Finding]:
    """Q-JUMP: five times more or less and more than 20 apart; or exactly a power of ten apart (a shifted digit)."""
    findings = []
    for code in dict.fromkeys(m.code for m in this.report.metrics):
        if load_metrics()[code].type != "count":
            continue
        before, now = last.get(code), this.get(code)
        if before is None or now is None or not amount(before) or not amount(now):
            continue
        ratio, (low, high) = amount(now) / amount(before), _JUMP
        if abs(amount(now) - amount(before)) > _JUMP_DIFFERENCE and not low <= ratio <= high:
            findings.append(
                _warn("Q-JUMP", now, "a digit shifted? last year" if _shifted(amount(before), amount(now)) else "last year", amount(before))
            )
    return findings


def _shifted(before: Decimal, now: Decimal) -> bool:
    larger, smaller = max(before, now), min(before, now)
    return larger >= _SHIFT_LEAST and larger % smaller == 0 and str(larger / smaller).rstrip("0") == "1"


def parent_checks(whole: Sequence[MetricValue], children: Mapping[str, Sequence[MetricValue]]) -> list[Finding]:
    """R-PARENT: the jurisdiction's total is not below any child's."""
    parent = _Year(YearReport(0, whole))
    findings = []
    for name, metrics in children.items():
        child = _Year(YearReport(0, metrics))
        for code in dict.fromkeys(m.code for m in metrics):
            own, part = parent.get(code), child.get(code)
            if load_metrics()[code].type == "count" and own is not None and part is not None and amount(own) < amount(part):
                findings.append(_warn("R-PARENT", own, f"less than that of {name}", amount(part)))
    return findings


def sibling_checks(one: Sequence[MetricValue], other: Sequence[MetricValue], name: str) -> list[Finding]:
    """R-SIB: the same organ's report about the same year from another address (`name`) gives other figures."""
    mine, theirs = _Year(YearReport(0, one)), _Year(YearReport(0, other))
    findings = []
    for code in dict.fromkeys(m.code for m in one):
        left, right = mine.get(code), theirs.get(code)
        if left is not None and right is not None and amount(left) != amount(right):
            findings.append(_warn("R-SIB", left, f"differs from {name}", amount(right)))
    return findings


def _warn(rule: str, metric: MetricValue, words: str, expected: Decimal) -> Finding:
    return Finding(
        rule=rule, severity="warning", message=f"{rule}: {metric.label} {printed(amount(metric))}; {words}: {printed(expected)}",
        expected=printed(expected), actual=printed(amount(metric)), start=metric.start, end=metric.end,
    )  # fmt: skip
