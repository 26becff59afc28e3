"""How many rows and pages a list page declares: createPageHTML in all its variants, other pagers' scripts, printed totals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\(([^()]{1,200})\)", re.IGNORECASE)
_PAGES = re.compile(r"\b(?:countPage|totalPages?|pageCount|(?:m_)?nPageCount)[\"']?\s{0,5}[:=]\s{0,5}[\"']?(\d{1,7})\b")
_RECORDS = re.compile(
    r"\b(?:(?:m_n)?recordCount|totalRecords?|totalCount|totalData|total_?num|totalResult|allRow)[\"']?\s{0,5}[:=]\s{0,5}[\"']?(\d{1,9})\b",
    re.IGNORECASE,
)
_BLANK = r"(?:\s|&nbsp;|&ensp;|&#160;){0,9}"
_TAG = rf"{_BLANK}(?:<[^<>]{{0,80}}>{_BLANK}){{0,3}}"
_RESULTS = "(?:相关)?(?:结果|信息|内容|记录)?约?"
_PRINTED_RECORDS = re.compile(
    rf"(?:共有?|总计|合计|总记录数?[:：]?|记录总数[:：]?|(?:找到|搜索到|检索到|查询到){_RESULTS})"
    rf"{_TAG}([\d,]{{1,11}}){_TAG}(?:条|篇|个?记录|项|个?结果)|(?:总记录数?|记录总数|总条数)[:：]?{_TAG}([\d,]{{1,11}})"
)
_PRINTED_BOTH = re.compile(rf"共{_TAG}[\d,]{{1,9}}{_TAG}页[,，、/\s]{{0,3}}{_TAG}([\d,]{{1,11}}){_TAG}条")
"""共5页72条."""
_PRINTED_PAGES = re.compile(rf"(?:[共分]有?|/){_TAG}([\d,]{{1,9}}){_TAG}页")
_OF = rf"{_TAG}(\d{{1,6}}){_TAG}/{_TAG}(\d{{1,6}})"
_POSITIONS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"共{_TAG}\d{{1,9}}{_TAG}条{_OF}(?!\d)",  # 博达: 共120条 1/12
        r"""p_t["']?\s{0,3}>\s{0,9}(\d{1,6})\s{0,3}/\s{0,3}(\d{1,6})\s{0,9}<""",  # 博达's other pager
        r"""index["']?\s{0,3}>\s{0,9}(\d{1,6})\s{0,3}/\s{0,3}(\d{1,6})\s{0,9}<""",  # 新点: <span id="index">1/12</span>
        rf"第{_OF}(?!\d)",
        rf"第{_TAG}(\d{{1,6}}){_TAG}页[,，/\s]{{0,5}}{_TAG}共{_TAG}(\d{{1,6}}){_TAG}页",
    )
)
_BEFORE_PAGES = re.compile(rf"(?<!\d){_OF}{_TAG}\Z")
_MOST_WORDS = 200


def read_position(html: str) -> tuple[int, int] | None:
    """(page, pages) where a pager prints which of its pages this is (2/12); None where none does."""
    for pattern in _POSITIONS:
        found = pattern.search(html)
        if found and 1 <= int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
    for word in islice(re.finditer("页", html), _MOST_WORDS):  # 2/12页: looked for from its end, as pages hold many numbers
        before = html[max(0, word.start() - 200) : word.start()]
        found = _BEFORE_PAGES.search(before) if "/" in before[-100:] else None
        if found and 1 <= int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
    return None


def read_pager(html: str, shown: int = 0) -> tuple[int | None, int | None]:
    """(declared rows, declared pages); None for what the page does not say. `shown` rows stand on this page."""
    called = _from_call(html)
    records, pages = (called.records, called.pages) if called else (None, None)
    if (
        called
        and called.behind
        and pages
        and pages > 1
        and records is not None
        and records <= max(shown, pages - 1, (pages - 1) * shown // 2)
    ):
        records = None  # a number behind the file's name that is smaller than the list counts the rows of a page
    if pages is None:
        pages = _first(html, _PAGES, _PRINTED_PAGES)
    if pages is None and (position := read_position(html)):
        pages = position[1]
    return records if records is not None else _first(html, _RECORDS, _PRINTED_RECORDS, _PRINTED_BOTH), pages


def current_page(html: str) -> int | None:
    """The number that createPageHTML gives to this page: from 0, in some templates from 1; None where it says nothing."""
    called = _from_call(html)
    return called.current if called else None


@dataclass(frozen=True, slots=True)
class _Call:
    pages: int
    current: int
    records: int | None
    behind: bool = False
    """The records stand behind the file's name, where other templates have the rows of a page."""


def _from_call(html: str) -> _Call | None:
    """createPageHTML(pages, current, "index", "html"[, records]); with one number more in front: (records, pages, current, …).

    Some templates put the pager's element id first. A call in a comment does not count.
    """
    for call in _CALL.finditer(html):
        line_start = html.rfind("\n", 0, call.start()) + 1
        if "//" in html[line_start : call.start()].replace("://", ""):
            continue
        arguments = [part.strip().strip("\"'") for part in call.group(1).split(",")]
        while arguments and not arguments[0].isdigit():
            arguments.pop(0)
        leading = []
        while arguments and arguments[0].isdigit():
            leading.append(int(arguments.pop(0)))
        trailing = [int(part) for part in arguments if part.isdigit()]
        if len(leading) >= 3:
            return _Call(leading[1], leading[2], leading[0])
        if len(leading) == 2:
            return _Call(leading[0], leading[1], max(trailing, default=None), behind=True)
    return None


def _first(html: str, *patterns: re.Pattern[str]) -> int | None:
    for pattern in patterns:
        found = pattern.search(html)
        said = next((group for group in found.groups() if group), "") if found else ""
        if said.strip(","):
            return int(said.replace(",", ""))
    return None


@dataclass(frozen=True, slots=True)
class ListModel:
    """What listModel({…}) of a TRS page says about the search behind it (cms-families.md section 5.1)."""

    channel: str | None
    where: str
    order: str
    size: int
    records: int | None


_MODEL = re.compile(r"\blistModel\s{0,5}\(")
_MODEL_LENGTH = 3000


def list_model(html: str) -> ListModel | None:
    """The search that a page's listModel call names; None for a page without one."""
    call = _MODEL.search(html)
    if call is None:
        return None
    text = html[call.end() : call.end() + _MODEL_LENGTH]

    def value(name: str) -> str | None:
        found = re.search(rf"""\b{name}[\"']?\s{{0,5}}:\s{{0,5}}(?:"([^"]{{0,200}})"|'([^']{{0,200}})'|([\w.]{{1,60}}))""", text)
        return next((group for group in found.groups() if group is not None), None) if found else None

    channel = value("channelid")
    if channel and not channel.isdigit():  # SiteInfo.searchId: a variable of the page
        name = channel.rpartition(".")[2]
        found = re.search(rf"""\b{re.escape(name)}[\"']?\s{{0,5}}[:=]\s{{0,5}}[\"']?(\d{{1,9}})""", html)
        channel = found[1] if found else None
    size, records = (re.fullmatch(r"[0-9]{1,9}", value(name) or "") for name in ("prepage", "recordCount"))
    return ListModel(
        channel=channel,
        where=value("classsql") or "",
        order=value("sortfield") or "-docorderpri,-docreltime",
        size=min(max(int(size[0]), 1), 100) if size else 15,
        records=int(records[0]) if records else None,
    )


_PAGE_ID = re.compile(r"\bvar\s{1,5}(?:page_?id|m_nRecordID)\s{0,5}=\s{0,5}[\"']?(\d{1,9})", re.IGNORECASE)
_NAMED_FILE = re.compile(r"[\"'/](index_\d{1,9})_(?:\d{1,5}\.(s?html?)|[\"'])")


def named_by_variables(html: str) -> tuple[str, str] | None:
    """(stem, extension) where `countPage` and a page id build the names: index_{pageId}_{n}.shtml (生态环境部)."""
    if "countPage" not in html:
        return None
    file, identifier = _NAMED_FILE.search(html), _PAGE_ID.search(html)
    extension = "shtml" if ".shtml" in html else "html"
    if file:
        return file[1], file[2] or extension
    return (f"index_{identifier[1]}", extension) if identifier else None
