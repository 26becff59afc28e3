"""Rows of an HTML listing: links grouped by the block they stand in, each with its own date; lists are never zipped together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from transforms.pages.contract import ListRow
from transforms.pages.paging import followed
from transforms.pages.row_marks import DOC_NUMBER, VALIDITY
from transforms.pages.row_title import PINNED, days_of, title_of
from transforms.pages.stamps import row_day
from transforms.pages.tree import Element, Tree, squash, text_of, tidy

_ROWS = frozenset(("li", "tr", "dl"))
_NUMBER_LABEL = re.compile(r"^(?:发文字号|发文号|文\s?号|文件编号)\s?[:：]\s?")
_INDEX = re.compile(r"[0-9A-Z]{8,22}[/\-]\d{4}-\d{3,6}|[A-Z0-9\-]{6,20}/\d{4}-\d{3,6}")
_ASIDE = re.compile(
    r"(?:^|[-_])(?:foot(?:er)?|nav(?![-_](?:list|con))|menu|crumbs?|header|weizhi|location|pager|pagination|friend\w{0,8})(?:$|[-_\d])",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"(?:^|[-_])(?:aside|side(?:bar)?|hot|rank(?:ing)?|paihang|phb|recommend|tuijian|related)(?:$|[-_\d])", re.IGNORECASE)
"""Blocks that show other columns' notices: they lose against dated rows elsewhere on the page."""
_ABOUT = re.compile(r"解读|图解|一图读懂")
_DATED = re.compile(r"(?:19|20)\d\d\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d")
_SHORTEST = 4
_LONG = 10
_SCRIPT_ROW = re.compile(
    r"""\burl\s{0,5}=\s{0,5}(["'])(?P<url>[^"'<>\s]{1,500})\1.{0,400}?\btitle\s{0,5}=\s{0,5}(["'])(?P<title>[^"'<>\n]{4,300})\3""",
    re.DOTALL,
)
_SCRIPT_NUMBER = re.compile(r"""\b(?:FILENUM|fileno|wenhao)\s{0,5}=\s{0,5}["']([^"'<>\n]{1,60})["']""", re.IGNORECASE)
_SCRIPT_URL = re.compile(r"""\burl\s{0,5}=\s{0,5}["']""")
_SCRIPT_DATE = re.compile(r"""["'\s>(\[](\d{4}[-./年]\d{1,2}[-./月]\d{1,2})""")


@dataclass(slots=True)
class Group:
    """Rows that stand in one block of the page."""

    rows: list[ListRow]
    dated: int = 0
    beside: bool = False

    def weight(self) -> tuple[bool, int, int]:
        """Dated rows in the page's middle go first, then dated rows, then rows with long titles."""
        return self.dated > 0 and not self.beside, self.dated, sum(1 for row in self.rows if len(row.title) >= _LONG)


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
            key = _block_key(element)
            if (group := groups.get(key)) is None:
                group = groups[key] = Group([], beside=_is_named(element, _BESIDE, ("aside",)))
            group.rows.append(read)
            group.dated += read.date is not None
    return list(groups.values())


def script_group(tree: Tree, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> Group | None:
    """Rows that a script writes one by one (var url = …; var title = …; document.write): each read from its own block."""
    rows = []
    for script in tree.scripts:
        for found in _SCRIPT_ROW.finditer(script[:200_000]):
            url = _join(urljoin, found["url"])
            if url:
                behind = _SCRIPT_DATE.search(script, found.end(), found.end() + 400)
                following = _SCRIPT_URL.search(script, found.end())
                number = _SCRIPT_NUMBER.search(script, found.end(), following.start() if following else len(script))
                rows.append(
                    ListRow(
                        title=tidy(found["title"]),
                        url=url,
                        date=row_day(behind.group(1) if behind else "", url),
                        native_id=_native(url, native_id),
                        doc_number=number[1] if number and DOC_NUMBER.fullmatch(squash(number[1])) else None,
                    )
                )
    return Group(rows, sum(row.date is not None for row in rows)) if rows else None


def _row_of(link: Element) -> Element | None:
    """The element that is this link's row: the nearest list item or table row, else the widest element with no other link."""
    row = None
    for up in islice(link.iterancestors(), 8):
        if up.tag in ("dd", "dt") and _has_other_links(up.getparent(), up):
            return None if _is_aside(up) else up
        if up.tag in _ROWS:
            whole = _row_of_items(up)
            return None if _is_aside(whole) else whole
        if up.tag in ("ul", "ol", "tbody", "table", "body", "form", "nav", "footer", "header"):
            break
        if sum(1 for _ in islice(up.iter("a"), 3)) <= 2:
            row = up
        else:
            break
    if row is None and (len(link) or link.tail) and (days_of(link) or _DATED.search((link.tail or "")[:40])):
        row = link  # nothing but links with their days behind or inside them
    return None if row is None or _is_aside(row) else row


def _row_of_items(item: Element) -> Element:
    """The list around an item that alone in it has links, where the items beside it hold words: each row is a list of its cells."""
    around = item.getparent()
    if item.tag != "li" or around is None or _has_other_links(around, item):
        return item
    if not any(other is not item and text_of(other) for other in islice(around.iterchildren("li"), 12)):
        return item
    while (up := around.getparent()) is not None and up.tag == "div" and len(up) == 1:
        around = up
    return around


def _has_other_links(around: Element | None, item: Element) -> bool:
    within = sum(1 for _ in item.iter("a"))
    return around is not None and sum(1 for _ in islice(around.iter("a"), within + 1)) > within


def _is_aside(element: Element) -> bool:
    return _is_named(element, _ASIDE, ("nav", "footer"))


def _is_named(element: Element, name: re.Pattern[str], tags: tuple[str, ...]) -> bool:
    """Whether the element or one closely around it has such a class, id or tag."""
    for depth, up in enumerate((element, *element.iterancestors())):
        if depth > 4 or up.tag in ("body", "html"):
            return False
        if up.tag in tags or any(map(name.search, f"{up.get('class') or ''} {up.get('id') or ''}".split())):
            return True
    return False


def _block_key(row: Element) -> tuple[object, ...]:
    """Rows are one block where they share a parent, or where their parents are twins (one ul for every five rows)."""
    parent = row.getparent()
    if parent is None:
        return (row,)
    grand = parent.getparent()
    style = (parent.get("style") or "").replace(" ", "")
    if grand is None or not parent.get("class") or "display:none" in style:  # a hidden list is another tab
        return (parent, row.tag)
    return (grand, parent.tag, parent.get("class"), style, row.tag)


def _read_row(element: Element, links: list[Element], urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> ListRow | None:
    named = [(link, title_of(link)) for link in links]
    notices = [item for item in named if len(item[1]) >= _LONG and not _ABOUT.search(item[1])]
    link, title = max(notices or named, key=lambda item: len(item[1]))  # not the category before it, nor what explains it
    url = _join(urljoin, (link.get("href") or "").strip())
    if len(title) < _SHORTEST or url is None:
        return None
    around = _around(element, link)
    in_link = set(link.iter("*"))
    cells = [text_of(cell) for cell in element.iter("td", "span", "p", "i", "em", "b", "li", "dd", "div") if cell not in in_link]
    numbers = (_NUMBER_LABEL.sub("", cell) for cell in cells if len(cell) < 60)
    number = next((cell for cell in numbers if DOC_NUMBER.fullmatch(squash(cell))), None)
    index = link.get("syh") or next((cell for cell in cells if _INDEX.fullmatch(cell)), None)
    return ListRow(
        title=title,
        url=url,
        date=row_day(link.get("rq") or _headed(element) or around, url),
        native_id=_native(url, native_id),
        doc_number=number,
        index_number=index,
        validity=next((VALIDITY[cell] for cell in cells if cell in VALIDITY), None),
        pinned=bool(PINNED.search(around)) or any("置顶" in (img.get("alt") or "") for img in element.iter("img")),
    )


def _headed(row: Element) -> str | None:
    """A table row's dated cells with the words of the table's head before them, where it has several."""
    cells = [text_of(cell) for cell in row.iterchildren("td", "th")] if row.tag == "tr" else []
    if sum(_DATED.search(cell) is not None for cell in cells) < 2:
        return None
    table = next(row.iterancestors("table"), None)
    head = next(table.iter("tr"), None) if table is not None else None
    heads = [text_of(cell) for cell in head.iterchildren("td", "th")] if head is not None and head is not row else []
    if len(heads) != len(cells) or not any("日期" in words or "时间" in words for words in heads):
        return None
    return " ".join(f"{words}：{cell}" for words, cell in zip(heads, cells, strict=True) if "日期" in words or "时间" in words)


def _around(row: Element, link: Element) -> str:
    """The row's text outside the link, and the days inside it that are no part of the title: a day in a title dates something else."""
    in_link = set(link.iter("*"))
    parts = []
    for element in row.iter("*"):
        parts += [None if element in in_link else element.text, element.tail if element is link or element not in in_link else None]
    behind = row.getnext() if row.tag == "dt" else None
    following = text_of(behind) if behind is not None and behind.tag == "dd" else ""
    return " ".join([*(tidy(part) for part in parts if part), following, days_of(link)])


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
