"""Hanweb's XML of rows, `<datastore>`, as dataproxy and getMessage send it and column pages carry it, and the windows of rows asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from transforms.pages.answers import array_at, load_answer
from transforms.pages.contract import ListRequest, ListRow, NotThisLayout
from transforms.pages.paging import query_of, with_query

_START = re.compile(r"(?:\ufeff|\s){0,9}(?:<\?xml[^>]{0,99}>\s{0,9})?<(?:datastore|recordset|nextgroup)\b", re.IGNORECASE)
_RECORD = re.compile(r"<record(?:\s[^<>]{0,80})?>\s{0,9}<!\[CDATA\[((?:(?!<record\b).)*?)\]\]>\s{0,9}</record>", re.DOTALL | re.IGNORECASE)
_BARE = re.compile(r"<record(?:\s[^<>]{0,80})?>((?:(?!<record\b|<!\[CDATA).)*?)</record>", re.DOTALL | re.IGNORECASE)
_ROW = re.compile(r"<(?:li|tr|dl)\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"<totalrecord>\s{0,9}(?:<!\[CDATA\[\s{0,9})?(\d{1,9})|\btotalRecord[\"']?\s{0,3}[:=]\s{0,3}[\"']?(\d{1,9})", re.IGNORECASE
)
_NEXT_GROUP = re.compile(r"<nextgroup>\s{0,9}(?!\s|</nextgroup>)((?:(?!<nextgroup>).){1,3000}?)</nextgroup>", re.DOTALL | re.IGNORECASE)
_GROUP_LINK = re.compile(r"""\bhref\s{0,3}=\s{0,3}(["'])([^"'<>]{1,1000})\1""", re.IGNORECASE)
_STORE = re.compile(r"\bdataStore[\"']?\s{0,5}:\s{0,5}([A-Za-z_]\w{0,60})", re.IGNORECASE)
_LONGEST_ARRAY = 2_000_000
_PLAIN = re.compile(r"columnid=|startrecord=|unitid=", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;record(?:set)?&gt;", re.IGNORECASE)


def is_datastore(text: str) -> bool:
    """Whether a text is such XML and no page."""
    return _START.match(text) is not None


@dataclass(frozen=True, slots=True)
class Datastore:
    """What such XML holds."""

    rows: tuple[ListRow, ...]
    records: int
    """How many records came; a record that is no row counts too."""
    total: int | None
    encrypted: bool
    """Further groups are named by `<nextgroup>`, but neither by column nor by window: nobody can ask for them."""
    group: str | None = None
    """Where `<nextgroup>` leads, as printed, if anybody can ask for it."""


def read_datastore(text: str, read: Callable[[str], tuple[ListRow, ...]]) -> Datastore:
    """The rows of XML, or of a page that has it inside, as `read` finds them in the records' markup."""
    if _ESCAPED.search(text):
        text = unescape(text)
    found = _RECORD.findall(text) or [unescape(record) for record in _BARE.findall(text)] or _in_array(text)
    total = next((int(a or b) for a, b in _TOTAL.findall(text)), None)
    group = _NEXT_GROUP.search(text)
    encrypted = group is not None and _PLAIN.search(group[1]) is None
    named = _GROUP_LINK.search(group[1]) if group and not encrypted else None
    rows = read("<ul>" + "".join(r if _ROW.search(r) else f"<li>{r}</li>" for r in found) + "</ul>")
    return Datastore(rows, len(found), total, encrypted, unescape(named[2]) if named else None)


def _in_array(text: str) -> list[str]:
    """Records of an older jpage: an array of markup that the call names as its dataStore."""
    named = _STORE.search(text)
    start = re.search(rf"\b{named[1]}\s{{0,9}}=\s{{0,9}}(?=\[)", text) if named else None
    literal = array_at(text, start.end(), _LONGEST_ARRAY) if start else None
    try:
        records = load_answer(literal).value if literal else []
    except NotThisLayout:
        return []
    return [record for record in records if isinstance(record, str) and "<a" in record.lower()]


def window_of(request: ListRequest) -> int | None:
    """How many rows startrecord … endrecord ask for; None for a request that is no window."""
    start, end = _bounds(request)
    return end - start + 1 if 0 < start <= end else None


def next_window(request: ListRequest, rows: int, total: int | None = None) -> ListRequest | None:
    """The window behind the rows that came, as far as `total` reaches: a server that gives fewer than asked for skips none of them.

    Some servers obey only `page`, which the others ignore.
    """
    start, end = _bounds(request)
    if not 0 < start <= end:
        return None
    begin, page = start + (rows or end - start + 1), request.page + 1
    if total is not None and begin > total:
        return None
    url = with_query(request.url, startrecord=begin, endrecord=begin + end - start, page=page)
    return ListRequest(url=url, body=request.body, headers=request.headers, page=page)


def _bounds(request: ListRequest) -> tuple[int, int]:
    query = query_of(urlsplit(request.url).query)
    values = [query.get(name, "") for name in ("startrecord", "endrecord")]
    return (int(values[0]), int(values[1])) if all(re.fullmatch(r"[0-9]{1,9}", v) for v in values) else (0, 0)
