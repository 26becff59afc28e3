"""Attachments (附件): which links lead to documents, and what each is called. The one list of document types."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from gongkai.records.document import AttachmentLink

_TYPES = "pdf|docx?|xlsx?|csv|wps|wpt|et|ofd|odt|ods|pptx?|rtf|zip|rar|7z|ceb|txt"
_EXTENSION = re.compile(rf"\.(?:{_TYPES})$", re.IGNORECASE)
_IN_QUERY = re.compile(rf"[?&=/]([^?&=/]{{1,200}}\.(?:{_TYPES}))(?:$|&)", re.IGNORECASE)
_DOWNLOAD = re.compile(r"downfile\.jsp|download\.jsp|/download[/?]|attachdownload|downloadattach|/attach(?:ment)?/", re.IGNORECASE)
_LIKELY = re.compile(rf"\.(?:{_TYPES})(?:$|[?#&])|download|downfile|attach", re.IGNORECASE)
_DULL = re.compile(
    r"(?:点击|请|文件|附件|立即)?(?:下载|查看|浏览|打开)(?:附件|文件|全文|原文|链接)?[》>：:]{0,3}|附件\s?\d{0,3}[:：]?|[\W_]{0,10}"
)
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_LIMIT = 500


class AttachmentLinks:
    """Collects the links of a page that lead to documents: in order, each address once under its best name, at most 500."""

    def __init__(self, join: Callable[[str], str]) -> None:
        self._join = join
        self._found: dict[str, str] = {}

    def add(self, href: str, text: str, title: str | None) -> None:
        """Take the link if its address, or the name it is shown under, is that of a document."""
        href, titled = href.strip(), _EXTENSION.search(text) or _EXTENSION.search(title or "")
        if not (titled or _LIKELY.search(href)) or not href or href.startswith("#") or len(self._found) >= _LIMIT:
            return
        try:
            url = self._join(href)
            parts = urlsplit(url)
        except ValueError:  # an address like http://[附件]: no link
            return
        if parts.scheme not in ("http", "https", ""):
            return
        named = _EXTENSION.search(unquote(parts.path)) or _IN_QUERY.search("?" + unquote(parts.query))
        if not (named or titled or ("附件" in text and _DOWNLOAD.search(url))):
            return
        name = attachment_name(url, text, title)
        known = self._found.get(url)
        if known is None or (_EXTENSION.search(known) is None and len(name) > len(known)):
            self._found[url] = name

    def links(self) -> tuple[AttachmentLink, ...]:
        """What was taken so far."""
        return tuple(AttachmentLink(name=name, url=url) for url, name in self._found.items())


def attachment_name(url: str, text: str | None = None, title: str | None = None) -> str:
    """The link's text where it says something, else its title, else the file's name; never a path."""
    for said in (text, title):
        if said and not _DULL.fullmatch(said := _BLANKS.sub(" ", said).strip()):
            return said[:300]
    parts = urlsplit(url)
    hidden = _IN_QUERY.search("?" + parts.query)
    name = hidden.group(1) if hidden else parts.path.rpartition("/")[2]
    return unquote(name).replace("/", "_").replace("\\", "_")[:300] or "attachment"
