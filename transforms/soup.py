"""HTML text to a BeautifulSoup tree, built by its lxml builder in one pass, bounded in depth and number of elements."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bs4 import BeautifulSoup, Tag
from bs4.builder import ParserRejectedMarkup
from bs4.builder._lxml import LXMLTreeBuilder  # bs4.builder has it at run time only, unseen by mypy

from gongkai.errors import UnreadableInput
from gongkai.records.document import Finding
from transforms.attributes import without_attribute_floods

MAX_DEPTH = 2048
"""Open elements at once; libxml2's own bound, which it does not keep when it reports to a builder."""
MAX_ELEMENTS = 500_000
"""A table of 10,000 rows of 20 cells of one paragraph has 410,000; bs4 takes about 1 kB and 30 µs for each."""

_INLINE = frozenset(("span", "font", "b", "strong", "i", "em", "u", "small", "big", "sup", "sub", "o:p"))
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


def is_hidden(attributes: Mapping[str, object]) -> bool:
    """Whether an element's own attributes keep it from being shown."""
    return "hidden" in attributes or ("style" in attributes and _HIDDEN.search(str(attributes["style"])) is not None)


class _Builder(LXMLTreeBuilder):
    """bs4's lxml builder for reading text: no namespaces, no lists for class=, bounds on depth and number.

    Inline markup that only changes the look gets no node of its own, its text goes to the element around it: pages made by Word have
    more such tags than all others, and a node of bs4 costs ten of lxml's.
    """

    def __init__(self) -> None:
        super().__init__(multi_valued_attributes=None, attribute_dict_class=dict)
        self.too_deep = self.too_many = False
        self._elements = 0
        self._open: list[bool] = []  # of each open element, whether it has a node
        self._left_out = 0  # elements open beyond a bound

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes], nsmap: dict[str, str] | None = None) -> None:
        deep, many = len(self._open) >= MAX_DEPTH, self._elements >= MAX_ELEMENTS
        if self._left_out or deep or many:
            self._left_out += 1
            self.too_deep, self.too_many = self.too_deep or deep, self.too_many or many
            return
        name, attributes = str(tag), {str(key): str(value) for key, value in attrib.items()}
        node = name not in _INLINE or is_hidden(attributes)
        self._open.append(node)
        if node and self.soup is not None:
            self._elements += 1
            self.soup.handle_starttag(name, None, None, attributes)

    def end(self, tag: str | bytes) -> None:
        if self._left_out:
            self._left_out -= 1
        elif self._open.pop() and self.soup is not None:
            self.soup.handle_endtag(str(tag))

    def data(self, data: str | bytes) -> None:
        if not self._left_out:
            super().data(data)


class _Soup(BeautifulSoup):
    def _linkage_fixer(self, el: Tag) -> None:
        """Nothing to mend, lxml reports all in order. The original walks up to the root for every text: minutes on a deep page."""


def read_soup(source: str) -> tuple[BeautifulSoup, list[Finding]]:
    """The tree, and a finding for each bound that was met: what lies beyond it is not in the tree.

    Raises:
        UnreadableInput: the text holds no markup and no words at all.
    """
    builder = _Builder()
    # As bytes of known encoding, so that no <meta charset> of the page is believed; the line feed keeps bs4 from guessing aloud
    # (warnings) whether a short text is a file name or an XHTML page is XML.
    markup = b"\n" + without_attribute_floods(source.removeprefix("\ufeff")).encode("utf-8", "replace")
    try:
        soup = _Soup(markup, builder=builder, from_encoding="utf-8")
    except ParserRejectedMarkup as error:
        raise UnreadableInput(f"no HTML in it: {error}") from error
    if soup.find(True) is None:
        raise UnreadableInput("no HTML in it: neither tags nor words")
    met = (
        (builder.too_deep, "html_too_deep", "tags nested too deep; what lies below was not read"),
        (builder.too_many, "html_too_many", f"more than {MAX_ELEMENTS} elements; what lies in the others was not read"),
    )
    return soup, [Finding(rule=rule, severity="warning", message=message) for is_met, rule, message in met if is_met]
