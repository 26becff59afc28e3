"""What a list page and a notice page share: decoded text, its address, and the tree, built when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urljoin

from transforms.pages.tree import Tree


class Page:
    """Decoded text of one page and the address it was read from; `url` is "" where that is unknown."""

    def __init__(self, html: str, url: str | None) -> None:
        self.html, self.url = html, url or ""

    @cached_property
    def tree(self) -> Tree:
        """The page as HTML."""
        return Tree.of(self.html)

    def _join(self, href: str) -> str:
        """The address a link leads to; relative where the page's own is unknown. Raises ValueError for a broken one."""
        path, mark, query = href.partition("?")
        return urljoin(self._base, path.replace("\\", "/") + mark + query)  # as browsers do

    def _joined(self, href: str) -> str | None:
        """The same, None for a broken one."""
        try:
            return self._join(href)
        except ValueError:
            return None

    @cached_property
    def _base(self) -> str:
        declared = next((href for base in self.tree.find("base") if (href := base.get("href"))), "")
        try:
            return urljoin(self.url, declared.strip())
        except ValueError:
            return self.url
