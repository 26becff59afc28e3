"""Rows of an HTML listing: links grouped by the block they stand in, each with its own date; lists are never zipped together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from transforms.pages.contract import ListRow
from transforms.pages.paging import followed
from transforms.pages.stamps import row_day, url_day
from transforms.pages.titles import is_cut
from transforms.pages.tree import Element, NamePattern, Tree, squash, text_of, tidy

_ROWS = frozenset(("li", "tr", "dl"))
_BOXES = frozenset(("ul", "ol", "tbody", "table", "body", "form", "nav", "footer", "header"))
_PINNED = re.compile(r"[\[【(（]?\s?置\s?顶\s?[\]】)）]?")
_BULLET = re.compile(r"^[\s·•▪■◆●○>»\-–]{1,6}|^\d{1,3}[.、]\s")
_TRAILING_DATE = re.compile(r"[\s\[(（]{0,4}(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?[\s\])）]{0,4}$")
_DATE = re.compile(r"(?:19|20)\d\d\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}")
_ONLY_DATE = re.compile(
    rf"\D{{0,6}}{_DATE.pattern}日?[\s\])）]{{0,3}}(?:\d{{1,2}}:\d\d(?::\d\d)?)?|(?:19|20)\d\d\s?[-./年]\s?\d{{1,2}}月?|\d{{1,2}}[-./月]\d{{1,2}}日?"
)
_PUBLISHED = re.compile(rf"(?:发布|公开|公布)(?:日期|时间)?\s?[:：]\s?({_DATE.pattern})")
_PUBLICATION = re.compile(r"(?:发布|公开|公布)(?:日期|时间)?")
_ONLY_DAY = re.compile(r"\d{1,2}日?")
_LABEL = re.compile(r"^(?:发文字号|发文文号|文件编号|文件字号|文\s?号|字\s?号)\s?[:：]\s?")
_HEADING = NamePattern(r"h[1-6]|.{0,12}(?:title|tit|biaoti|bt)")
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[【（(]\s?(?:19|20)\d\d\s?[〕\]】）)]\s?第?\s?\d{1,5}\s?号")
_INDEX = re.compile(r"[0-9A-Z]{8,22}[/\-]\d{4}-\d{3,6}|[A-Z0-9\-]{6,20}/\d{4}-\d{3,6}")
_VALIDITY = {"有效": "in_force", "现行有效": "in_force", "失效": "expired", "已失效": "expired", "废止": "abolished", "已废止": "abolished"}
_ASIDE = re.compile(
    r"(?:^|[-_])(?:foot(?:er)?|nav|menu|crumbs?|header|weizhi|location|pager|pagination|friend\w{0,8})\d{0,3}(?:$|[-_])", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
"""Markup that a title= carries as it stands in the title's record: a line break, a colour."""
_SHORTEST = 4
_LONG = 8
"""Characters of a link that is a row's title rather than the name of a column beside it."""
_BESIDE = 40
_ASKS = re.compile(r"[\[【(（]?(?:更多|详情|详细|查看|下载|阅读|全文|more)[\]】)）]?(?:>>|»)?", re.IGNORECASE)
_OPENS = re.compile(
    r"""(?:\bopen\w{0,20}\s{0,3}\(|\blocation(?:\.href)?\s{0,3}=|\bhref\s{0,3}=)\s{0,3}["']([^"'<>\s]{1,500}[./][^"'<>\s]{1,500})["']""",
    re.IGNORECASE,
)
"""A link that a script opens."""
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
    printed: int = 0
    """Rows that print their date; of the others it is known from the address alone, which a block of favourites beside the list has too."""

    def weight(self) -> tuple[int, int]:
        """Dated rows count first, those that print their date three times, then rows with long titles."""
        return self.dated + 2 * self.printed, sum(1 for row in self.rows if len(row.title) >= 10)


def find_groups(tree: Tree, urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> list[Group]:
    """The page's blocks of rows, in page order."""
    links: dict[Element, list[Element]] = {}
    boxes: dict[Element, bool] = {}
    for link in tree.find("a"):
        if _href(link):
            row = _row_of(link, boxes)
            if row is not None:
                links.setdefault(row, []).append(link)
    groups: dict[tuple[object, ...], Group] = {}
    blocks: dict[tuple[object, ...], tuple[object, ...]] = {}
    for element, inner in links.items():
        read = _read_row(element, inner, urljoin, native_id)
        if read is not None:
            place = (element.getparent(), element.tag)
            if place not in blocks:
                blocks[place] = _block_key(element)
            group = groups.setdefault(blocks[place], Group([]))
            group.rows.append(read)
            group.dated += read.date is not None
            group.printed += _prints_date(element, read)
    return list(groups.values())


def _prints_date(element: Element, row: ListRow) -> bool:
    return row.date is not None and (url_day(row.url) != row.date or _DATE.search(text_of(element)) is not None)


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
                        doc_number=number[1] if number and _NUMBER.fullmatch(squash(number[1])) else None,
                    )
                )
    dated = sum(row.date is not None for row in rows)
    return Group(rows, dated, dated) if rows else None


def _row_of(link: Element, boxes: dict[Element, bool]) -> Element | None:
    """The element that is this link's row: the nearest list item or table row, else the widest element with no other row.

    The link itself, where its parent holds several rows side by side. `boxes` keeps what was found of elements around.
    """
    row = link
    for up in islice(link.iterancestors(), 8):
        if up not in boxes:
            boxes[up] = up.tag in _BOXES or _holds_rows(up)
        if boxes[up]:
            break
        row = up
        if up.tag in _ROWS:
            break
    return None if _is_aside(row) else row


def _holds_rows(element: Element) -> bool:
    """Whether an element is a box around several rows: links to different places, each as long as a title or with a date of its own."""
    links = {href: link for link in islice(element.iter("a"), 40) if (href := _href(link))}
    listed = element.tag in _ROWS
    if len(links) < (3 if element.tag in ("li", "tr") else 2):
        return False
    if not listed and len(links) > 2:
        return True
    if any(len(squash(link.get("title") or text_of(link))) < _LONG for link in links.values()):
        return False
    dates = len(_DATE.findall(text_of(element)))
    return dates >= len(links) or (not listed and dates == 0)


def _is_aside(element: Element) -> bool:
    for depth, up in enumerate((element, *element.iterancestors())):
        if depth > 4 or up.tag in ("body", "html"):
            return False
        if up.tag in ("nav", "footer") or any(_ASIDE.search(name) for name in f"{up.get('class') or ''} {up.get('id') or ''}".split()):
            return True
    return False


def _block_key(row: Element) -> tuple[object, ...]:
    """Rows are one block where they share a parent, or where their parents are twins (one ul for every five rows)."""
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


def _read_row(element: Element, links: list[Element], urljoin: Callable[[str], str], native_id: re.Pattern[str] | None) -> ListRow | None:
    named = [(link, _title(link)) for link in links]
    link, title = max(named, key=lambda item: len(item[1]))
    url = _join(urljoin, _href(link) or "")
    around = _around(element, link)
    short = len(title) < _SHORTEST and (len(title) < 2 or _ASKS.fullmatch(title) or not _DATE.search(around))
    if short or url is None:
        return None
    if element is link or not _DATE.search(around):
        around = f"{around} {_beside(element)}"
        if element is link and not (_DATE.search(around) or _native(url, native_id)):
            return None
    title = _uncut(title, element) if is_cut(title) else title
    cells = [_LABEL.sub("", text_of(cell)) for cell in element.iter("td", "dd", "span", "p", "i", "em", "b", "div", "strong", "font")]
    number = next((bare for cell in cells if _NUMBER.fullmatch(squash(bare := cell.strip("（）() ")))), None)
    published = _PUBLISHED.search(around)
    index = link.get("syh") or next((cell for cell in cells if _INDEX.fullmatch(cell)), None)
    return ListRow(
        title=title,
        url=url,
        date=row_day(link.get("rq") or (published[1] if published else _under_heading(element) or around), url),
        native_id=_native(url, native_id),
        doc_number=number,
        index_number=index,
        validity=next((_VALIDITY[cell] for cell in cells if cell in _VALIDITY), None),
        pinned=bool(_PINNED.search(around)) or any("置顶" in (img.get("alt") or "") for img in element.iter("img")),
    )


def _uncut(title: str, row: Element) -> str:
    """The whole of a title that is cut, where another element of its row has it in an attribute."""
    start = squash(re.sub(r"(?:…|\.{2,}|。{2,}).*$", "", title))
    said = (tidy(element.get(name) or "") for element in islice(row.iter("*"), 60) for name in ("title", "alt", "data-title"))
    return next((text for text in said if len(start) >= _SHORTEST and squash(text).startswith(start) and not is_cut(text)), title)


def _around(row: Element, link: Element) -> str:
    """The row's text outside the link, and dates that stand for themselves in it: dates inside a title date something else."""
    in_link = set(link.iter("*"))
    parts = []
    for element in row.iter("*"):
        parts += [
            None if element in in_link else element.text,
            element.tail if element is not row and _outside(element, link, in_link) else None,
        ]
    parts += [text_of(element) for element in _dates_in(link)]
    date_in_link = _TRAILING_DATE.search(text_of(link))
    return " ".join([*(tidy(part) for part in parts if part), date_in_link.group() if date_in_link else ""])


def _under_heading(row: Element) -> str | None:
    """The date in a table's column that is headed 发布日期, in a row of several dates; None without such a heading."""
    parent = row.getparent()
    if row.tag != "tr" or parent is None or len(_DATE.findall(text_of(row))) < 2:
        return None
    table = next((up for up in islice(row.iterancestors(), 3) if up.tag == "table"), parent)
    heads = [squash(text_of(cell)) for cell in next(table.iter("tr"), row)]
    place = next((i for i, head in enumerate(heads) if _PUBLICATION.fullmatch(head)), None)
    if place is None or len(row) != len(heads):
        return None
    said = text_of(row[place])
    return said if _DATE.search(said) else None


def _outside(element: Element, link: Element, in_link: set[Element]) -> bool:
    return element is link or element not in in_link


def _beside(row: Element) -> str:
    """The short text without links that stands with a row instead of in it: behind it, or before it where the block begins with one."""
    parent = row.getparent()
    if parent is None:
        return ""
    begins = bool(_DATE.search(tidy(parent.text or ""))) or (len(parent) > 0 and parent[0] is not row and _is_date(parent[0]))
    said = [] if begins else [tidy(row.tail or "")]
    other = row.getprevious() if begins else row.getnext()
    if begins and row.getprevious() is None:
        said.append(tidy(parent.text or ""))
    elif other is not None and other.tag != "a" and next(other.iter("a"), None) is None:
        said.append(text_of(other))
    return " ".join(text for text in said if len(text) <= _BESIDE)


def _is_date(element: Element) -> bool:
    return _ONLY_DATE.fullmatch(text_of(element)) is not None


def _dates_in(link: Element) -> list[Element]:
    """Elements inside a link that hold a date and nothing else; a day alone where its month stands beside it."""
    inner = [element for element in islice(link.iter("*"), 1, 40) if len(element) == 0]
    dates = [element for element in inner if _is_date(element)]
    days = [element for element in inner if _ONLY_DAY.fullmatch(text_of(element))] if dates else []
    return [element for element in inner if element in dates or element in days]


def _title(link: Element) -> str:
    """The link's full title: its title= where that continues a cut text, else its heading or its text, without bullets and a date."""
    text = _words(link)
    text = _PINNED.sub("", _TRAILING_DATE.sub("", _BULLET.sub("", text))).strip() if text else ""
    said = tidy(_TAG.sub("", link.get("title") or link.get("mc") or ""))  # mc, syh, rq: Hanweb's own attributes
    if not said:
        return text
    start = squash(re.sub(r"(?:…|\.{2,}).*$", "", text))
    if not text or (squash(said).startswith(start[:20]) and (is_cut(text) or len(said) > len(text))):
        return said
    return text


def _words(link: Element) -> str:
    """What a link says: the heading in it, where there is one beside a date or a summary, else everything but its dates."""
    if len(link) == 0:
        return text_of(link)
    heading = next(
        (e for e in islice(link.iter("*"), 1, 40) if _HEADING(str(e.tag)) or any(map(_HEADING, (e.get("class") or "").split()))), None
    )
    if heading is not None and len(said := text_of(heading)) >= _LONG:
        return said
    dates = [text_of(element) for element in _dates_in(link)]
    text = text_of(link)
    for said in dates:
        text = text.removeprefix(said).removesuffix(said).strip() if text != said else text
    return text


def _href(link: Element) -> str | None:
    """Where a link leads, also one that a script opens."""
    href = followed(link.get("href"))
    opened = None if href else _OPENS.search(f"{link.get('href') or ''} {link.get('onclick') or ''}")
    return opened[1] if opened else href


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
