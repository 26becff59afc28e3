"""Where a page's attachments (附件) stand: in the body or right behind it; never the site's own downloads in head or foot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice

from gongkai.records.document import AttachmentLink
from transforms.attachments import AttachmentLinks
from transforms.pages.area import is_aside, is_related
from transforms.pages.tree import Element, NamePattern, Tree, text_of

_AREA = NamePattern(r"fj\w{0,8}|attach\w{0,10}|fujian\w{0,8}|xgfj|accessory|appendix|enclosure")
_IN_SCRIPT = re.compile(r"""["'](\.?/?[^"'<>\s]{0,200}/?[PW]0\d{10,30}\.(?:pdf|ofd))["']""", re.IGNORECASE)
_LEVELS = 3  # the body's own and two above, behind which its attachment list may stand


def find_attachments(tree: Tree, body: Element | None, urljoin: Callable[[str], str]) -> tuple[AttachmentLink, ...]:
    """Links to documents, in page order, each address once under its best name."""
    found = AttachmentLinks(urljoin)
    for place in _places(tree, body):
        for link in place.iter("a", "iframe", "embed", "object"):
            href = link.get("href") or link.get("src") or link.get("data")
            if href:
                found.add(href, text_of(link), link.get("title"))
    if body is not None and not found.links():
        for script in tree.scripts:  # the page's picture version (全真版) names its file in a script only
            for named in _IN_SCRIPT.finditer(script[:200_000]):
                found.add(named.group(1), "", None)
    return found.links()


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
    named = (element for _, element in tree.named(_AREA) if element.tag not in ("body", "html"))
    yield from islice(named, 50)
