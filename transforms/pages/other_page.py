"""Pages that have links and are no list: a login form, a page whose heading tells of an error."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.pages.contract import ListRow, SoftError
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.tree import Tree, text_of

_MANY = 100
_LONG, _SOME = 10, 3
"""A title that is longer than the names of columns, and how many that lead to pages, not to folders, make a list."""


def refuse_other_page(tree: Tree, rows: Sequence[ListRow]) -> None:
    """Raise SoftError for a page that asks for a password or is headed by an error, unless it has dated rows or some long titles."""
    if (
        any(row.date or row.native_id for row in rows)
        or sum(len(row.title) >= _LONG and not row.url.endswith("/") for row in rows) >= _SOME
    ):
        return
    if asks_for_password(tree):
        raise SoftError("a login page")
    for name in ("title", "h1", "h2"):
        for part in tree.find(name)[:3]:
            if len(text_of(part)) < _MANY:
                refuse_soft_error(Tree(part), 0)


def asks_for_password(tree: Tree) -> bool:
    """Whether a page has a field for a password."""
    return any((field.get("type") or "").lower() == "password" for field in tree.find("input"))
