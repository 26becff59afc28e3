"""Rows of an HTML listing: links grouped by the block they stand in, each with its own date; lists are never zipped together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from transforms.pages.contract import ListRow
from transforms.pages.opened_link import opened
from transforms.pages.paging import followed
from transforms.pages.row_marks import DAY, DOC_NUMBER, IN_BRACKETS, INDEX_NUMBER, NUMBER_LABEL, VALIDITY
from transforms.pages.row_tables import outermost
from transforms.pages.row_title import PINNED, days_of, is_day, title_of, whole_title
from transforms.pages.stamps import row_day, url_day
from transforms.pages.tree import Element, Tree, squash, text_of, tidy

_ROWS = frozenset(("li", "tr", "dl"))
_BOXES = frozenset(("ul", "ol", "tbody", "table", "body", "form", "nav", "footer", "header"))
_ASIDE = re.compile(
    r"(?:^|[-_])(?:foot(?:er)?|nav(?![-_](?:list|con))|menu|crumbs?|header|weizhi|location|pager|pagination|friend\w{0,8})\d{0,3}(?:$|[-_])",
    re.IGNORECASE,
)
_SIDE = re.compile(r"(?:^|[-_])(?:aside|side(?:bar)?|hot|rank(?:ing)?|paihang|phb|recommend|tuijian|related)(?:$|[-_\d])", re.IGNORECASE)
"""Blocks that show other columns' notices: they lose against dated rows elsewhere on the page."""
_ABOUT = re.compile(r"解读|图解|一图读懂")
_SHORTEST = 4
_LINE = 8
"""Characters of a link that is a row of its own rather than the name of a column beside one."""
_LONG = 10
"""Characters of a title that is hardly anything else."""
_CELLS = ("td", "dd", "li", "span", "p", "i", "em", "b", "div", "strong", "font")
_MOST_CELLS = 200
_MOST_IN_CELL = 8
_LONGEST_NUMBER = 60
_BESIDE = 40
_ASKS = re.compile(r"[\[【(（]?(?:更多|详情|详细|查看|下载|阅读|全文|more)[\]】)）]?(?:>>|»)?", re.IGNORECASE)
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
    printed: int = 0
    """Rows that print their date; of the others it is known from the address alone, which a block of favourites beside the list has too."""

    beside: bool = False

    def weight(self) -> tuple[bool, int, int]:
        """Dated rows in the page's middle go first, then dated rows (printed dates three times), then rows with long titles."""
        long = sum(1 for row in self.rows if len(row.title) >= _LONG)
        return self.dated > 0 and not self.beside, self.dated + 2 * self.printed, long


class _Around:
    """What was found of elements around rows, each looked at once: a page can hold thousands of rows in one of them."""

    def __init__(self) -> None:
        self._boxes: dict[Element, bool] = {}
        self._lonely: dict[Element, bool] = {}
        self._heads: dict[Element, list[str]] = {}
        self._dated: dict[Element, bool] = {}

    def is_box(self, element: Element) -> bool:
        """Whether an element holds several rows."""
        if element not in self._boxes:
            self._boxes[element] = element.tag in _BOXES or _holds_rows(element)
        return self._boxes[element]

    def is_row_of_items(self, element: Element) -> bool:
        """Whether one item of a list has all its links, and others hold words: the list is a row of cells."""
        if element not in self._lonely:
            linked = sum(1 for _ in islice((e for e in element if next(e.iter("a"), None) is not None), 2))
            items = islice(element.iterchildren("li"), 12)
            self._lonely[element] = linked == 1 and any(next(e.iter("a"), None) is None and text_of(e) for e in items)
        return self._lonely[element]

    def heads(self, table: Element) -> list[str]:
        """The words of a table's first row."""
        if table not in self._heads:
            head = next(table.iter("tr"), None)
            self._heads[table] = [text_of(cell) for cell in head.iterchildren("td", "th")] if head is not None else []
        return self._heads[table]

    def begins_with_day(self, block: Element) -> bool:
        """Whether a day stands before everything else in a block."""
        if block not in self._dated:
            first = next(iter(block), None)
            self._dated[block] = bool(DAY.search(tidy(block.text or ""))) or (first is not None and is_day(text_of(first)))
        return self._dated[block]


def find_groups(tree: Tree, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> list[Group]:
    """The page's blocks of rows, in page order."""
    links: dict[Element, list[Element]] = {}
    around = _Around()
    for link in tree.find("a"):
        if _href(link):
            row = _row_of(link, around)
            if row is not None:
                links.setdefault(row, []).append(link)
    groups: dict[tuple[object, ...], Group] = {}
    blocks: dict[tuple[object, ...], tuple[object, ...]] = {}
    for element, inner in links.items():
        read = _read_row(element, inner, around, urljoin, native_id)
        if read is not None:
            place = (element.getparent(), element.tag)
            if place not in blocks:
                blocks[place] = _block_key(element)
            if (group := groups.get(blocks[place])) is None:
                group = groups[blocks[place]] = Group([], beside=_is_named(element, _SIDE, ("aside",)))
            group.rows.append(read)
            group.dated += read.date is not None
            group.printed += _prints_date(element, read)
    return list(groups.values())


def each_once(rows: Iterable[ListRow]) -> tuple[ListRow, ...]:
    """Of rows with one address the first, where it stands: a pinned row comes again further down."""
    first: dict[str, ListRow] = {}
    for row in rows:
        first.setdefault(row.url, row)
    return tuple(first.values())


def _prints_date(element: Element, row: ListRow) -> bool:
    return row.date is not None and (url_day(row.url) != row.date or DAY.search(text_of(element)) is not None)


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
                        doc_number=number[1] if number and DOC_NUMBER.fullmatch(squash(number[1])) else None,
                    )
                )
    dated = sum(row.date is not None for row in rows)
    return Group(rows, dated, dated) if rows else None


def _row_of(link: Element, around: _Around) -> Element | None:
    """The element that is this link's row: the nearest list item or table row, else the widest element with no other row.

    The link itself, where its parent holds several rows side by side.
    """
    row = link
    for up in islice(link.iterancestors(), 8):
        if around.is_box(up):
            break
        row = up
        if up.tag in _ROWS:
            row = _row_of_items(up, around)
            break
    return None if _is_named(row, _ASIDE, ("nav", "footer")) else row


def _row_of_items(item: Element, around: _Around) -> Element:
    """The list around an item that is one cell of a row, and what wraps nothing but that list; else the item."""
    row = item.getparent()
    if item.tag != "li" or row is None or not around.is_row_of_items(row):
        return item
    while (up := row.getparent()) is not None and up.tag == "div" and next(islice(up, 1, None), None) is None:
        row = up
    return row


def _holds_rows(element: Element) -> bool:
    """Whether an element is a box around several rows: links to different places, each as long as a title or with a date of its own."""
    links = {href: link for link in islice(element.iter("a"), 40) if (href := _href(link))}
    listed = element.tag in _ROWS
    if len(links) < (3 if element.tag in ("li", "tr") else 2):
        return False
    if not listed and len(links) > 2:
        return True
    if any(len(squash(link.get("title") or text_of(link))) < _LINE for link in links.values()):
        return False
    dates = len(DAY.findall(text_of(element)))
    return dates >= len(links) or (not listed and dates == 0)


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
    row = outermost(row)
    parent = row.getparent()
    if parent is None:
        return (row,)
    grand = parent.getparent()
    style = (parent.get("style") or "").replace(" ", "")
    if grand is None or "display:none" in style:  # a hidden list is another tab
        return (parent, row.tag)
    if _wraps_alone(parent, grand):
        return (_first_twin(grand), parent.tag, parent.get("class"), row.tag)
    if not parent.get("class") and not _alone(row, parent):
        return (_first_twin(parent), row.tag)
    return (grand, parent.tag, parent.get("class"), style, row.tag)


def _wraps_alone(block: Element, around: Element) -> bool:
    """Whether a nameless element is only the wrapping of a list, and others like it stand beside it (five rows a wrapping)."""
    if around.tag != "div" or around.get("class") or around.get("id"):
        return False
    if any(other is not block and (next(other.iter("a"), None) is not None or text_of(other)) for other in islice(around, 6)):
        return False
    return any(other is not None and other.tag == "div" and not other.get("class") for other in (around.getprevious(), around.getnext()))


def _first_twin(parent: Element) -> Element:
    """The first of lists that follow each other with nothing but lines between them."""
    first = parent
    for before in islice(parent.itersiblings(preceding=True), 40):
        if tidy(before.tail or ""):
            break
        if before.tag == parent.tag and not before.get("class") and "display:none" not in (before.get("style") or "").replace(" ", ""):
            first = before
        elif text_of(before):
            break
    return first


def _alone(row: Element, parent: Element) -> bool:
    """Whether a row has its list for itself: one ul for every row."""
    return all(other is row or next(other.iter("a"), None) is None for other in islice(parent, 4))


def _read_row(
    element: Element, links: list[Element], places: _Around, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None
) -> ListRow | None:
    named = [(link, title_of(link)) for link in links]
    notices = [item for item in named if len(item[1]) >= _LONG and not _ABOUT.search(item[1])]
    link, title = max(notices or named, key=lambda item: len(item[1]))  # not the category before it, nor what explains it
    url = _join(urljoin, _href(link) or "")
    around = _around(element, link)
    short = len(title) < _SHORTEST and (len(title) < 2 or _ASKS.fullmatch(title) or not DAY.search(around))
    if short or url is None:
        return None
    if element is link or not DAY.search(around):
        around = f"{around} {_beside(element, places)}"
        if element is link and not (DAY.search(around) or _native(url, native_id)):
            return None
    cells = _cells(element)
    return ListRow(
        title=whole_title(title, element),
        url=url,
        date=row_day(link.get("rq") or _headed(element, around, places) or around, url),
        native_id=_native(url, native_id),
        doc_number=_number_in(cells, title) or tidy(link.get("wh") or "") or None,
        index_number=link.get("syh") or next((cell for cell in cells if INDEX_NUMBER.fullmatch(cell)), None),
        validity=next((VALIDITY[cell] for cell in cells if cell in VALIDITY), None),
        pinned=bool(PINNED.search(around)) or any("置顶" in (img.get("alt") or "") for img in element.iter("img")),
    )


def _cells(row: Element) -> list[str]:
    """Texts of a row's smallest parts; one that holds many others is no cell."""
    cells = islice(row.iter(*_CELLS), _MOST_CELLS)
    return [text_of(cell) for cell in cells if next(islice(cell.iter("*"), _MOST_IN_CELL, None), None) is None]


def _number_in(cells: list[str], title: str) -> str | None:
    """The document number that a cell holds and nothing else; a title like 例市某局公告2025年第3号 is none."""
    for cell in cells:
        bare = NUMBER_LABEL.sub("", cell) if len(cell) < _LONGEST_NUMBER else ""
        bracket = IN_BRACKETS.fullmatch(bare)
        bare = bracket[1] if bracket else bare
        if bare != title and DOC_NUMBER.fullmatch(squash(bare)):
            return bare
    return None


def _around(row: Element, link: Element) -> str:
    """The row's text outside the link, and dates that stand for themselves in it: dates inside a title date something else."""
    in_link = set(link.iter("*"))
    parts = []
    for element in row.iter("*"):
        parts += [
            None if element in in_link else element.text,
            element.tail if element is not row and (element is link or element not in in_link) else None,
        ]
    return " ".join([*(tidy(part) for part in parts if part), days_of(link)])


def _headed(row: Element, around: str, places: _Around) -> str | None:
    """A table row's dated cells with the words of the table's head before them, where it has several."""
    if row.tag != "tr" or len(DAY.findall(around)) < 2:
        return None
    cells = [text_of(cell) for cell in row.iterchildren("td", "th")]
    table = next(row.iterancestors("table"), None)
    heads = places.heads(table) if table is not None else []
    if len(heads) != len(cells):
        return None
    return " ".join(f"{words}：{cell}" for words, cell in zip(heads, cells, strict=True) if "日期" in words or "时间" in words) or None


def _beside(row: Element, places: _Around) -> str:
    """The short text without links that stands with a row instead of in it: behind it, or before it where the block begins with one."""
    parent = row.getparent()
    if parent is None:
        return ""
    begins = places.begins_with_day(parent) and (bool(DAY.search(tidy(parent.text or ""))) or row.getprevious() is not None)
    said = [] if begins else [tidy(row.tail or "")]
    other = row.getprevious() if begins else row.getnext()
    if begins and row.getprevious() is None:
        said.append(tidy(parent.text or ""))
    elif other is not None and other.tag != "a" and next(other.iter("a"), None) is None:
        said.append(text_of(other))
    return " ".join(text for text in said if len(text) <= _BESIDE)


def _href(link: Element) -> str | None:
    """Where a link leads, also one that a script opens."""
    return followed(link.get("href")) or opened(link)


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
