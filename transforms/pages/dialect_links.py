"""Links judged by the URL dialects: which dialect an address or a page speaks, which links are years, pager files, other hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from urllib.parse import urljoin, urlsplit

from gongkai.dialects import load_dialects
from transforms.pages.paging import followed
from transforms.pages.tree import Tree, squash, text_of

_HREF = re.compile(r"""\b(?:href|url)\s{0,3}[=:]\s{0,3}["']?([^"'\s<>]{1,500})""", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d年?(?:度|份)?")
_PAGER_FILE = re.compile(r"(?:/|_|-)\d{1,4}\.\w{3,5}$|/$")
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
    """The dialect of a page: by its address, else by what most of its links look like; None where nothing fits."""
    named = _of_address(url) if url else None
    if named:
        return named
    links = (_joined(url or "http://localhost/", found[1]) for found in islice(_HREF.finditer(html), _MOST_LINKS))
    counts = Counter(name for link in links if (name := _of_notice(link)))
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


def _of_address(url: str) -> str | None:
    try:
        return next((d.name for d in load_dialects().values() if d.is_list(url) or d.match(url)), None)
    except ValueError:
        return None


def _of_notice(url: str) -> str | None:
    try:
        return next((d.name for d in load_dialects().values() if d.match(url)), None)
    except ValueError:
        return None


def _joined(base: str, href: str) -> str:
    return _join(lambda link: urljoin(base, link), href) or ""


def _join(join: Callable[[str], str], href: str) -> str | None:
    try:
        return join(href)
    except ValueError:
        return None
