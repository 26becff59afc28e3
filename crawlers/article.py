"""A row's page, asked for and read; and whether it is that page at all.

Portals send the front page or the column's list instead of an article, with status 200: for what they deleted, and, as one was seen to do
(cms-families.md section 2.5), to whoever asks too fast. Such a page is never the article: it is asked for once more, slower.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree, html

from crawlers.aside import read_aside
from crawlers.fetch import Lane, LeadsAway
from crawlers.frontier import Seen
from crawlers.own_url import own_url
from crawlers.validators import Validators
from crawlers.warc import Exchange
from gongkai.errors import UnreadableInput
from transforms.decode import decode
from transforms.pages import read_notice
from transforms.pages.contract import JumpsTo, PageFields, SoftError
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.tree import Tree

SLOWER = 2.0
"""Seconds, at least, before such a page is asked for again."""
_FRONT = re.compile(r"/(?:(?:index|default|main)\.[a-z]{3,5})?", re.IGNORECASE)
_NOT_WORDS = re.compile(r"[\W_]+")
_CUT = re.compile(r"(?:…|\.{2,})\s*$")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head)", re.IGNORECASE)
_PASSWORD = re.compile(rb"""<input\b[^<>]{0,300}\btype\s*=\s*["']?password\b""", re.IGNORECASE)
_MOSTLY = 0.5
_LINKS = 3


class NotTheArticle(UnreadableInput):
    """The front page, or a list, instead of the article."""


async def read_article(lane: Lane, seen: Seen, family: str, check: Validators | None) -> tuple[Exchange, str, PageFields]:
    """The page of a row, its encoding, and what it says; behind a page that only jumps within the portal, the one it jumps to, once.

    Raises what Lane.get and read_notice raise, LeadsAway for a jump to another host, NotTheArticle, and SoftError where the portal leads
    to its front page instead.
    """
    try:
        return await _read(lane, seen, family, check)
    except NotTheArticle:
        await asyncio.sleep(max(SLOWER, 2 * lane.portal.manners.delay))
        return await _read(lane, seen, family, None)


async def _read(lane: Lane, seen: Seen, family: str, check: Validators | None) -> tuple[Exchange, str, PageFields]:
    try:
        page, encoding, fields = await _open(lane, seen.url, family, check)
    except JumpsTo as jump:
        own = own_url(lane.portal, jump.target)
        if own is None:
            raise LeadsAway(lane.portal.id, seen.url, f"{jump}, on another host") from jump
        page, encoding, fields = await _open(lane, own, family, None)
        # The next conditional request goes to the page that jumps: this one's validators say nothing about it.
        page = replace(page, headers={name: value for name, value in page.headers.items() if name not in ("etag", "last-modified")})
    if not is_titled(seen.row.title, fields) and is_index(fields.body_html):
        raise NotTheArticle(f"a page of links instead of {seen.row.title[:40]!r}")
    return page, encoding, fields


async def _open(lane: Lane, url: str, family: str, check: Validators | None) -> tuple[Exchange, str, PageFields]:
    page = await lane.get(url, check=check, purpose="detail")
    if is_front(page.url) and not is_front(url):
        raise SoftError("leads to the front page instead")
    decoded = decode(page.payload, page.charset)
    return page, decoded.encoding, await read_aside(decoded.text, lambda: read_notice(decoded.text, page.url, family))


def is_front(url: str) -> bool:
    """Whether an address is a site's front page."""
    parts = urlsplit(url)
    return bool(_FRONT.fullmatch(parts.path or "/")) and not parts.query


def is_titled(listed: str, fields: PageFields) -> bool:
    """Whether any of the page's titles is the list's, cut off or not, or shares most of its words.

    A site's name stands in every title, so a part of one is not enough.
    """
    wanted = _words(_CUT.sub("", listed))
    found = {_words(t) for t in (fields.title or "", *(c.value for c in fields.candidates.get("title", ())))} - {""}
    return not wanted or any(wanted in title or _alike(wanted, title) for title in found)


def is_index(body: str | None) -> bool:
    """Whether a page's main part is links for the most part. One without a main part is no article either."""
    if not body or not body.strip():
        return True
    try:
        tree = html.fromstring(f"<div>{body}</div>")
    except (etree.ParserError, ValueError):  # no markup
        return False
    links = [_words(str(link.text_content())) for link in tree.iter("a")]
    words = len(_words(str(tree.text_content())))
    return len(links) >= _LINKS and sum(map(len, links)) > _MOSTLY * words


def _words(text: str) -> str:
    return _NOT_WORDS.sub("", text)


def _alike(one: str, other: str) -> bool:
    pairs, others = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return 2 * len(pairs & others) >= _MOSTLY * max(1, len(pairs) + len(others))


def instead_of_file(page: Exchange) -> str | None:
    """What stands at an attachment's address instead of it: a login page or an error page with status 200; None for anything else.

    HTML alone says nothing: office programs export tables as HTML that is called .xls.
    """
    if not _HTML.match(page.payload[:1000]):
        return None
    if _PASSWORD.search(page.payload[:200_000]):
        return "a login page instead of the file"
    try:
        refuse_soft_error(Tree.of(decode(page.payload[:200_000], page.charset).text), 0)
    except SoftError as error:
        return str(error)
    return None
