"""What a name says a file is, against what it is: the claim is kept beside the fact, and a web page never passes for a document."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from gongkai.status import ReadingStatus
from transforms.formats.sniff import Format

_WORD: frozenset[Format] = frozenset(("doc", "docx", "rtf", "odt", "word_xml", "mhtml"))
_SHEET: frozenset[Format] = frozenset(("xls", "xlsx", "xlsb", "ods", "csv", "excel_xml"))
_SLIDES: frozenset[Format] = frozenset(("ppt", "pptx"))
_FAMILIES: tuple[tuple[str, frozenset[Format]], ...] = (
    ("doc docx docm dot dotx wps wpt rtf odt", _WORD),
    ("xls xlsx xlsm xlt et ett ods csv tsv xlsb", _SHEET),
    ("ppt pptx pps ppsx dps odp", _SLIDES),
    ("txt", frozenset[Format](("text", "csv"))),
    ("htm html shtml mht mhtml", frozenset[Format](("html", "mhtml"))),
    ("jpg jpeg png gif bmp tif tiff", frozenset[Format](("image",))),
    ("pdf", frozenset[Format](("pdf",))),
    ("ofd", frozenset[Format](("ofd",))),
    ("zip", frozenset[Format](("zip",))),
    ("rar", frozenset[Format](("rar",))),
    ("7z", frozenset[Format](("7z",))),
)
_BY_EXTENSION: dict[str, frozenset[Format]] = {ext: kinds for names, kinds in _FAMILIES for ext in names.split()}
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})\s*$")
_IN_QUERY = re.compile(r"\.([A-Za-z0-9]{1,5})(?=$|&)")
_ANY = frozenset[Format](("encrypted", "ole", "binary"))
"""Kinds under which any document may hide."""
_SAVED_AS_HTML = frozenset(("doc", "xls", "wps", "et", "dot", "wpt", "xlt", "ett"))
"""Names under which Office, and every system that exports, saves HTML."""
_OFFICE_MARK = re.compile(rb"schemas-microsoft-com:office|ProgId[^<>]{0,20}(?:Word|Excel)|mso-[a-z-]{3,30}:", re.IGNORECASE)
_WEB_MARK = re.compile(rb"<(?:form|input|script|iframe|frameset|button)\b|http-equiv\s{0,3}=\s{0,3}.?refresh", re.IGNORECASE)


def extension_of(name: str | None, url: str | None) -> str | None:
    """The type that the name claims, else the address's path or query; lower case."""
    parts = urlsplit(url or "")
    query = _IN_QUERY.search(unquote(parts.query))
    for found in (_EXTENSION.search(name or ""), _EXTENSION.search(unquote(parts.path)), query):
        if found and found[1].lower() in _BY_EXTENSION:
            return found[1].lower()
    return None


def is_page_name(extension: str | None) -> bool:
    """Whether the name says that this is a page of the web."""
    return "html" in _BY_EXTENSION.get(extension or "", ())


def refuse_web_page(kind: Format, data: bytes, extension: str | None) -> None:
    """Raise UnreadableInput for a page (a login form, an error, a shell that loads the file) that stands where a document was to be."""
    if kind != "html" or is_page_name(extension):
        return
    plain = _OFFICE_MARK.search(data[:65_536]) is not None or _WEB_MARK.search(data) is None
    if not (plain and (extension is None or extension in _SAVED_AS_HTML)):
        raise UnreadableInput("a web page in place of the file", ReadingStatus.REFUSED)


def false_claim(kind: Format, extension: str | None) -> list[Finding]:
    """The finding D-TYPE where the file is of another kind than its name says."""
    said = _BY_EXTENSION.get(extension or "")
    if extension is None or said is None or kind in said or kind in _ANY or (kind == "html" and extension in _SAVED_AS_HTML):
        return []
    return [Finding(rule="D-TYPE", severity="info", message="the file is not what its name says", expected=extension, actual=kind)]
