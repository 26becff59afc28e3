"""What a page or attachment contains once parsed: the fixed shape of `gongkai parse` (design.md section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Genre = Literal["work_plan", "annual_report", "website_table", "interpretation", "regulation", "announcement", "other"]
"""`website_table`: the yearly table of a government website (政府网站工作年度报表)."""
READ_GENRES: tuple[Genre, ...] = ("work_plan", "annual_report", "website_table")
"""Genres with a reader of their own and a year; an attachment takes them from its notice where its own title says nothing."""
Mode = Literal["lead", "joint", "each", "by_duty", "unspecified"]
DeadlineType = Literal["date", "month", "month_end", "month_mid", "open_start", "rolling", "conditional", "recurring", "relative", "none"]
Recurrence = Literal["daily", "weekly", "monthly", "quarterly", "per_term", "semiannual", "annual", "realtime"]
"""`per_term`: every school term (每学期)."""
ValueState = Literal["number", "zero_printed", "zero_phrase", "blank", "na_mark", "text", "unreadable", "absent"]
Scope = Literal["organ", "office_for_government", "jurisdiction", "departments", "counties", "townships", "site"]
"""`site`: of a whole website, which the dimensions name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentLink:
    """An attachment (附件) as the page names it; `url` is absolute where the page's own address was known; empty where only printed."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskUnit:
    """A body that must do a task, or help. `body_text[start:end]` is `printed`, perhaps in a cell or note outside the task's text."""

    name: str
    """As resolved: with the prefix that its list shares (市物价局、财政局 → 市财政局)."""
    printed: str
    role: Literal["lead", "support"]
    agency: str | None = None
    """Id in agencies.yaml of the body or collective; None for a name it does not know."""
    open_ended: bool = False
    """True where 等部门 follows this unit."""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskDeadline:
    """A time limit of a task. `body_text[start:end]` is `raw`, perhaps in a cell or note outside the task's text."""

    raw: str
    type: DeadlineType
    due_date: date | None = None
    start_date: date | None = None
    recurrence: Recurrence | None = None
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanTask:
    """One unit of promised work in a plan (任务). `body_text[start:end]` is `text`."""

    seq: int
    path: list[str]
    """Outline numbers as printed without punctuation, outermost first: 二 / (一) / 1."""
    section_titles: list[str]
    text: str
    lead_units: list[str] = field(default_factory=list)
    support_units: list[str] = field(default_factory=list)
    responsibility_mode: Mode = "unspecified"
    open_ended: bool = False
    """True where the unit list closes with 等部门."""
    deadline_raw: str | None = None
    deadline_type: DeadlineType = "none"
    due_date: date | None = None
    start_date: date | None = None
    recurrence: Recurrence | None = None
    units: list[TaskUnit] = field(default_factory=list)
    """Those of `lead_units`, then of `support_units`, each with its place."""
    deadlines: list[TaskDeadline] = field(default_factory=list)
    """Every limit of the task in the order of the text; the `deadline_…` fields hold the one that stands for the task."""
    uncertain: bool = False
    """True where the text cannot decide the reading (a cell of a flattened table, say)."""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricValue:
    """One number of an annual report or website table (指标) with its meaning, state and evidence."""

    code: str
    label: str
    value: Decimal | None
    unit: str | None
    state: ValueState
    qualifier: str | None = None
    """gt | lt | approx | all | recovered (split by arithmetic from digits run together); None for an exact printed value."""
    dimensions: dict[str, str] = field(default_factory=dict)
    scope: Scope | None = None
    era: str | None = None
    raw: str = ""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A reference to another document by number (发文字号) or 《title》."""

    title: str | None
    doc_number: str | None
    issuer_level: Literal["central", "province", "city", "county", "unknown"] = "unknown"
    role: Literal["basis", "self", "attachment", "mention"] = "mention"
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """A duty with a time limit (时限义务): within 20 working days, by 31 January."""

    raw: str
    trigger: str | None
    direction: Literal["after", "before", "on", "by"] | None
    amount: int | None
    unit: Literal["working_day", "day", "week", "month", "hour", "year"] | None
    due_date: date | None
    counts_from: Literal["written", "published"] | None = None
    """The document's own day that the count begins with: formation (成文日期) or publication (发布日期); None where it is another event."""
    due_unknown: str | None = None
    """Why such a count gives no due date."""
    subject_units: list[str] = field(default_factory=list)
    action: str | None = None
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterMember:
    """A member of a leading group (领导小组成员)."""

    name: str
    role: Literal["组长", "副组长", "成员"]
    post: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something wrong or suspicious in the source (问题); the text itself is never touched."""

    rule: str
    """Stable id, for example T3-BAL (annual-reports.md section 3) or P-COUNT (a plan's own declared count)."""
    severity: Literal["error", "warning", "info"]
    message: str
    expected: str | None = None
    actual: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, kw_only=True)
class ParsedDocument:
    """The one JSON object of `gongkai parse`. Field order is the order printed."""

    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    index_number: str | None = None
    written_date: date | None = None
    published_at: str | None = None
    """ISO 8601 with zone where a time was printed, else the date alone."""
    source: str | None = None
    addressed_to: list[str] = field(default_factory=list)
    disclosure_note: str | None = None
    subject_words: str | None = None
    cc: list[str] = field(default_factory=list)
    genre: Genre = "other"
    plan_year: int | None = None
    report_year: int | None = None
    format_detected: str | None = None
    """Annual reports: era of the form (N, S, P, A, B); website tables: W."""
    region: str | None = None
    script: Literal["hans", "hant"] = "hans"
    attachments: list[AttachmentLink] = field(default_factory=list)
    body_text: str = ""
    tasks: list[PlanTask] = field(default_factory=list)
    metrics: list[MetricValue] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    roster: list[RosterMember] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def to_json(value: Any) -> Any:
    """`json.dumps(default=…)` for the types above: dates as ISO, Decimals as int or float."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
