"""Rows of layouts that are made of tables inside tables."""

from __future__ import annotations

from transforms.pages.tree import Element

_TABLE_PARTS = frozenset(("table", "tbody", "tr", "td"))
_FEW_CELLS = 8


def outermost(row: Element) -> Element:
    """The table row that holds a row's own table and nothing else: layouts give every row a table of its own."""
    part = row
    while (up := part.getparent()) is not None and up.tag in _TABLE_PARTS and len(up) <= _FEW_CELLS:
        if any(other is not part and next(other.iter("a"), None) is not None for other in up):
            break
        part = up
        if part.tag == "tr":
            row = part
    return row
