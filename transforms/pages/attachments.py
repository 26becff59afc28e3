"""Attachments (附件) of a page: links to documents in the body or right behind it; never the site's own downloads in head or foot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from urllib.parse import unquote, urlsplit

from gongkai.records.document import AttachmentLink
from transforms.pages.area import is_aside, is_related
from transforms.pages.tree import Element, Tree, text_of, tidy

_TYPES = "pdf|docx?|xlsx?|csv|wps|wpt|et|ofd|odt|ods|pptx?|rtf|zip|rar|7z|ceb|txt"
_EXTENSION = re.compile(rf"\.(?:{_TYPES})$", re.IGNORECASE)
_IN_QUERY = re.compile(rf"[?&=/]([^?&=/]{{1,200}}\.(?:{_TYPES}))(?:$|&)", re.IGNORECASE)
_DOWNLOAD = re.compile(r"downfile\.jsp|download\.jsp|/download[/?]|attachdownload|downloadattach|/attach(?:ment)?/", re.IGNORECASE)
_LIKELY = re.compile(rf"\.(?:{_TYPES})(?:$|[?#&])|download|downfile|attach", re.IGNORECASE)
_DULL = re.compile(
    r"(?:点击|请|文件|附件|立即)?(?:下载|查看|浏览|打开)(?:附件|文件|全文|原文|链接)?[》>：:]{0,3}|附件\s?\d{0,3}[:：]?|[\W_]{0,10}"
)
_AREA = re.compile(r"(?:^|[-_])(?:fj\w{0,8}|attach\w{0,10}|fujian\w{0,8}|xgfj|accessory|appendix|enclosure)(?:$|[-_\d])", re.IGNORECASE)
_IN_SCRIPT = re.compile(r"""["'](\.?/?[^"'<>\s]{0,200}/?[PW]0\d{10,30}\.(?:pdf|ofd))["']""", re.IGNORECASE)
_LIMIT = 500
_LEVELS = 3  # the body's own and two above, behind which its attachment list may stand


def find_attachments(tree: Tree, body: Element | None, urljoin: Callable[[str], str]) -> tuple[AttachmentLink, ...]:
    """Links to documents, in page order, each address once under its best name."""
    found: dict[str, str] = {}
    for place in _places(tree, body):
        for link in place.iter("a", "iframe", "embed", "object"):
            href = (link.get("href") or link.get("src") or link.get("data") or "").strip()
            if len(found) < _LIMIT and href and not href.lower().startswith(("javascript:", "mailto:", "data:", "#")):
                _add(found, link, href, urljoin)
    if body is not None and not found:
        for script in tree.scripts:  # the page's picture version (全真版) names its file in a script only
            for named in _IN_SCRIPT.finditer(script[:200_000]):
                found.setdefault(urljoin(named.group(1)), named.group(1).rpartition("/")[2])
    return tuple(AttachmentLink(name=name, url=url) for url, name in found.items())


def attachment_name(url: str, text: str | None = None, title: str | None = None) -> str:
    """The link's text where it says something, else its title, else the file's name; never a path."""
    for said in (text, title):
        if said and not _DULL.fullmatch(said := tidy(said)):
            return said[:300]
    parts = urlsplit(url)
    hidden = _IN_QUERY.search("?" + parts.query)
    name = hidden.group(1) if hidden else parts.path.rpartition("/")[2]
    return unquote(name).replace("/", "_").replace("\\", "_")[:300] or "attachment"


def _places(tree: Tree, body: Element | None) -> Iterable[Element]:
    """The body, what follows it on its own level and the next two up to a related-links block, and areas named for attachments."""
    if body is not None:
        yield body
        level = body
        for _ in range(_LEVELS):
            up = level.getparent()
            if up is None or level.tag == "body":
                break
            for later in islice(level.itersiblings(), 8):
                if is_related(later):
                    break
                if not is_aside(later):
                    yield later
            level = up
    named = (element for name, element in tree.class_names() if _AREA.search(name) and element.tag not in ("body", "html"))
    yield from islice(named, 50)


def _add(found: dict[str, str], link: Element, href: str, urljoin: Callable[[str], str]) -> None:
    if not _LIKELY.search(href):
        return
    text, title = text_of(link), link.get("title")
    try:
        url = urljoin(href)
        parts = urlsplit(url)
    except ValueError:  # an address like http://[附件]: no link
        return
    is_document = _EXTENSION.search(unquote(parts.path)) or _IN_QUERY.search("?" + unquote(parts.query))
    if not is_document and not (_DOWNLOAD.search(url) and (_EXTENSION.search(text) or _EXTENSION.search(title or "") or "附件" in text)):
        return
    if parts.scheme not in ("http", "https", ""):
        return
    name = attachment_name(url, text, title)
    if url not in found or (_EXTENSION.search(found[url]) is None and len(name) > len(found[url])):
        found[url] = name
