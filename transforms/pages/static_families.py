"""Families whose lists are plain pages and differ in little more than addresses and containers (cms-families.md 3.6, 8, 9, 12, 13)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from transforms.pages.contract import ListRequest
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pager import read_position
from transforms.pages.paging import counted_on, with_query

_POST = re.compile(r"/m?post_(\d{1,12})\.s?html?(?:[?#]|$)")
_SHOW = re.compile(r"/(?:Branch)?(?:OpennessContent|News|Content|Special|XxgkPolicy)/show/(\d{1,12})\.html?(?:[?#]|$)", re.IGNORECASE)
_INFO = re.compile(r"/info/(\d{1,9}/\d{1,12})\.htm(?:[?#]|$)")
_VSB_FILE = re.compile(r"/\d{1,6}\.html?$")
_CONTENTS = re.compile(r"/contents/(\d{1,9}/\d{1,12})\.html?(?:[?#]|$)")
_P8 = re.compile(r"/content-(\d{1,12})\.s?html?(?:[?#]|$)")
_PHPCMS_FILE = re.compile(r"/(?:(index)\.s?html?|(\d{1,4})\.s?html?)?$")
_PHPCMS_TOTAL = re.compile(r"""<a\s{1,5}class=["']?a1["']?\s{0,3}>\s{0,5}(\d{1,9})\s{0,5}条""")
_OPENNESS_PAGE = re.compile(r"page_(\d{1,6})\.html")


class NfcmsNoticePage(NoticePage):
    """南方 CMS beside gkmlpt."""

    family = "nfcms"
    native_id = _POST
    body_selectors = (".news_cont_d_wrap", ".articlebox", ".content_article", ".article-content", "#zoom", ".content")
    markup: ClassVar = {"title": (".content_title", ".article-title", ".title"), "published_at": (".date", ".time", ".publish-time")}


class NfcmsListPage(ListPage):
    """index.html, then what createPageHTML or 下一页 names; whether that is _1 or _2 the page decides (unconfirmed in general)."""

    family = "nfcms"
    native_id = _POST
    own_folder = True


class OpennessNoticePage(NoticePage):
    """The Openness family of Anhui and Inner Mongolia."""

    family = "openness"
    native_id = _SHOW
    body_selectors = (".content-article", ".article-content", "#zoom", ".wzcon", ".newscontnet", ".j-fontcontent")
    markup: ClassVar = {"title": (".contentbox_title", ".article-title", ".title"), "published_at": (".date", ".time")}


class OpennessListPage(ListPage):
    """showList/UNIT/CATALOGUE/page_N.html, from 1."""

    family = "openness"
    native_id = _SHOW

    @classmethod
    def page_number(cls, url: str) -> int:
        """The number in the address."""
        found = _OPENNESS_PAGE.search(url)
        return int(found[1]) if found else 1

    def _next(self) -> ListRequest | None:
        page = self.request.page + 1
        url, changed = _OPENNESS_PAGE.subn(f"page_{page}.html", self.request.url)
        return ListRequest(url=url, page=page) if changed else super()._next() or counted_on(self.request)


class VsbNoticePage(NoticePage):
    """博达 VSB."""

    family = "vsb"
    native_id = _INFO
    body_selectors = ("#vsb_content", "#vsb_content_2", "#vsb_content_4", "#vsb_content_100", ".v_news_content", ".article-content")
    markup: ClassVar = {"title": (".article-title", ".title", ".tit"), "published_at": (".date", ".time", ".article-time")}


class VsbListPage(ListPage):
    """col.htm, then col/N-1.htm down to col/1.htm: the numbers shift when the list grows, so N is read from every page."""

    family = "vsb"
    native_id = _INFO

    @classmethod
    def page_number(cls, url: str) -> int:
        """An address does not say it: the last page is number 1."""
        return 1

    def _next(self) -> ListRequest | None:
        """Where 下页 leads, else the file that the printed position (2/12) names: not the page's number in our walk, N may have grown."""
        linked, position = super()._next(), read_position(self.html)
        parts = urlsplit(self.request.url)
        if linked or position is None or not parts.path.endswith(("/", ".htm", ".html")):
            return linked
        number, pages = position
        if number > 1 and _VSB_FILE.search(parts.path):
            folder = parts.path.rpartition("/")[0]
        else:
            folder = re.sub(r"\.html?$", "", parts.path) if not parts.path.endswith("/") else f"{parts.path}index"
        path = f"{folder}/{pages - number}.htm"
        return ListRequest(url=urlunsplit(parts._replace(path=path, query="")), page=self.request.page + 1) if pages > number else None


class _CountedInQuery(ListPage):
    """Where 下一页 leads, else the same address with the next number in its query."""

    counter: ClassVar[str] = "page"

    def _next(self) -> ListRequest | None:
        page, guessed = self.request.page + 1, self._pager == (None, None)
        following = super()._next()
        if following or self._ends_here():
            return following
        return ListRequest(url=with_query(self.request.url, **{self.counter: page}), page=page, guessed=guessed)


class SiteserverNoticePage(NoticePage):
    """SiteServer."""

    family = "siteserver"
    native_id = _CONTENTS
    body_selectors = (".article-content", ".content-body", "#zoom", ".content")


class SiteserverListPage(ListPage):
    """channels/N.html, then where 下一页 leads, else channels/N_2.html (the first number is unconfirmed)."""

    family = "siteserver"
    native_id = _CONTENTS
    first_file = 2

    def _next(self) -> ListRequest | None:
        guess = self.request.page == 1 or self._pager == (None, None)
        return super()._next() or (None if self._ends_here() else self._numbered_next(guessed=guess))


class DedecmsNoticePage(NoticePage):
    """DedeCMS (织梦)."""

    family = "dedecms"
    native_id = re.compile(r"(?:/\d{4}(?:\d{4}|/\d{4})/|[?&]aid=)(\d{1,12})(?:\.html?)?(?:[?#&]|$)")
    body_selectors = (".content", ".article-content", ".viewbox", "#content", ".text")


class DedecmsListPage(_CountedInQuery):
    """plus/list.php?tid=N; TotalResult is passed on as 下一页 has it."""

    family = "dedecms"
    native_id = DedecmsNoticePage.native_id
    counter = "PageNo"


class PhpcmsNoticePage(NoticePage):
    """PHPCMS."""

    family = "phpcms"
    native_id = re.compile(r"(?:/\d{4}/\w{0,40}_?\d{4}/|[?&]a=show&catid=\d{1,9}&id=)(\d{1,12})(?:\.html?)?(?:[?#&]|$)")
    body_selectors = (".content", "#article", ".article-content", ".text")


class PhpcmsListPage(_CountedInQuery):
    """index.php?m=content&c=index&a=lists&catid=N&page=P."""

    family = "phpcms"
    native_id = PhpcmsNoticePage.native_id

    @classmethod
    def page_number(cls, url: str) -> int:
        """The number of a rewritten address is the page's own."""
        found = _PHPCMS_FILE.search(urlsplit(url).path)
        return max(1, int(found[2])) if found and found[2] else super().page_number(url)

    @cached_property
    def _pager(self) -> tuple[int | None, int | None]:
        """Its own pager prints `<a class="a1">72条</a>` and no more."""
        total, pages = super()._pager
        printed = _PHPCMS_TOTAL.search(self.html) if total is None else None
        return int(printed[1]) if printed else total, pages

    def _next(self) -> ListRequest | None:
        """Rewritten addresses are folder/index.html, then folder/2.html."""
        following, parts = super()._next(), urlsplit(self.request.url)
        if following is None or self._linked or parts.query or not _PHPCMS_FILE.search(parts.path):
            return following
        path = _PHPCMS_FILE.sub(f"/{following.page}.html", parts.path)
        return replace(following, url=urlunsplit(parts._replace(path=path, query="")))


class P8NoticePage(NoticePage):
    """国微 P8 (盘锦)."""

    family = "p8"
    native_id = _P8
    body_selectors = ("#zoom", ".content", ".article-content", ".TRS_Editor", ".con")


class P8ListPage(_CountedInQuery):
    """The site search, page by page: the columns themselves are drawn by script."""

    family = "p8"
    native_id = _P8
