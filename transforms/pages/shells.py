"""Pages that only lead on: meta refresh, a script that sets the address, an iframe around a list (cms-families.md section 2.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from transforms.pages.contract import NotThisLayout
from transforms.pages.paging import followed
from transforms.pages.tree import Element, Tree, squash, text_of

_REFRESH = re.compile(r"\s{0,5}(\d{1,3})(?:\.\d{1,3})?\s{0,5}[;,]\s{0,5}url\s{0,5}=\s{0,5}[\"']?([^\"'\s]{1,1000})", re.IGNORECASE)
_SOON = 10  # seconds; a page that renews itself every five minutes does not lead on
_LOCATION = re.compile(
    r"\blocation(?:\.href)?\s{0,5}=\s{0,5}([\"'])([^\"'\s<>]{1,1000})\1\s{0,5}(?:;|\}|$|\n)"
    r"|\blocation\.(?:replace|assign)\s{0,5}\(\s{0,5}([\"'])([^\"'\s<>]{1,1000})\3\s{0,5}\)"
)
_SKIP = re.compile(r"\bnewsSkip\s{0,5}\(\s{0,5}([\"'])((?:https?:)?//[^\"'\s<>]{1,1000})\1")
"""博达 VSB: a notice that is published elsewhere; the page around it is whole."""
_FEW = 200  # characters of visible text: a notice or a list has more
_BESIDE = re.compile(r"head|foot|top|bottom|nav|menu|banner|search|weather|login|share|count|player|video", re.IGNORECASE)
_PROXY = ".ipv6best.cn"
"""A service that rewrites outbound links into names of its own, for visitors with IPv6 (cms-families.md section 5.1)."""


def jump_of(html: str, tree: Tree, url: str, join: Callable[[str], str]) -> str | None:
    """Where a page that is only a jump leads, absolute; None for a page that stays. A jump to itself is none."""
    skipped = _SKIP.search(html) if "newsSkip" in html else None
    named = [skipped[2]] if skipped else []
    if not named and _may_jump(html):
        named = [*_refreshed(tree), *_located(tree)]
        if named and len(_shown(tree)) > _FEW:
            return None
    for target in named:
        absolute = _absolute(target, join)
        if absolute and absolute.partition("#")[0] != url.partition("#")[0]:
            return absolute
    return None


def list_behind(html: str, tree: Tree, url: str, join: Callable[[str], str]) -> str | None:
    """The list behind a shell without rows: where it jumps to, or what its iframe shows; None for no shell.

    Raises NotThisLayout where it leads to another host.
    """
    target = jump_of(html, tree, url, join) or next(_framed(tree, url, join), None)
    if target is not None and _host(target) != _host(url):
        raise NotThisLayout(f"only a jump to {target}, {'an IPv6 proxy of some host' if behind_proxy(target) else 'on another host'}")
    return target


def behind_proxy(url: str) -> bool:
    """Whether an address is a proxy's name for another one: it is kept as printed, and is no address of the body it names."""
    return _host(url).endswith(_PROXY)


def _may_jump(html: str) -> bool:
    return "location" in html or "refresh" in html or "REFRESH" in html or "Refresh" in html


def _refreshed(tree: Tree) -> Iterator[str]:
    for meta in tree.find("meta"):
        found = _REFRESH.match(meta.get("content") or "") if (meta.get("http-equiv") or "").lower() == "refresh" else None
        if found and int(found[1]) <= _SOON:
            yield found[2]


def _located(tree: Tree) -> Iterator[str]:
    for script in tree.scripts:
        for found in _LOCATION.finditer(script[:20_000]):
            yield found[2] or found[4]


def _framed(tree: Tree, url: str, join: Callable[[str], str]) -> Iterator[str]:
    """Frames on the page's own host that may hold a list, in page order."""
    for frame in (*tree.find("iframe"), *tree.find("frame")):
        target = _absolute(frame.get("src") or "", join)
        if target and _host(target) == _host(url) and not _is_beside(frame):
            yield target


def _is_beside(frame: Element) -> bool:
    names = " ".join(frame.get(name) or "" for name in ("id", "name", "class", "src"))
    hidden = "display:none" in squash(frame.get("style") or "") or "0" in (frame.get("width"), frame.get("height"))
    return hidden or bool(_BESIDE.search(names))


def _shown(tree: Tree) -> str:
    return "".join(squash(text_of(body)) for body in tree.find("body"))


def _absolute(target: str, join: Callable[[str], str]) -> str | None:
    href = followed(target)
    try:
        absolute = join(href) if href else ""
        return absolute if urlsplit(absolute).scheme in ("http", "https") else None
    except ValueError:
        return None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
