"""HTML of a body (or of a whole page) to blocks: paragraphs, headings, tables as full grids, attachments.

Walks an lxml tree once, without recursion. (BeautifulSoup costs ten times the parse, and one tree a page is the budget of
design.md section 8; the page readers hold that one.) Hidden parts, scripts and navigation are left out; `<br>` ends a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

from gongkai.errors import UnreadableInput
from gongkai.records.document import AttachmentLink, Finding
from transforms.body import Body, BodyBuilder, RawCell
from transforms.grids import ResolvedTable, resolve_spans

FILE_SUFFIXES = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".et", ".wps", ".ofd", ".ppt", ".pptx", ".zip", ".rar", ".7z")
_MAX_ATTACHMENTS = 500
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
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
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
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise UnreadableInput(f"no HTML in it: {error}") from error
    findings = []
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        findings.append(Finding(rule="html_too_deep", severity="warning", message="tags nested too deep; what lies below was not read"))
    reader = _Reader()
    reader.read(root)
    if reader.cut:
        findings.append(Finding(rule="table_cut", severity="warning", message="a table is larger than the bound and was cut"))
    return reader.builder.build(attachments=find_attachments(root, base_url), findings=findings)


def clean_text(text: str) -> str:
    """Blank characters to single spaces; source line breaks inside Chinese text and invisible characters dropped."""
    text = _INVISIBLE.sub("", text)
    if "\n" in text:
        text = _SOURCE_WRAP.sub("", text)
    return _BLANKS.sub(" ", text).strip()


def find_attachments(root: html.HtmlElement, base_url: str | None) -> tuple[AttachmentLink, ...]:
    """Links to files, in order, each once; absolute where `base_url` is known."""
    found: dict[str, AttachmentLink] = {}
    for link in root.iter("a"):
        href = (link.get("href") or "").strip()
        name = clean_text("".join(str(part) for part in link.itertext()))
        if not href or not _is_file(href, name) or len(found) >= _MAX_ATTACHMENTS:
            continue
        try:
            url = urljoin(base_url or "", href)
        except ValueError:  # an address like http://[ that no client could open
            continue
        found.setdefault(url, AttachmentLink(name=name or clean_text(link.get("title") or "") or _file_name(url), url=url))
    return tuple(found.values())


def _is_file(href: str, name: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme not in ("", "http", "https", "ftp"):
        return False
    if parts.path.lower().endswith(FILE_SUFFIXES):
        return True
    return name.lower().endswith(FILE_SUFFIXES) or parts.query.lower().endswith(FILE_SUFFIXES)


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


class _Reader:
    """Collects the running line; a block tag ends it."""

    def __init__(self) -> None:
        self.builder = BodyBuilder()
        self.cut = False
        self._line: list[str] = []
        self._heading = 0

    def read(self, root: html.HtmlElement) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = str(element.tag)
            if event == "end":
                self._leave(element, tag)
            elif _skipped(element, tag) or (tag == "table" and self._table(element)):
                walk.skip_subtree()
            else:
                self._enter(element, tag)
        self._end_line()

    def _enter(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        if tag in _HEADINGS:
            self._heading += 1
        if element.text:
            self._text(element.text, element)

    def _leave(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
        if tag in _HEADINGS and self._heading:
            self._heading -= 1
        if element.tail:
            self._text(element.tail, element.getparent())

    def _text(self, text: str, parent: etree._Element | None) -> None:
        if parent is not None and parent.tag == "pre":
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

    def _table(self, table: etree._Element) -> bool:
        """True if the table was read as a grid; False if it only lays out the page and must be walked through."""
        source = list(own_rows(table))
        if _lays_out(source):
            return False
        self._end_line()
        caption = next((clean_text(_cell_text(c)) for c in table.iterchildren("caption")), None)
        if caption:
            self.builder.paragraph(caption)
        resolved = read_rows(source)
        self.cut = self.cut or resolved.cut
        self.builder.table(resolved.rows, caption=caption or None)
        return True


def _skipped(element: etree._Element, tag: str) -> bool:
    if tag in _SKIP:
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style)) or element.get("hidden") is not None


def own_rows(table: etree._Element) -> Iterator[list[etree._Element]]:
    """Rows of this table as lists of cells, not those of tables inside its cells."""
    stack = list(table.iterchildren(reversed=True))
    while stack:
        element = stack.pop()
        tag = str(element.tag)
        if tag == "tr" and not _skipped(element, tag):
            yield list(_own_cells(element))
        elif tag not in ("table", "td", "th", "caption", "tr"):
            stack.extend(element.iterchildren(reversed=True))


def _own_cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row.iterchildren():
        tag = str(child.tag)
        if tag in ("td", "th") and not _skipped(child, tag):
            yield child
        elif tag == "form":  # ASP.NET pages put forms between row and cell
            yield from (c for c in child.iterchildren("td", "th") if not _skipped(c, str(c.tag)))


def read_rows(source: list[list[etree._Element]]) -> ResolvedTable:
    """Cells of a data table as a resolved grid; a table nested in a cell becomes lines of that cell."""
    rows = [
        [RawCell(_cell_text(cell), _span(cell.get("rowspan"), 0), _span(cell.get("colspan"), 1), header=cell.tag == "th") for cell in row]
        for row in source
    ]
    return resolve_spans([row for row in rows if row])


def _span(value: str | None, least: int) -> int:
    value = (value or "1").strip()
    return max(least, min(int(value), _MAX_SPAN)) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def _cell_text(cell: etree._Element) -> str:
    """Text of a cell, one line a block or `<br>`."""
    parts: list[str] = [cell.text or ""]
    walk = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walk:
        if element is cell:
            continue
        tag = str(element.tag)
        if event == "start":
            if _skipped(element, tag):
                walk.skip_subtree()
                continue
            parts.append(("\0" if tag in _BLOCKS else "") + (element.text or ""))
        else:
            parts.append(("\0" if tag in _BLOCKS else "") + (element.tail or ""))
    lines = (clean_text(line) for line in "".join(parts).split("\0"))
    return "\n".join(line for line in lines if line)


def _lays_out(rows: list[list[etree._Element]]) -> bool:
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


def _holds(cell: etree._Element) -> tuple[bool, bool]:
    """Whether the cell has words of its own, and whether it has a table. Looks at no element twice over all nested tables."""
    words, table = False, False
    stack = [cell]
    while stack and not (words and table):
        element = stack.pop()
        words = words or bool(element.text and not element.text.isspace() and element.text.strip("\u3000\xa0 \t\r\n"))
        for child in element.iterchildren():
            tag = str(child.tag)
            words = words or bool(child.tail and child.tail.strip("\u3000\xa0 \t\r\n"))
            if tag == "table":
                table = True
            elif not _skipped(child, tag):
                stack.append(child)
    return words, table
