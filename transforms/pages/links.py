"""The addresses that a page leads to, and whether a page is only an error text."""

from __future__ import annotations

from urllib.parse import urldefrag, urlsplit

from transforms.pages.area import find_body
from transforms.pages.page import Page
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.tree import Tree, text_of

_MOST = 5000  # links of one page
_LONGEST = 2000  # characters of an address
_LINKS_AROUND = 15
"""A page with more links than that is a page of its site, whatever its foot says about maintenance."""


def links_of(html: str, url: str) -> list[str]:
    """What the anchors (and image maps) of a page lead to: absolute, http or https, without fragment, each once, in page order."""
    page = Page(html, url)
    found: dict[str, None] = {}
    for element in (*page.tree.find("a"), *page.tree.find("area"))[:_MOST]:
        try:
            address = urldefrag(page._join((element.get("href") or "").strip())).url
            fits = urlsplit(address).scheme in ("http", "https") and len(address) <= _LONGEST
        except ValueError:  # no address at all: http://[
            continue
        if fits and element.get("href"):
            found[address] = None
    return list(found)


def refuse_error_page(html: str) -> None:
    """Raise SoftError for a small page of any kind, article or not, that says it is an error."""
    tree = Tree.of(html)
    if len(tree.find("a")) <= _LINKS_AROUND:
        body = find_body(tree, ())
        refuse_soft_error(tree, len(text_of(body)) if body is not None else 0)
