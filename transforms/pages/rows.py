"""Rows of an HTML listing: links grouped by the block they stand in, each with its own date; lists are never zipped together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from transforms.pages.contract import ListRow
from transforms.pages.paging import followed
from transforms.pages.row_tables import outermost
from transforms.pages.stamps import row_day
from transforms.pages.titles import is_cut
from transforms.pages.tree import Element, Tree, squash, text_of, tidy

_ROWS = frozenset(("li", "tr", "dl"))
_PINNED = re.compile(r"[\[【(（]?\s?置\s?顶\s?[\]】)）]?")
_BULLET = re.compile(r"^[\s·•▪■◆●○>»\-–]{1,6}|^\d{1,3}[.、]\s")
_TRAILING_DATE = re.compile(r"[\s\[(（]{0,4}(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?[\s\])）]{0,4}$")
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[【（(]\s?(?:19|20)\d\d\s?[〕\]】）)]\s?第?\s?\d{1,5}\s?号")
_INDEX = re.compile(r"[0-9A-Z]{8,22}[/\-]\d{4}-\d{3,6}|[A-Z0-9\-]{6,20}/\d{4}-\d{3,6}")
_VALIDITY = {"有效": "in_force", "现行有效": "in_force", "失效": "expired", "已失效": "expired", "废止": "abolished", "已废止": "abolished"}
_ASIDE = re.compile(
    r"(?:^|[-_])(?:foot(?:er)?|nav|menu|crumbs?|header|weizhi|location|pager|pagination|friend\w{0,8})(?:$|[-_\d])", re.IGNORECASE
)
_SHORTEST = 4
_SCRIPT_ROW = re.compile(
    r"""\burls?(?:\[\w{1,9}\])?\s{0,5}=\s{0,5}(["'])(?P<url>[^"'<>\s]{1,500})\1(?:(?!\burls?\[).){0,400}?"""
    r"""\b(?:titles?|headers?)(?:\[\w{1,9}\])?\s{0,5}=\s{0,5}(["'])(?P<title>[^"'<>\n]{4,300})\3""",
    re.DOTALL,
)
_SCRIPT_NUMBER = re.compile(r"""\b(?:FILENUM|fileno|wenhao)\s{0,5}=\s{0,5}["']([^"'<>\n]{1,60})["']""", re.IGNORECASE)
_SCRIPT_URL = re.compile(r"""\burls?(?:\[\w{1,9}\])?\s{0,5}=\s{0,5}["']""")
_SCRIPT_DATE = re.compile(r"""["'\s>(\[](\d{4}[-./年]\d{1,2}[-./月]\d{1,2})""")


@dataclass(slots=True)
class Group:
    """Rows that stand in one block of the page."""

    rows: list[ListRow]
    dated: int = 0

    def weight(self) -> tuple[int, int]:
        """Dated rows count first, then rows with long titles."""
        return self.dated, sum(1 for row in self.rows if len(row.title) >= 10)


def find_groups(tree: Tree, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> list[Group]:
    """The page's blocks of rows, in page order."""
    links: dict[Element, list[Element]] = {}
    for link in tree.find("a"):
        if followed(link.get("href")):
            row = _row_of(link)
            if row is not None:
                links.setdefault(row, []).append(link)
    groups: dict[tuple[object, ...], Group] = {}
    for element, inner in links.items():
        read = _read_row(element, inner, urljoin, native_id)
        if read is not None:
            group = groups.setdefault(_block_key(element), Group([]))
            group.rows.append(read)
            group.dated += read.date is not None
    return list(groups.values())


def script_group(tree: Tree, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> Group | None:
    """Rows that a script writes or keeps one by one (var url = …; var title = …; urls[i] = …; headers[i] = …): each from its own block."""
    rows = []
    for script in tree.scripts:
        for found in _SCRIPT_ROW.finditer(script[:200_000]):
            url = _join(urljoin, found["url"])
            if url:
                following = _SCRIPT_URL.search(script, found.end())
                end = following.start() if following else len(script)
                behind = _SCRIPT_DATE.search(script, found.end(), min(end, found.end() + 400))
                number = _SCRIPT_NUMBER.search(script, found.end(), end)
                rows.append(
                    ListRow(
                        title=tidy(found["title"]),
                        url=url,
                        date=row_day(behind.group(1) if behind else "", url),
                        native_id=_native(url, native_id),
                        doc_number=number[1] if number and _NUMBER.fullmatch(squash(number[1])) else None,
                    )
                )
    return Group(rows, sum(row.date is not None for row in rows)) if rows else None


def _row_of(link: Element) -> Element | None:
    """The element that is this link's row: the nearest list item or table row, else the widest element with no other link."""
    row = None
    for up in islice(link.iterancestors(), 8):
        if up.tag in _ROWS:
            return None if _is_aside(up) else up
        if up.tag in ("ul", "ol", "tbody", "table", "body", "form", "nav", "footer", "header"):
            break
        if sum(1 for _ in islice(up.iter("a"), 3)) <= 2:
            row = up
        else:
            break
    return None if row is None or _is_aside(row) else row


def _is_aside(element: Element) -> bool:
    for depth, up in enumerate((element, *element.iterancestors())):
        if depth > 4 or up.tag in ("body", "html"):
            return False
        if up.tag in ("nav", "footer") or any(_ASIDE.search(name) for name in f"{up.get('class') or ''} {up.get('id') or ''}".split()):
            return True
    return False


def _block_key(row: Element) -> tuple[object, ...]:
    """Rows are one block where they share a parent, or where their parents are twins (one ul for every five rows)."""
    row = outermost(row)
    parent = row.getparent()
    if parent is None:
        return (row,)
    grand = parent.getparent()
    style = (parent.get("style") or "").replace(" ", "")
    if grand is None or not parent.get("class") or "display:none" in style:  # a hidden list is another tab
        return (parent, row.tag)
    return (grand, parent.tag, parent.get("class"), style, row.tag)


def _read_row(element: Element, links: list[Element], urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> ListRow | None:
    named = [(link, _title(link)) for link in links]
    link, title = max(named, key=lambda item: len(item[1]))
    url = _join(urljoin, (link.get("href") or "").strip())
    if len(title) < _SHORTEST or url is None:
        return None
    around = _around(element, link)
    cells = [text_of(cell) for cell in element.iter("td", "span", "p", "i", "em", "b")]
    number = next((cell for cell in cells if _NUMBER.fullmatch(squash(cell))), None)
    index = link.get("syh") or next((cell for cell in cells if _INDEX.fullmatch(cell)), None)
    number = number or tidy(link.get("wh") or "") or None
    return ListRow(
        title=title,
        url=url,
        date=row_day(link.get("rq") or around, url),
        native_id=_native(url, native_id),
        doc_number=number,
        index_number=index,
        validity=next((_VALIDITY[cell] for cell in cells if cell in _VALIDITY), None),
        pinned=bool(_PINNED.search(around)) or any("置顶" in (img.get("alt") or "") for img in element.iter("img")),
    )


def _around(row: Element, link: Element) -> str:
    """The row's text outside the link, and a date that closes the link's text: dates inside a title date something else."""
    in_link = set(link.iter("*"))
    parts = []
    for element in row.iter("*"):
        parts += [None if element in in_link else element.text, element.tail if element is link or element not in in_link else None]
    date_in_link = _TRAILING_DATE.search(text_of(link))
    return " ".join([*(tidy(part) for part in parts if part), date_in_link.group() if date_in_link else ""])


def _title(link: Element) -> str:
    """The link's full title: its title= where that continues a cut text, else its text without bullets and a date."""
    text = text_of(link)
    text = _PINNED.sub("", _TRAILING_DATE.sub("", _BULLET.sub("", text))).strip() if text else ""
    said = tidy(link.get("title") or link.get("mc") or "")  # mc, syh, rq: Hanweb's own attributes
    if not said:
        return text
    start = squash(re.sub(r"(?:…|\.{2,}).*$", "", text))
    if not text or (squash(said).startswith(start[:20]) and (is_cut(text) or len(said) > len(text))):
        return said
    if squash(text).startswith(squash(said)) and any(squash(text_of(part)) == squash(said) for part in islice(link.iter("*"), 1, 40)):
        return said  # the title has a part of the link for itself; what follows is the name of another notice (解读)
    return text


def _join(urljoin: Callable[[str], str], href: str) -> str | None:
    try:
        url = urljoin(href)
        parts = urlsplit(url)
        bool(parts.port)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https", "") else None


def _native(url: str, native_id: re.Pattern[str] | None) -> str | None:
    found = native_id.search(url) if native_id else None
    return found.group(1) if found else None
