"""Arithmetic and completeness checks within one report (annual-reports.md section 3): pure functions from values to findings.

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
ORGANISATIONS = ("commercial_enterprise", "research_institute", "public_welfare_org", "legal_service_org", "other_org")
APPLICANTS = ("natural_person", *ORGANISATIONS, "total")
DENIED = tuple(
    f"app_denied_{x}"
    for x in (
        "state_secret",
        "other_law",
        "security_stability",
        "third_party",
        "internal_affairs",
        "process_info",
        "enforcement_file",
        "admin_query",
    )
)
UNAVAILABLE = ("app_unavailable_not_held", "app_unavailable_needs_creation", "app_unavailable_unclear")
UNPROCESSED = tuple(f"app_unprocessed_{x}" for x in ("petition", "repeat", "publication", "abusive", "reconfirm"))
OTHER_B = ("app_other_no_correction", "app_other_fee_unpaid", "app_other_misc")
REPLIES = (
    "app_reply_already_public", "app_reply_agreed", "app_reply_partly_agreed", "app_reply_refused", "app_reply_not_this_organ",
    "app_reply_not_exist", "app_reply_clarify", "app_reply_other_route",
)  # fmt: skip
REFUSALS = tuple(f"app_refused_{x}" for x in ("state_secret", "trade_secret", "privacy", "security", "not_gov_info", "other_law"))
RECEIVED_BY = tuple(f"app_recv_{x}" for x in ("in_person", "fax", "email", "online", "letter", "other"))
CONSULTED_BY = tuple(f"consult_{x}" for x in ("hotline", "platform", "web", "onsite", "phone", "other"))
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


def _parts(total: str) -> tuple[str, ...]:
    stem = total.removesuffix("total")
    return tuple(stem + part for part in ("upheld", "corrected", "other", "pending"))


TABLE_CHECKS: tuple[Check, ...] = (
    Check("T3-BAL", "error", ("app_new_received", "app_carried_in"), "=", ("app_outcome_total", "app_carried_out")),
    Check(
        "T3-SUM",
        "error",
        ("app_outcome_total",),
        "=",
        ("app_granted", "app_partial", *DENIED, *UNAVAILABLE, *UNPROCESSED, "app_other_total"),
    ),
    Check("T3-SUM", "error", ("app_outcome_total",), "=", ("app_granted", "app_partial", *DENIED, *UNAVAILABLE, *UNPROCESSED, *OTHER_B)),
    Check("T3-OTH", "error", ("app_other_total",), "=", OTHER_B),
    Check("T3-GRP", "error", ("app_denied_total",), "=", DENIED),
    Check("T3-GRP", "error", ("app_unavailable_total",), "=", UNAVAILABLE),
    Check("T3-GRP", "error", ("app_unprocessed_total",), "=", UNPROCESSED),
    Check("T4-REV", "error", ("review_total",), "=", _parts("review_total")),
    Check("T4-DIR", "error", ("lit_direct_total",), "=", _parts("lit_direct_total")),
    Check("T4-AFT", "error", ("lit_after_review_total",), "=", _parts("lit_after_review_total")),
    Check("T2-STOCK", "error", ("regulations_newly_disclosed",), "<=", ("regulations_disclosed_stock",)),
    Check("T2-STOCK", "error", ("normative_docs_newly_disclosed",), "<=", ("normative_docs_disclosed_stock",)),
    Check("T2-NEW", "warning", ("regulations_newly_disclosed",), "<=", ("regulations_newly_made",)),
    Check("T2-NEW", "warning", ("normative_docs_newly_disclosed",), "<=", ("normative_docs_newly_made",)),
)
"""Checks over tables 2, 3 and 4; a check whose codes the form does not have finds nothing."""

STAT_CHECKS: tuple[Check, ...] = (
    Check("S-DONE", "error", ("app_completed_total",), "=", ("app_completed_on_time", "app_completed_extended")),
    Check("S-REPLY", "error", ("app_replied_total",), "=", REPLIES),
    Check("S-REFUSE", "error", ("app_reply_refused",), "=", REFUSALS),
    Check("S-REV", "error", ("review_total",), "=", ("review_upheld", "review_corrected", "review_other")),
    Check("S-REV", "error", ("lit_total",), "=", ("lit_upheld", "lit_corrected", "lit_other")),
    Check("S-STAFF", "error", ("staff_total",), "=", ("staff_full_time", "staff_part_time")),
    Check("S-HEAD", "error", ("press_conferences_by_head",), "<=", ("press_conferences",)),
    Check("S-HEAD", "error", ("web_interviews_by_head",), "<=", ("web_interviews",)),
    Check("S-DOC", "error", ("disclosed_normative_docs",), "<=", ("disclosed_items",)),
    Check("S-DOC", "warning", ("disclosed_normative_docs",), "<=", ("normative_docs_made",)),
    Check("S-FLOW", "warning", ("app_replied_total",), "=", ("app_completed_total",)),
)
"""Checks over the statistics table of 2014-2018."""

NARRATIVE_CHECKS: tuple[Check, ...] = (
    Check("S-STAFF", "error", ("staff_total",), "=", ("staff_full_time", "staff_part_time")),
    Check("N-INFO", "error", ("info_made_total",), "=", ("disclosed_items", "info_on_request", "info_not_public")),
    Check("N-FEE", "error", ("fees_receivable",), "=", ("fees_collected", "fees_waived")),
    Check("N-SUB", "error", ("fees_waived",), "<=", ("fees_receivable",)),
    Check("N-SUB", "error", ("lit_lost",), "<=", ("lit_total",)),
    Check("N-SUB", "error", ("app_completed_on_time",), "<=", ("app_completed_total",)),
    Check("N-SUB", "error", ("review_corrected",), "<=", ("review_total",)),
    Check("N-SUB", "error", ("lit_corrected",), "<=", ("lit_total",)),
    Check("N-SUB", "error", ("disclosed_normative_docs",), "<=", ("disclosed_items",)),
)
"""Checks over figures in prose."""


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
        return first if first.state in SUMMABLE and first.value is not None and first.qualifier in (None, "all") else None


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
    a, b = _sum(left), _sum(right)
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
        expected=_plain(_sum(right)), actual=_plain(_sum(left)), start=left[0].start, end=left[0].end,
    )  # fmt: skip


def _side(metrics: Sequence[MetricValue]) -> str:
    terms = " + ".join(_term(m) for m in metrics)
    return terms if len(metrics) == 1 else f"{terms} = {_plain(_sum(metrics))}"


def _term(metric: MetricValue) -> str:
    return f"{metric.label} {_plain(metric.value or Decimal(0))}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _sum(metrics: Iterable[MetricValue]) -> Decimal:
    return sum((_amount(m) for m in metrics), Decimal(0))


def _amount(metric: MetricValue) -> Decimal:
    return (metric.value or Decimal(0)) * _MONEY.get(metric.unit or "", Decimal(1))


def _slack(metrics: Sequence[MetricValue]) -> Decimal:
    """Counts compare exactly; each amount of money may be off by half a unit of its last printed decimal."""
    return sum((_rounding(m) for m in metrics if load_metrics()[m.code].type == "money"), Decimal(0))


def _rounding(metric: MetricValue) -> Decimal:
    exponent = metric.value.as_tuple().exponent if metric.value else 0
    last = min(exponent, 0) if isinstance(exponent, int) else 0
    return Decimal(1).scaleb(last) / 2 * _MONEY.get(metric.unit or "", Decimal(1))


def row_sums(values: Values, codes: Iterable[str]) -> list[Finding]:
    """T3-ROW and T3-ORG: the columns of each row of table 3 add up."""
    findings = []
    for code in codes:
        total, natural, subtotal = (values.metric(code, c) for c in ("total", "natural_person", "org_subtotal"))
        organisations = [m for c in ORGANISATIONS if (m := values.metric(code, c)) is not None]
        if len(organisations) != len(ORGANISATIONS):
            continue
        if total is not None and natural is not None and _sum([natural, *organisations]) != _amount(total):
            findings.append(broken("T3-ROW", "error", "=", "", [total], [natural, *organisations]))
        if subtotal is not None and _sum(organisations) != _amount(subtotal):
            findings.append(broken("T3-ORG", "error", "=", "", [subtotal], organisations))
    return findings


def listed_parts(values: Values, rule: str, total: str, parts: Sequence[str]) -> list[Finding]:
    """A total against the parts that are listed: an error if the list closes with 其他 or exceeds the total, else a warning."""
    findings = []
    for column in values.columns(total):
        listed = [code for code in parts if values.has(code, column)]
        whole = values.metric(total, column)
        numbers = [m for code in listed if (m := values.metric(code, column)) is not None]
        if whole is None or len(listed) < 2 or len(numbers) != len(listed) or _sum(numbers) == _amount(whole):
            continue
        closed = rule != "N-PARTS" or any(code.endswith("_other") for code in listed) or _sum(numbers) > _amount(whole)
        findings.append(broken(rule, "error" if closed else "warning", "=", column, [whole], numbers))
    return findings


def not_integers(metrics: Iterable[MetricValue]) -> list[Finding]:
    """Q-INT: counts are whole numbers ≥ 0; signed ones may be negative."""
    findings = []
    for metric in metrics:
        kind = load_metrics()[metric.code].type
        if metric.value is None or kind not in ("count", "signed") or metric.qualifier not in (None, "all"):
            continue
        if metric.value != metric.value.to_integral_value() or (kind == "count" and metric.value < 0):
            message = f"Q-INT: {metric.label} {metric.raw!r} should be a whole number" + (" of at least 0" if kind == "count" else "")
            findings.append(
                Finding(rule="Q-INT", severity="error", message=message, actual=str(metric.value), start=metric.start, end=metric.end)
            )
    return findings


def table_checks(metrics: Sequence[MetricValue]) -> list[Finding]:
    """Every check over the standard tables of eras A and B."""
    values = Values(metrics)
    applications = dict.fromkeys(m.code for m in metrics if "applicant" in m.dimensions)
    return [*run_checks(TABLE_CHECKS, values), *row_sums(values, applications), *not_integers(metrics)]


def stat_checks(metrics: Sequence[MetricValue], era: str) -> list[Finding]:
    """Every check over a statistics table of era S or P."""
    values = Values(metrics)
    findings = run_checks(STAT_CHECKS, values) if era == "S" else []
    findings += listed_parts(values, "S-RECV", "app_received_total", RECEIVED_BY)
    if era == "P":
        findings += listed_parts(values, "S-CHAN", "disclosed_items", ("disclosed_via_website", "disclosed_via_gazette"))
    return [*findings, *not_integers(metrics)]


def narrative_checks(metrics: Sequence[MetricValue]) -> list[Finding]:
    """Every check over figures in prose."""
    values = Values(metrics)
    findings = run_checks(NARRATIVE_CHECKS, values)
    for total, parts in (("consultations_total", CONSULTED_BY), ("app_received_total", RECEIVED_BY)):
        findings += listed_parts(values, "N-PARTS", total, parts)
    return [*findings, *_part_lists(metrics), *not_integers(metrics)]


def _part_lists(metrics: Sequence[MetricValue]) -> list[Finding]:
    """N-PARTS for open lists: subjects and levels of disclosed items."""
    findings = []
    whole = Values(metrics).metric("disclosed_items", "")
    for code in ("disclosed_by_subject", "disclosed_by_level"):
        parts = [m for m in metrics if m.code == code and m.value is not None and m.qualifier is None]
        if whole is None or len(parts) < 2 or _sum(parts) == _amount(whole):
            continue
        closed = _sum(parts) > _amount(whole) or any("其他" in word for word in parts[-1].dimensions.values())
        findings.append(broken("N-PARTS", "error" if closed else "warning", "=", code, [whole], parts))
    return findings
