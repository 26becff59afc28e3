"""开普 UCAP (cms-families.md section 6): static lists whose second page is _2, a JSON search by channel, the layer of 苏州."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from gongkai.registry import Portal, Section
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import counted_on, counter_of, numbered

NATIVE_ID = re.compile(r"/(?:\d{6}/)?([0-9a-f]{32}|c\d{1,4}_\d{3,12}|c\d{5,12}(?=/content))(?:/content)?\.s?html?(?:[?#]|$)")
_NAMES_CHANNEL = re.compile(
    r"""\bchannel_?id[\"']?\s{0,3}[:=]\s{0,3}[\"']([0-9a-f]{32})[\"']|\bname=[\"']?channelid[\"']?\s{1,5}content=[\"']?([0-9a-f]{32})""",
    re.IGNORECASE,
)
"""A page whose rows a script asks the search for says for which channel."""
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
        return _search(portal.base_url, section.entry, portal.params)

    def _listed(self) -> ListReading:
        """Of a list that a script draws, the search by the channel that the page names."""
        try:
            return super()._listed()
        except NotThisLayout:
            channel = _NAMES_CHANNEL.search(self.html)
            if channel is None:
                raise
            return ListReading(rows=(), leads_to=(_search(self._join("/").rstrip("/"), channel[1] or channel[2], self.params),))

    @classmethod
    def page_number(cls, url: str) -> int:
        """The number in a static page's name is the page's own."""
        counter = counter_of(ListRequest(url=url))
        return max(1, counter) if counter is not None else numbered(url) or 1

    def _next(self) -> ListRequest | None:
        following = counted_on(self.request) or super()._next()
        return following or (None if self._ends_here() else self._numbered_next(guessed=self._pager == (None, None)))


def _search(base: str, channel: str, params: Mapping[str, str | int]) -> ListRequest:
    """Page one of a channel; where the registry does not name the search's path, the usual ones after each other."""
    query = "_isAgg=true&_isJson=true&_pageSize=15&_template=index&_rangeTimeGte=&_channelName=&page=1"
    if token := str(params.get("token", "")):
        query += f"&{urlencode({'token': token})}"
    named = str(params.get("search", ""))
    first, *others = [f"{base}{path}/{channel}?{query}" for path in ([f"/{named.strip('/')}"] if named else _SEARCHES)]
    otherwise = None
    for url in reversed(others):
        otherwise = ListRequest(url=url, otherwise=otherwise)
    return ListRequest(url=first, otherwise=otherwise)
