"""Addresses of the following pages of a list: numbered files, numbers in the query or in what is posted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus, unquote_plus, urlsplit, urlunsplit

from gongkai.json_names import json_names, lowered
from transforms.pages.contract import ListRequest

_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\([^()]{0,100}?[\"']([\w-]{1,40})[\"']\s{0,5},\s{0,5}[\"'](s?html?)[\"']", re.IGNORECASE)
_PARTS = ("params", "paramjson", "param", "pager", "page", "pageinfo")
"""Where a posted body, or a parameter that is JSON, keeps its counter further inside."""


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
    """The address with these query parameters set, the others byte for byte as they were (GBK escapes too)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=_with_pairs(parts.query, values), fragment=""))


def _with_pairs(text: str, values: dict[str, str | int]) -> str:
    new = dict(values)
    pairs = []
    for pair in text.split("&") if text else []:
        name, equals, _ = pair.partition("=")
        known = unquote_plus(name)
        pairs.append(f"{name}={quote_plus(str(new.pop(known)))}" if known in new else pair if equals else name)
    return "&".join([*pairs, *(f"{quote_plus(name)}={quote_plus(str(value))}" for name, value in new.items())])


def query_of(text: str) -> dict[str, str]:
    """Parameters of a query or form, first of a name first; an escape that is no UTF-8 becomes a replacement character."""
    found: dict[str, str] = {}
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if equals:
            found.setdefault(unquote_plus(name), unquote_plus(value))
    return found


def followed(href: str | None) -> str | None:
    """The address of a link, None for one that only runs a script or stays where it is."""
    bare = (href or "").strip()
    return bare if bare and not bare.startswith("#") and not bare.lower().startswith(("javascript:", "mailto:")) else None


def counted_on(request: ListRequest, first: int | None = None) -> ListRequest | None:
    """The request whose counter is one higher, in the posted body or in the query; None where neither holds a counter.

    `first` is the least number that page two may have (gkmlpt answers 0 and 1 alike: page two is 2).
    """
    page = request.page + 1
    at_least = first or 0

    def on(value: int) -> int:
        return max(value + 1, at_least)

    if request.body is not None:
        body = _changed(request.body, on)
        if body is not None:
            return replace(request, body=body, page=page, otherwise=None, guessed=False)
    parts = urlsplit(request.url)
    query = _changed_form(parts.query, on)
    if query is None:
        return None
    return replace(request, url=urlunsplit(parts._replace(query=query, fragment="")), page=page, otherwise=None, guessed=False)


def counter_of(request: ListRequest) -> int | None:
    """The number by which the request names its page; None without one."""
    seen: list[int] = []

    def note(value: int) -> int:
        seen.append(value)
        return value

    if request.body is None or _changed(request.body, note) is None:
        _changed_form(urlsplit(request.url).query, note)
    return seen[0] if seen else None


def page_size(request: ListRequest) -> int | None:
    """Rows a page that were asked for, as far as query, form or posted object say it."""
    named = query_of(urlsplit(request.url).query) | _posted(request.body or "")
    sizes = {lowered(name): value for name, value in named.items()}
    return next((int(v) for name in json_names().sizes if (v := sizes.get(name, "")).isascii() and v.isdigit() and 0 < int(v) < 1000), None)


def _posted(body: str) -> dict[str, str]:
    if body.lstrip()[:1] != "{":
        return query_of(body)
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    inner = [posted, *(value for name, value in posted.items() if lowered(name) in _PARTS and isinstance(value, dict))]
    return {name: str(value) for part in reversed(inner) for name, value in part.items() if isinstance(value, str | int)}


def _changed(body: str, on: Callable[[int], int]) -> str | None:
    if body.lstrip()[:1] != "{":
        return _changed_form(body, on)
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return json.dumps(posted, ensure_ascii=False) if isinstance(posted, dict) and _change_object(posted, on) else None


def _change_object(posted: dict[str, Any], on: Callable[[int], int]) -> bool:
    names = {lowered(name): name for name in posted}
    if "pn" in names and "rn" in names and _number(posted[names["pn"]]) is not None:  # Epoint's search counts rows
        size = _number(posted[names["rn"]]) or 0
        posted[names["pn"]] = int(posted[names["pn"]]) + size * (on(0) > 0)
        return True
    for counter in json_names().counters:
        value = posted.get(names.get(counter, ""))
        number = _number(value)
        if number is not None:
            posted[names[counter]] = str(on(number)) if isinstance(value, str) else on(number)
            return True
    return any(isinstance(inner := posted.get(names.get(part, "")), dict) and _change_object(inner, on) for part in _PARTS)


def _changed_form(text: str, on: Callable[[int], int]) -> str | None:
    pairs = query_of(text)
    names = {lowered(name): name for name in pairs}
    for counter in json_names().counters:
        number = _number(pairs.get(names.get(counter, "")))
        if number is not None and (counter != "p" or {"pg", "n", "pagesize"} & names.keys()):
            return _with_pairs(text, {names[counter]: on(number)})
    for part in _PARTS:
        inner = pairs.get(names.get(part, ""), "")
        if inner[:1] == "{" and (changed := _changed(inner, on)) is not None:
            return _with_pairs(text, {names[part]: changed})
    return None


def _number(value: object) -> int | None:
    """A page number as it was sent: a small int, or its digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**6 else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 6 else None
