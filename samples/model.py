"""The town's content as data: models of `content/**/*.yaml`, read strictly so that a typing mistake names its file.

A notice's body is a list of parts. A string is text, one paragraph a line. Parts that carry truth (`clause`, `plan_table`, `form_a` …)
are printed *from* that truth, so page and truth cannot drift; figures inside prose are labelled by hand under `metrics`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from gongkai.errors import RegistryError
from gongkai.records.document import DeadlineType, Genre, Mode, Recurrence
from gongkai.registry import Portal, load_registry
from gongkai.settings import PROJECT
from gongkai.status import RunStatus

CONTENT = Path(__file__).resolve().parent / "content"
REGISTRY = PROJECT / "portals" / "sample.yaml"
CHINA = timezone(timedelta(hours=8))
_T = TypeVar("_T")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Deadline(Strict):
    """When; the conventions are those of the hand labels (a month means its last day, 中旬 the 20th)."""

    raw: str | None = None
    type: DeadlineType = "none"
    due: date | None = None
    start: date | None = None
    recurrence: Recurrence | None = None


class Duty(Strict):
    """Who does what until when: the truth about one plan task."""

    text: str
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    mode: Mode = "unspecified"
    deadline: Deadline = Deadline()
    promise: Literal["kept", "late", "broken"] | None = None
    """What became of it, as the portal's notices show; `late`: kept after its day. None: nothing is planted, so nothing may be found."""
    kept_by: tuple[int, ...] = ()
    """Ids of the notices that show it, also of a promise that was broken in part (two quarters of four)."""


class Clause(Duty):
    """A numbered clause, printed as label, text and what closes it: `after` is the responsibility parenthesis."""

    label: str
    after: str = ""


class Heading(Strict):
    """An outline heading such as 一、加强组织领导."""

    label: str
    title: str


class TableRow(Duty):
    """A row of a responsibility table. `same` prints 同上, `merge` lets the cell above reach down into this row."""

    label: str = ""
    same: frozenset[Literal["lead", "support", "deadline"]] = frozenset()
    merge: frozenset[Literal["lead", "support", "deadline"]] = frozenset()


class TableItem(Strict):
    """A numbered item; with `title` it owns several rows under one merged cell."""

    number: str
    title: str | None = None
    rows: tuple[TableRow, ...] = Field(min_length=1)


class PlanTable(Strict):
    """责任分解表. `heads` names the columns: number, item (only with titles), duty, lead, support, deadline."""

    caption: str | None = None
    heads: tuple[str, ...]
    items: tuple[TableItem, ...] = Field(min_length=1)


class Form(Strict):
    """Figures of a standard table, keyed as forms.py wants them; `printed` replaces cells to plant a contradiction."""

    values: dict[str, tuple[Decimal, ...] | Decimal]
    printed: dict[str, tuple[Decimal, ...] | Decimal] = Field(default_factory=dict)


class WebsiteTable(Strict):
    """The yearly table of a website; `values` by metric code as printed ("" and "/" too)."""

    year: int
    home: str
    site_code: str
    values: dict[str, str]


class PlainTable(Strict):
    """Any other table: the first row is its head."""

    rows: tuple[tuple[str, ...], ...] = Field(min_length=1)


class Part(Strict):
    """One part of a body; exactly one key is used."""

    title: str | None = None
    sign: tuple[str, ...] | None = None
    heading: Heading | None = None
    clause: Clause | None = None
    plan_table: PlanTable | None = None
    table: PlainTable | None = None
    form_a: Form | None = None
    form_b: Form | None = None
    form_s: Form | None = None
    website_table: WebsiteTable | None = None
    lines: str | None = None


Body = tuple[str | Part, ...]


class Enclosure(Strict):
    """An attachment (附件) that the town makes at its start."""

    name: str
    format: Literal["docx", "xlsx", "pdf"]
    body: Body = ()


class Figure(Strict):
    """The truth about one number of a report."""

    code: str
    value: Decimal | None
    unit: str | None = None
    state: Literal["number", "zero_printed", "zero_phrase", "blank", "na_mark", "text"] = "number"
    dimensions: dict[str, str] = Field(default_factory=dict)


class NoticeContent(Strict):
    """One notice as the town publishes it, with the truth about it."""

    id: int
    section: str
    title: str
    genre: Genre
    issuer: str
    written: date
    published: datetime
    doc_number: str | None = None
    index_number: str | None = None
    theme: str = "综合政务"
    validity: Literal["in_force", "expired", "abolished"] | None = None
    pinned: bool = False
    year: int | None = None
    """Plan or report year."""
    body: Body
    attachments: tuple[Enclosure, ...] = ()
    metrics: tuple[Figure, ...] = ()
    findings: tuple[str, ...] = ()
    """Rule ids (annual-reports.md section 3) that this document breaks, on purpose."""
    accepted_findings: tuple[str, ...] = ()
    """Rules that may or may not be raised here: the conventions leave it open."""
    leaked: tuple[str, ...] = ()
    """Numbers of persons that the page prints by mistake (all made up): found and told of, and nowhere in what is published."""
    fault: Literal["error_500", "hang", "soft_404"] | None = None
    """Such a notice is listed but cannot be read, so no warehouse may hold it."""
    unlisted: bool = False
    """No list has it; its address answers."""
    withdrawn: Literal["http_404", "soft_404", "delisted"] | None = None
    """In the town as it is later no list has it, and this is what its address says (`later`)."""
    redated: datetime | None = None
    """In the town as it is later page and list print this as the time of publication; the text stays."""
    backdated: bool = False
    """Only the town as it is later has it, as if it had been there since `published`."""

    @field_validator("published", "redated")
    @classmethod
    def _in_china(cls, value: datetime | None) -> datetime | None:
        return value and value.replace(tzinfo=CHINA)


class Outbound(Strict):
    """A list row that leads to another host (WeChat, a news site): kept as a reference, never a notice."""

    section: str
    title: str
    url: str
    published: date


class Series(Strict):
    """Numbers of one office and year, of which the portal publishes only some."""

    kind: Literal["document_number", "index_number"] = "document_number"
    mark: str
    year: int
    issued: int
    """How many there are in truth."""
    hidden: tuple[int, ...] = ()
    """Those below the largest published one that are not there, where a whole night can tell; none where it cannot."""


class Declared(Strict):
    """A figure that a report or website table declares, beside what of the town's own pages a whole night holds."""

    year: int
    code: str
    declared: int
    found: int
    state: Literal["fits", "more_seen", "fewer_seen", "not_comparable"]


class Style(Strict):
    """How this portal's templates differ from its family's others."""

    page_size: int = 15
    body: Literal["config", "article"] = "config"
    row: Literal["plain", "bracket", "chinese", "month_day", "dl"] = "plain"
    paging: Literal["pages", "records"] = "pages"
    extension: Literal["html", "shtml", "htm"] = "html"
    cut: int | None = None
    """List titles longer than this are cut off with an ellipsis."""
    title_attribute: bool = True
    header: Literal["table", "strong", "line"] = "table"
    meta_date: Literal["minute", "second", "chinese"] = "minute"
    meta_whole: bool = False
    """Every META tag that 国办发〔2017〕47号 wants, on every page; the town's other templates leave some out."""
    encoding: Literal["utf-8", "gbk"] = "utf-8"
    declared_encoding: str = "utf-8"


class Faults(Strict):
    """What is wrong with the whole portal."""

    challenge: bool = False
    """Every page answers 412 with a script that wants a cookie."""
    down: bool = False
    """Nobody listens at the portal's address."""
    redesigned: bool = False
    """Lists are drawn by a script; the family's markup is gone."""
    other_site: tuple[str, str] | None = None
    """(SiteIDCode, SiteName) of another body that answers here."""
    declares_more: int = 0
    """Rows that the list's declared total has and the list has not."""


class Expected(Strict):
    """The status a correct night ends with, and why."""

    status: RunStatus
    reason: str


class Judged(Strict):
    """What a correct night says of a rule (gongkai/data/rules.yaml). What depends on the day of the night: samples/scored/verdicts.py."""

    rule: str
    subject: str | int | None = None
    """A section's name, a year, or a notice's `id`; None: the portal itself."""
    verdict: Literal["pass", "fail", "uncertain", "not_assessable"]
    says: str = ""
    """Words that its reason holds."""


class HomeLink(Strict):
    """A link that the home page has beside those of its columns, and what its address answers."""

    name: str
    path: str
    answer: Literal["page", "http_404", "http_410"] = "page"


class PortalContent(Strict):
    """Everything about one portal that its registry entry does not say."""

    id: str
    dialect: str | None = None
    """Which variant of its family the portal speaks (a key of samples.dialects.DIALECTS); None: the family's first one."""
    style: Style = Style()
    faults: Faults = Faults()
    disallow: tuple[str, ...] = ()
    """robots.txt."""
    expected: Expected
    notices: tuple[NoticeContent, ...] = ()
    backdated: tuple[NoticeContent, ...] = ()
    """Put online afterwards, each under a day of long ago."""
    outbound: tuple[Outbound, ...] = ()
    home_links: tuple[HomeLink, ...] = ()
    """Of families whose dialect prints them (trs_wcm)."""
    verdicts: tuple[Judged, ...] = ()
    external_column: str | None = None
    """Name of a column that only jumps to another host (gkmlpt)."""
    series: tuple[Series, ...] = ()
    declared: tuple[Declared, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it is another portal in the town as it is later."""
        return bool(self.backdated) or any(n.withdrawn or n.redated for n in self.notices)

    def later(self) -> PortalContent:
        """The portal after it took its `withdrawn` notices down and forged the days of others."""
        faults: dict[str, dict[str, Any]] = {"soft_404": {"unlisted": True, "fault": "soft_404"}, "delisted": {"unlisted": True}}
        standing = (n for n in (*self.notices, *self.backdated) if n.withdrawn != "http_404")
        notices = tuple(n.model_copy(update={"published": n.redated or n.published} | faults.get(n.withdrawn or "", {})) for n in standing)
        return self.model_copy(update={"notices": notices, "backdated": ()})

    def readable(self) -> tuple[NoticeContent, ...]:
        """Notices that a correct night loads."""
        lost = self.faults.challenge or self.faults.down or self.faults.redesigned or self.faults.other_site or "/" in self.disallow
        return () if lost else tuple(n for n in self.notices if not n.fault)


class _Loader(yaml.CSafeLoader):
    """YAML without its guesses at numbers like 012 and without float: figures stay exact."""


def _exact(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  _Loader is a SafeLoader
    except yaml.YAMLError as error:
        raise RegistryError(str(path), None, f"not YAML: {error}") from error


def _validate(adapter: TypeAdapter[_T], value: Any, path: Path) -> _T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(str(path), None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


@cache
def load_content(folder: Path = CONTENT) -> tuple[PortalContent, ...]:
    """Portals in the order of `town.yaml`, each with the notices of its folder's files.

    Raises:
        RegistryError: a file is not YAML, has an unknown key or a bad value, or two notices of a portal share an id.
    """
    town = folder / "town.yaml"
    portals = []
    for entry in _read(town)["portals"]:
        notices: list[NoticeContent] = []
        for file in sorted((folder / entry["id"]).glob("*.yaml")):
            notices += _validate(TypeAdapter(list[NoticeContent]), _read(file), file)
        ids = [n.id for n in notices]
        if len(set(ids)) != len(ids):
            raise RegistryError(str(folder / entry["id"]), None, "two notices share an id")
        of_time = {"notices": [n for n in notices if not n.backdated], "backdated": [n for n in notices if n.backdated]}
        portals.append(_validate(TypeAdapter(PortalContent), entry | of_time, town))
    return tuple(portals)


def sample_registry() -> dict[str, Portal]:
    """The town's portals as the crawler's registry has them."""
    return load_registry(REGISTRY)
