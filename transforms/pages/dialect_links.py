"""Links judged by the URL dialects: which dialect an address or a page speaks, which links are years, pager files, other hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from urllib.parse import urljoin, urlsplit

from gongkai.dialects import Dialect, load_dialects
from transforms.pages.paging import followed
from transforms.pages.tree import Tree, squash, text_of

_HREF = re.compile(r"""\b(?:href|url)\s{0,3}[=:]\s{0,3}["']?([^"'\s<>]{1,500})""", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d年?(?:度|份)?")
_PAGER_FILE = re.compile(r"/(?:\w{0,20}(?:index|list|page)[a-z_-]{0,10})?\d{1,4}\.\w{3,5}$|/$", re.IGNORECASE)
_MOST_YEARS = 60
_MOST_LINKS = 1000
_ENOUGH_LINKS = 3


def matched(url: str) -> re.Match[str] | None:
    """The match of the first dialect, in the file's order, whose notices have such an address."""
    try:
        return next((found for dialect in load_dialects().values() if (found := dialect.match(url))), None)
    except ValueError:
        return None


def dialect_of(html: str, url: str | None) -> str | None:
    """The dialect of a page; None where nothing fits.

    A list's address goes first, then a mark in the page, then a notice's address, then what most links of the page look like.
    """
    lower, known = html.lower(), load_dialects().values()
    named = (
        (_first(Dialect.is_list, url) if url else None)
        or next((d.name for d in known if any(mark in lower for mark in d.marks)), None)
        or (_first(Dialect.match, url) if url else None)
    )
    if named:
        return named
    links = (_joined(url or "http://localhost/", found[1]) for found in islice(_HREF.finditer(html), _MOST_LINKS))
    counts = Counter(name for link in links if (name := _first(Dialect.match, link)))
    best, count = counts.most_common(1)[0] if counts else (None, 0)
    return best if count >= _ENOUGH_LINKS else None


def yearly(tree: Tree, url: str, join: Callable[[str], str]) -> list[str]:
    """Listings of single years that a page links to (2024年), on its own host, in page order."""
    links = (link for link in tree.find("a") if _YEAR.fullmatch(squash(text_of(link))))
    hrefs = (href for link in links if (href := followed(link.get("href"))))
    found = (_join(join, href) for href in islice(hrefs, _MOST_YEARS))
    return list(dict.fromkeys(link for link in found if link and link != url and not is_elsewhere(link, url)))


def is_pager_file(url: str) -> bool:
    """Whether an address is a page of a list (index_3.html, 2.html) or a folder rather than a notice."""
    return bool(_PAGER_FILE.search(urlsplit(url).path))


def is_elsewhere(url: str, page: str) -> bool:
    """Whether an address lies on another host than the page it stands on."""
    return (urlsplit(url).hostname or "").lower() != (urlsplit(page).hostname or "").lower()


def _first(fits: Callable[[Dialect, str], object], url: str) -> str | None:
    try:
        return next((dialect.name for dialect in load_dialects().values() if fits(dialect, url)), None)
    except ValueError:
        return None


def _joined(base: str, href: str) -> str:
    return _join(lambda link: urljoin(base, link), href) or ""


def _join(join: Callable[[str], str], href: str) -> str | None:
    try:
        return join(href)
    except ValueError:
        return None
