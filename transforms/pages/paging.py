"""Addresses of the following pages of a list: numbered files, numbers in the query."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\([^()]{0,100}?[\"']([\w-]{1,40})[\"']\s{0,5},\s{0,5}[\"'](s?html?)[\"']", re.IGNORECASE)


def paged_file(html: str) -> tuple[str, str] | None:
    """(stem, extension) that page one's createPageHTML builds the other pages' names from; None where it says nothing."""
    found = _CALL.search(html)
    return (found[1], found[2]) if found else None


def numbered_file(url: str, page: int, number: int, named: tuple[str, str] | None = None) -> str:
    """The address of the file with `number` behind its stem (index_3.html), `url` being page `page` of the same list.

    The first page has no number; its stem is what `named` says (stem, extension), else its own, `index.html` for a folder.
    """
    parts = urlsplit(url)
    folder, _, file = parts.path.rpartition("/")
    stem, _, extension = (file or "index.html").rpartition(".")
    if page == 1:
        stem, extension = named or (stem, extension)
    else:
        stem = re.sub(r"_\d{1,6}$", "", stem)
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{stem}_{number}.{extension}", "", ""))


def numbered(url: str) -> int:
    """The number behind a file's stem (index_3.html), 0 without one."""
    found = re.search(r"_(\d{1,4})\.\w{3,5}$", urlsplit(url).path)
    return int(found[1]) if found else 0


def with_query(url: str, **values: str | int) -> str:
    """The address with these query parameters set, the others as they were."""
    parts = urlsplit(url)
    new = {name: str(value) for name, value in values.items()}
    query = [(name, new.pop(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    return urlunsplit(parts._replace(query=urlencode([*query, *new.items()]), fragment=""))


def followed(href: str | None) -> str | None:
    """The address of a link, None for one that only runs a script or stays where it is."""
    bare = (href or "").strip()
    return bare if bare and not bare.startswith("#") and not bare.lower().startswith(("javascript:", "mailto:")) else None
