"""HTML of a body (or of a whole page) to blocks: paragraphs, headings, tables as full grids, attachments.

Walks a BeautifulSoup tree once, without recursion. Hidden parts, scripts and navigation are left out; `<br>` ends a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Literal
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement, PreformattedString

from gongkai.records.document import AttachmentLink, Finding
from transforms.attachments import AttachmentLinks
from transforms.body import Body, BodyBuilder, RawCell
from transforms.grids import ResolvedTable, resolve_spans
from transforms.soup import is_hidden, read_soup

_PICTURE = 100  # pixels; smaller images are icons and rules
_MAX_SPAN = 65_534  # HTML's own limit for rowspan

_SKIPPED_TAGS = (
    "script style noscript template iframe object embed applet svg math head title select option button textarea nav footer aside "
    "audio video canvas map datalist"
)
_BLOCK_TAGS = (
    "html body p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 pre tr td th tbody thead tfoot table section article main header blockquote hr br "
    "center form fieldset legend address figure figcaption details summary caption"
)
_SKIP = frozenset(_SKIPPED_TAGS.split())
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS = re.compile(r"[ \t\r\n\f\v\xa0\u2000-\u200a\u202f\u205f\u3000]+")
_CJK = "\u3400-\u9fff\uf900-\ufaff\u3001-\u301f\uff01-\uff60\u2014\u2018-\u201d"
# A line break of the source inside Chinese text is no blank; pages made by Word are wrapped at column 80.
_SOURCE_WRAP = re.compile(rf"(?<=[{_CJK}])[ \t]*\r?\n[ \t\r\n]*(?=[{_CJK}])")
# Two ideographic spaces after the end of a sentence: a paragraph's indent in bodies that use neither <p> nor <br>.
_INDENT = re.compile(r"(?<=[。；：！？）)》”])[ \t\xa0]*\u3000{2,}(?=\S)")


def html_body(source: str, base_url: str | None = None) -> Body:
    """Read body HTML into blocks. `base_url` makes attachment links absolute.

    Raises:
        UnreadableInput: the text holds no markup and no words at all.
    """
    soup, findings = read_soup(source)
    reader = _Reader()
    reader.read(soup)
    if reader.cut:
        findings.append(Finding(rule="table_cut", severity="warning", message="a table is larger than the bound and was cut"))
    return reader.builder.build(attachments=_find_attachments(soup, base_url), findings=findings, images=reader.images)


def clean_text(text: str) -> str:
    """Blank characters to single spaces; source line breaks inside Chinese text and invisible characters dropped."""
    text = _INVISIBLE.sub("", text)
    if "\n" in text:
        text = _SOURCE_WRAP.sub("", text)
    return _BLANKS.sub(" ", text).strip()


def _find_attachments(soup: BeautifulSoup, base_url: str | None) -> tuple[AttachmentLink, ...]:
    """Links to documents, in order, each once; absolute where `base_url` is known."""
    found = AttachmentLinks(partial(urljoin, base_url or ""))
    for link in soup.find_all("a"):
        if href := link.get("href"):
            found.add(str(href), clean_text(link.get_text()), str(link.get("title") or ""))
    return found.links()


class _Reader:
    """Collects the running line; a block tag ends it."""

    def __init__(self) -> None:
        self.builder = BodyBuilder()
        self.cut = False
        self.images = 0
        self._line: list[str] = []
        self._heading = 0

    def read(self, root: Tag) -> None:
        # Nodes still to be read, next one last; a bool stands for the end of a block: True of a heading.
        ahead: list[PageElement | bool] = [root]
        while ahead:
            node = ahead.pop()
            if isinstance(node, bool):
                self._end_line()
                self._heading -= node
            elif isinstance(node, str):
                if not isinstance(node, PreformattedString):  # a comment, a declaration
                    self._text(node, node.parent)
            elif isinstance(node, Tag):
                block = node.name in _BLOCKS
                if block:  # even a hidden one ends the line
                    self._end_line()
                self.images += node.name == "img" and not _is_icon(node)
                if _skipped(node) or (node.name == "table" and self._table(node)):
                    continue
                if block:
                    ahead.append(node.name in _HEADINGS)
                    self._heading += node.name in _HEADINGS
                ahead.extend(reversed(node.contents))
        self._end_line()

    def _text(self, text: str, parent: Tag | None) -> None:
        if parent is not None and parent.name == "pre":
            *ended, text = text.split("\n")
            for line in ended:
                self._line.append(line)
                self._end_line()
        self._line.append(text)

    def _end_line(self) -> None:
        if not self._line:
            return
        line = "".join(self._line)
        self._line.clear()
        if line.isspace():
            return
        kind: Literal["heading", "paragraph"] = "heading" if self._heading else "paragraph"
        for part in _INDENT.split(line) if "\u3000\u3000" in line else (line,):
            self.builder.paragraph(clean_text(part), kind)

    def _table(self, table: Tag) -> bool:
        """True if the table was read as a grid; False if it only lays out the page and must be walked through."""
        source = list(own_rows(table))
        if _lays_out(source):
            return False
        self._end_line()
        caption = next((clean_text(_cell_text(c)) for c in _children(table) if c.name == "caption"), None)
        if caption:
            self.builder.paragraph(caption)
        resolved = read_rows(source)
        self.cut = self.cut or resolved.cut
        self.builder.table(resolved.rows, caption=caption or None)
        return True


def _skipped(tag: Tag) -> bool:
    return tag.name in _SKIP or is_hidden(tag.attrs)


def _is_icon(image: Tag) -> bool:
    """By its declared size, or by its name (the file types' icons beside links)."""
    sizes = (str(image.get(name) or "").removesuffix("px") for name in ("width", "height"))
    return (
        any(size.isdecimal() and len(size) < 6 and int(size) < _PICTURE for size in sizes) or "icon" in str(image.get("src") or "").lower()
    )


def _children(tag: Tag) -> list[Tag]:
    return [child for child in tag.contents if isinstance(child, Tag)]


def own_rows(table: Tag) -> Iterator[list[Tag]]:
    """Rows of this table as lists of cells, not those of tables inside its cells."""
    ahead = _children(table)[::-1]
    while ahead:
        tag = ahead.pop()
        if tag.name == "tr" and not _skipped(tag):
            yield list(_own_cells(tag))
        elif tag.name not in ("table", "td", "th", "caption", "tr"):
            ahead.extend(reversed(_children(tag)))


def _own_cells(row: Tag) -> Iterator[Tag]:
    for child in _children(row):
        if child.name in ("td", "th") and not _skipped(child):
            yield child
        elif child.name == "form":  # ASP.NET pages put forms between row and cell
            yield from (c for c in _children(child) if c.name in ("td", "th") and not _skipped(c))


def read_rows(source: list[list[Tag]]) -> ResolvedTable:
    """Cells of a data table as a resolved grid; a table nested in a cell becomes lines of that cell."""
    rows = [
        [RawCell(_cell_text(cell), _span(cell, "rowspan", 0), _span(cell, "colspan", 1), header=cell.name == "th") for cell in row]
        for row in source
    ]
    return resolve_spans([row for row in rows if row])


def _span(cell: Tag, name: str, least: int) -> int:
    value = str(cell.attrs.get(name) or "1").strip()
    return max(least, min(int(value), _MAX_SPAN)) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def _cell_text(cell: Tag) -> str:
    """Text of a cell, one line a block or `<br>`."""
    parts: list[str] = []
    ahead: list[PageElement | None] = [*reversed(cell.contents)]  # None stands for the end of a block
    while ahead:
        node = ahead.pop()
        if node is None:
            parts.append("\0")
        elif isinstance(node, str):
            if not isinstance(node, PreformattedString):
                parts.append(node)
        elif isinstance(node, Tag):
            if node.name in _BLOCKS:
                parts.append("\0")
                ahead.append(None)
            if not _skipped(node):
                ahead.extend(reversed(node.contents))
    lines = (clean_text(line) for line in "".join(parts).split("\0"))
    return "\n".join(line for line in lines if line)


def _lays_out(rows: list[list[Tag]]) -> bool:
    """A table that only places things: at most one cell with words in each row, or tables inside and hardly a grid around them."""
    wide = nested = 0
    for row in rows:
        filled = 0
        for cell in row:
            words, table = _holds(cell)
            filled += words
            nested += table
        wide += filled >= 2
    return wide == 0 or (nested > 0 and wide < 2)


def _holds(cell: Tag) -> tuple[bool, bool]:
    """Whether the cell has words of its own, and whether it has a table. Looks at no element twice over all nested tables."""
    words, table = False, False
    ahead = [cell]
    while ahead and not (words and table):
        for child in ahead.pop().contents:
            if isinstance(child, str):
                words = words or bool(not isinstance(child, PreformattedString) and child.strip())
            elif isinstance(child, Tag) and child.name == "table":
                table = True
            elif isinstance(child, Tag) and not _skipped(child):
                ahead.append(child)
    return words, table
