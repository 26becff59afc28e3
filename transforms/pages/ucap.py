"""开普 UCAP (cms-families.md section 6): static lists whose second page is _2, a JSON search by channel, the layer of 苏州."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlencode

from gongkai.registry import Portal, Section
from transforms.pages.contract import ListRequest
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import counted_on, counter_of, numbered

NATIVE_ID = re.compile(r"/(?:\d{6}/)?([0-9a-f]{32}|c\d{1,4}_\d{3,12})\.s?html?(?:[?#]|$)")
_CHANNEL = re.compile(r"[0-9a-f]{32}")
_LAYER = "/szinf/xxgk/interfacesWebZcwj/loadData?pageSize=15"
_SEARCHES = ("/common/search", "/search", "/searchList")
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


class UcapNoticePage(NoticePage):
    """Detail page: the platform's own tags ucaptitle and ucapcontent, or the article containers around them."""

    family = "ucap"
    native_id = NATIVE_ID
    body_selectors = ("ucapcontent", "#zoomcon", "#ucap-content", ".article-content", ".article_content", "#zoom", ".pages_content")
    markup: ClassVar = {
        "title": ("ucaptitle", ".article-title", ".article_title"),
        "published_at": ("publishtime", ".article-time", ".date"),
    }


class UcapListPage(ListPage):
    """A static list page or an answer of a search; an entry that is a channel id asks the search (`layer: szinf`: by POST)."""

    family = "ucap"
    native_id = NATIVE_ID
    first_file = 2

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """A path, or a channel id; `search` names the path of the search where it is not /common/search."""
        if not _CHANNEL.fullmatch(section.entry) and not section.entry.isdigit():
            return super().entry(portal, section)
        if portal.params.get("layer") == "szinf":
            body = urlencode({"pageIndex": 1, "channel_id": section.entry})
            return ListRequest(url=portal.base_url + _LAYER, body=body, headers=_FORM)
        query = "_isAgg=true&_isJson=true&_pageSize=15&_template=index&_rangeTimeGte=&_channelName=&page=1"
        if token := str(portal.params.get("token", "")):
            query += f"&{urlencode({'token': token})}"
        named = str(portal.params.get("search", ""))
        request = None
        for path in [f"/{named.strip('/')}"] if named else reversed(_SEARCHES):
            request = ListRequest(url=f"{portal.base_url}{path}/{section.entry}?{query}", otherwise=request)
        return request or super().entry(portal, section)

    @classmethod
    def page_number(cls, url: str) -> int:
        """The number in a static page's name is the page's own."""
        counter = counter_of(ListRequest(url=url))
        return max(1, counter) if counter is not None else numbered(url) or 1

    def _next(self) -> ListRequest | None:
        following = counted_on(self.request) or super()._next()
        if following or self._ends_here():
            return following
        return self._numbered_next(guessed=self._pager == (None, None))
