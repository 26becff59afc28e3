"""拓尔思 TRS WCM (cms-families.md section 5): static lists with createPageHTML, detail pages tYYYYMMDD_<id>."""

from __future__ import annotations

import re
from typing import ClassVar

from transforms.pages.contract import ListRequest
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pager import read_pager
from transforms.pages.paging import numbered_file, paged_file, with_query

NATIVE_ID = re.compile(r"/(t(?:\d{8}_)?\d{4,12})\.s?html?(?:[?#]|$)")


class TrsNoticePage(NoticePage):
    """Detail page; the editor's div holds the text, the other containers are older templates."""

    family = "trs_wcm"
    native_id = NATIVE_ID
    body_selectors = (
        ".trs_editor", ".trs_editor_view", ".trs_ueditor", "#zoom", "#maintext", "#fontzoom", ".article_con",
        ".article_content", ".article-content", "#ucap-content", ".view", ".content",
    )  # fmt: skip
    markup: ClassVar = {
        "title": (".article_title", ".article-title"),
        "published_at": (".article_time", ".article-time"),
    }


class TrsListPage(ListPage):
    """List page, or an answer of the search services in front of it (was5, ssp: several JSON dialects)."""

    family = "trs_wcm"
    native_id = NATIVE_ID
    own_folder = True

    def _next(self) -> ListRequest:
        """Page n is index_{n-1}.html, page one's createPageHTML names stem and extension; a search (was5) counts in its query."""
        if "/was5/" in self.request.url:
            return ListRequest(url=with_query(self.request.url, page=self.request.page + 1), page=self.request.page + 1)
        page, named = self.request.page, paged_file(self.html)
        guessed = named is None and read_pager(self.html) == (None, None)
        return ListRequest(url=numbered_file(self.request.url, page, page, named), page=page + 1, guessed=guessed)
