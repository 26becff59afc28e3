"""The arithmetic behind the checks: numbers by code and column, sums, comparison, and the finding that shows both sides.

A term that is blank, unreadable, approximate, missing or stated twice with different values makes a check not assessable: no
finding, and never a pass by taking blank as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gongkai.metrics import load_metrics
from gongkai.records.document import Finding, MetricValue
from transforms.reports.values import SUMMABLE

Severity = Literal["error", "warning"]
EXACT = (None, "all", "recovered")
"""Qualifiers of values that may take part in arithmetic."""
_SHOW_ZEROS = 6
"""Longer sums are shown without their zeros."""
_MONEY = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class Check:
    """`left` (summed) against `right` (summed), per applicant column or level. The formula is the documentation."""

    id: str
    severity: Severity
    left: tuple[str, ...]
    relation: Literal["=", "<="]
    right: tuple[str, ...]

    @property
    def formula(self) -> str:
        """The rule in codes, as the findings print it."""
        return f"{' + '.join(self.left)} {self.relation} {' + '.join(self.right)}"


def exact(metric: MetricValue) -> bool:
    """True if the value is a number, printed exactly."""
    return metric.state in SUMMABLE and metric.value is not None and metric.qualifier in EXACT


class Values:
    """Numbers of one source (tables, or prose) by code and column, as far as they can take part in arithmetic."""

    def __init__(self, metrics: Iterable[MetricValue]) -> None:
        self._by_key: dict[tuple[str, str], list[MetricValue]] = {}
        for metric in metrics:
            column = metric.dimensions.get("applicant") or metric.dimensions.get("level") or ""
            if not set(metric.dimensions) - {"applicant", "level"}:
                self._by_key.setdefault((metric.code, column), []).append(metric)

    def columns(self, code: str) -> list[str]:
        """Columns in which the code is printed."""
        return [column for known, column in self._by_key if known == code]

    def has(self, code: str, column: str) -> bool:
        """True if the code is printed there at all, in whatever state."""
        return (code, column) in self._by_key

    def metric(self, code: str, column: str) -> MetricValue | None:
        """The one assessable value, or None."""
        found = self._by_key.get((code, column), [])
        first = found[0] if found else None
        if first is None or any(m.value != first.value for m in found):
            return None
        return first if exact(first) else None


def run_checks(checks: Sequence[Check], values: Values) -> list[Finding]:
    """Findings of every check that is broken."""
    findings = []
    for check in checks:
        for column in values.columns(check.left[0]):
            terms = [[values.metric(code, column) for code in side] for side in (check.left, check.right)]
            left, right = ([m for m in side if m is not None] for side in terms)
            if len(left) == len(check.left) and len(right) == len(check.right):
                findings += _compare(check, column, left, right)
    return findings


def _compare(check: Check, column: str, left: Sequence[MetricValue], right: Sequence[MetricValue]) -> list[Finding]:
    a, b = total_of(left), total_of(right)
    slack = _slack([*left, *right])
    if abs(a - b) <= slack if check.relation == "=" else a <= b + slack:
        return []
    return [broken(check.id, check.severity, check.relation, column, left, right)]


def broken(rule: str, severity: Severity, relation: str, column: str, left: Sequence[MetricValue], right: Sequence[MetricValue]) -> Finding:
    """The finding of one broken check, both sides with their figures; its evidence is the first figure."""
    where = f" [{column}]" if column else ""
    sides = [_side(left), _side(right)]
    says = "should equal" if relation == "=" else "should not exceed"
    return Finding(
        rule=rule, severity=severity, message=f"{rule}{where}: {sides[0]} {says} {sides[1]}",
        expected=printed(total_of(right)), actual=printed(total_of(left)), start=left[0].start, end=left[0].end,
    )  # fmt: skip


def _side(metrics: Sequence[MetricValue]) -> str:
    shown = [m for m in metrics if len(metrics) <= _SHOW_ZEROS or m.value] or metrics
    terms = " + ".join(_term(m) for m in shown)
    return terms if len(metrics) == 1 else f"{terms} = {printed(total_of(metrics))}"


def _term(metric: MetricValue) -> str:
    return f"{metric.label} {printed(metric.value or Decimal(0))}"


def printed(value: Decimal) -> str:
    """A number as findings show it."""
    return f"{value.normalize():f}" if value else "0"


def total_of(metrics: Iterable[MetricValue]) -> Decimal:
    """The sum; money in 元."""
    return sum((amount(m) for m in metrics), Decimal(0))


def amount(metric: MetricValue) -> Decimal:
    """The value; money in 元."""
    return (metric.value or Decimal(0)) * _MONEY.get(metric.unit or "", Decimal(1))


def _slack(metrics: Sequence[MetricValue]) -> Decimal:
    """Counts compare exactly; each amount of money may be off by half a unit of its last printed decimal."""
    return sum((_rounding(m) for m in metrics if load_metrics()[m.code].type == "money"), Decimal(0))


def _rounding(metric: MetricValue) -> Decimal:
    exponent = metric.value.as_tuple().exponent if metric.value else 0
    last = min(exponent, 0) if isinstance(exponent, int) else 0
    return Decimal(1).scaleb(last) / 2 * _MONEY.get(metric.unit or "", Decimal(1))


def listed_parts(values: Values, rule: str, total: str, parts: Sequence[str]) -> list[Finding]:
    """A total against the parts that are listed: an error if the list closes with 其他 or exceeds the total, else a warning."""
    findings = []
    for column in values.columns(total):
        listed = [code for code in parts if values.has(code, column)]
        whole = values.metric(total, column)
        numbers = [m for code in listed if (m := values.metric(code, column)) is not None]
        if whole is None or len(listed) < 2 or len(numbers) != len(listed) or total_of(numbers) == amount(whole):
            continue
        closed = rule != "N-PARTS" or any(code.endswith("_other") for code in listed) or total_of(numbers) > amount(whole)
        findings.append(broken(rule, "error" if closed else "warning", "=", column, [whole], numbers))
    return findings
