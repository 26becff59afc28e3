"""Arithmetic checks within one table or text of a report (annual-reports.md section 3): pure functions from values to findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from gongkai.metrics import load_metrics
from gongkai.records.document import Finding, MetricValue
from transforms.reports.arithmetic import EXACT, Check, Values, amount, broken, exact, listed_parts, printed, run_checks, total_of

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
CHANNELS = tuple(f"disclosed_via_{x}" for x in ("gazette", "website", "weibo", "wechat", "other"))
CONSULTED_BY = tuple(f"consult_{x}" for x in ("hotline", "platform", "web", "onsite", "phone", "other"))


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
    Check("S-FLOW", "warning", ("app_completed_total",), "<=", ("app_received_total",)),
    Check("S-CHAN", "warning", ("disclosed_items",), "<=", CHANNELS),
    *(Check("S-CHAN", "warning", (channel,), "<=", ("disclosed_items",)) for channel in CHANNELS),
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
    *(Check("N-SUB", "error", (code,), "<=", ("app_received_total",)) for code in RECEIVED_BY),
    *(Check("N-SUB", "error", (code,), "<=", ("consultations_total",)) for code in CONSULTED_BY),
)
"""Checks over figures in prose."""


def row_sums(values: Values, codes: Iterable[str]) -> list[Finding]:
    """T3-ROW and T3-ORG: the columns of each row of table 3 add up."""
    findings = []
    for code in codes:
        total, natural, subtotal = (values.metric(code, c) for c in ("total", "natural_person", "org_subtotal"))
        organisations = [m for c in ORGANISATIONS if (m := values.metric(code, c)) is not None]
        if len(organisations) != len(ORGANISATIONS):
            continue
        if total is not None and natural is not None and total_of([natural, *organisations]) != amount(total):
            findings.append(broken("T3-ROW", "error", "=", "", [total], [natural, *organisations]))
        if subtotal is not None and total_of(organisations) != amount(subtotal):
            findings.append(broken("T3-ORG", "error", "=", "", [subtotal], organisations))
    return findings


def not_integers(metrics: Iterable[MetricValue]) -> list[Finding]:
    """Q-INT: counts are whole numbers ≥ 0; signed ones may be negative."""
    findings = []
    for metric in metrics:
        kind = load_metrics()[metric.code].type
        if metric.value is None or kind not in ("count", "signed") or metric.qualifier not in EXACT:
            continue
        if metric.value != metric.value.to_integral_value() or (kind == "count" and metric.value < 0):
            message = f"Q-INT: {metric.label} {metric.raw!r} should be a whole number" + (" of at least 0" if kind == "count" else "")
            findings.append(
                Finding(rule="Q-INT", severity="error", message=message, actual=str(metric.value), start=metric.start, end=metric.end)
            )
    return findings


_NO_RULE_POWER = re.compile(r"(?:[县旗镇乡]|(?<!自治)区|街道办事处)(?:人民政府)?(?:办公室)?$|(?:局|委|委员会|厅|中心|办事处)$")
_SOME_POWER = re.compile(r"^(?:国家|中国|国务院|中华人民共和国)")
_REGULATIONS = ("regulations_issued", "regulations_in_force", "regulations_newly_made", "regulations_disclosed_stock")
_PROJECT_AMOUNT = (Decimal(1_000), Decimal(1_000_000_000))
_LIST_GAP = 60
_LIST_REACH = 160


def table_checks(metrics: Sequence[MetricValue], issuer: str | None = None) -> list[Finding]:
    """Every check over the standard tables of eras A and B."""
    values = Values(metrics)
    applications = dict.fromkeys(m.code for m in metrics if "applicant" in m.dimensions)
    return [
        *run_checks(TABLE_CHECKS, values),
        *row_sums(values, applications),
        *rule_power(values, issuer),
        *procurement(values),
        *not_integers(metrics),
    ]


def rule_power(values: Values, issuer: str | None) -> list[Finding]:
    """T2-POWER: counties, townships and local departments make no 规章 (Legislation Law, art. 91 and 93)."""
    if issuer is None or _SOME_POWER.search(issuer) or not _NO_RULE_POWER.search(issuer):
        return []
    above = [m for code in _REGULATIONS if (m := values.metric(code, "")) is not None and amount(m) > 0]
    return [
        Finding(
            rule="T2-POWER", severity="warning", message=f"T2-POWER: {m.label} {printed(amount(m))}, but {issuer} cannot make 规章",
            expected="0", actual=printed(amount(m)), start=m.start, end=m.end,
        )
        for m in above[:1]
    ]  # fmt: skip


def procurement(values: Values) -> list[Finding]:
    """T2-PROC: no projects ⇔ no money; money per project between a thousand and a thousand million 元 (a slip of the unit)."""
    projects, money = values.metric("procurement_projects", ""), values.metric("procurement_amount", "")
    if projects is None or money is None:
        return []
    count, sum_of_money = amount(projects), amount(money)
    low, high = _PROJECT_AMOUNT
    if (count == 0) == (sum_of_money == 0) and (count == 0 or low <= sum_of_money / count <= high):
        return []
    message = f"T2-PROC: {printed(count)} procurement projects for {printed(sum_of_money)} 元"
    expected = "both 0 or 1000 to 1000000000 元 a project"
    return [
        Finding(
            rule="T2-PROC",
            severity="warning",
            message=message,
            expected=expected,
            actual=printed(sum_of_money),
            start=money.start,
            end=money.end,
        )
    ]


def stat_checks(metrics: Sequence[MetricValue], era: str) -> list[Finding]:
    """Every check over a statistics table of era S or P."""
    values = Values(metrics)
    findings = run_checks(STAT_CHECKS, values) if era == "S" else []
    findings += listed_parts(values, "S-RECV", "app_received_total", RECEIVED_BY)
    if era == "P":
        findings += listed_parts(values, "S-CHAN", "disclosed_items", ("disclosed_via_website", "disclosed_via_gazette"))
    return [*findings, *not_integers(metrics)]


def narrative_checks(metrics: Sequence[MetricValue]) -> list[Finding]:
    """Every arithmetic check over figures in prose."""
    values = Values(metrics)
    findings = run_checks(NARRATIVE_CHECKS, values)
    for total, parts in (("consultations_total", CONSULTED_BY), ("app_received_total", RECEIVED_BY)):
        findings += listed_parts(values, "N-PARTS", total, parts)
    return [*findings, *open_lists(metrics), *not_integers(metrics)]


def open_lists(metrics: Sequence[MetricValue]) -> list[Finding]:
    """N-PARTS for lists of subjects or levels that follow the number of items disclosed.

    An error if the list closes with 其他 or exceeds the total, else a warning: it may name only some parts.
    """
    findings = []
    whole = Values(metrics).metric("disclosed_items", "")
    if whole is None:
        return []
    for code in ("disclosed_by_subject", "disclosed_by_level"):
        parts = _run_after(whole, [m for m in metrics if m.code == code and exact(m)])
        if len(parts) < 2 or total_of(parts) == amount(whole):
            continue
        closed = total_of(parts) > amount(whole) or any("其他" in word for word in parts[-1].dimensions.values())
        findings.append(broken("N-PARTS", "error" if closed else "warning", "=", code, [whole], parts))
    return findings


def _run_after(whole: MetricValue, parts: Sequence[MetricValue]) -> list[MetricValue]:
    """The unbroken run of parts that begins soon behind the total; lists elsewhere divide something else."""
    run: list[MetricValue] = []
    for part in sorted(parts, key=lambda m: m.start):
        if part.start < whole.end:
            continue
        if part.start - (run[-1].end if run else whole.end) > (_LIST_GAP if run else _LIST_REACH):
            break
        run.append(part)
    return run
