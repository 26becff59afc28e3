"""Pages that have links and are no list: a login form, a page whose heading tells of an error."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.pages.contract import ListRow, SoftError
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.tree import Tree, text_of

_MANY = 100


def refuse_other_page(tree: Tree, rows: Sequence[ListRow]) -> None:
    """Raise SoftError for a page without a dated row that asks for a password, or whose title or heading says that it is an error."""
    if any(row.date or row.native_id for row in rows):
        return
    if any((field.get("type") or "").lower() == "password" for field in tree.find("input")):
        raise SoftError("a login page")
    for name in ("title", "h1", "h2"):
        for part in tree.find(name)[:3]:
            if len(text_of(part)) < _MANY:
                refuse_soft_error(Tree(part), 0)
