"""更多: the link of a block that shows the newest rows of a list whose whole stands on a page of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from itertools import islice

from transforms.pages.paging import followed
from transforms.pages.tree import Element, Tree, squash, text_of

_MORE = re.compile(r"[\[+>»(（]{0,3}(?:查看|阅读)?(?:更多|more)(?:信息|内容)?[\])）+>»…. ]{0,4}", re.IGNORECASE)
_NEAR = 6
_MOST_LINKS = 4000


def more_link(tree: Tree, rows: Set[str], join: Callable[[str], str]) -> str | None:
    """Where the 更多 of the block that holds `rows` (their addresses) leads; None without one, or where it cannot be told whose it is."""
    own = {
        link: url for link in tree.find("a")[:_MOST_LINKS] if (href := followed(link.get("href"))) and (url := _joined(join, href)) in rows
    }
    first = next(iter(own), None)
    if first is None:
        return None
    block = next((up for up in islice(first.iterancestors(), 12) if {own[link] for link in up.iter("a") if link in own} == rows), None)
    for up in [block, *islice(block.iterancestors(), _NEAR)] if block is not None else []:
        found = [href for link in up.iter("a") if _says_more(link) and (href := followed(link.get("href")))]
        if found:
            return _joined(join, found[0]) if len(set(found)) == 1 else None
    return None


def _says_more(link: Element) -> bool:
    said = (text_of(link), link.get("title") or "", *(img.get("alt") or "" for img in link.iter("img")))
    return any(_MORE.fullmatch(squash(words)) for words in said)


def _joined(join: Callable[[str], str], href: str) -> str | None:
    try:
        return join(href)
    except ValueError:
        return None
