"""Families whose lists are plain pages and differ in little more than addresses and containers (cms-families.md 3.6, 8, 9, 12, 13)."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from transforms.pages.contract import ListRequest
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import with_query

_POST = re.compile(r"/m?post_(\d{1,12})\.s?html?(?:[?#]|$)")
_SHOW = re.compile(r"/(?:Branch)?(?:OpennessContent|News|Content|Special|XxgkPolicy)/show/(\d{1,12})\.html?(?:[?#]|$)", re.IGNORECASE)
_INFO = re.compile(r"/info/(\d{1,9}/\d{1,12})\.htm(?:[?#]|$)")
_VSB_PAGES = re.compile(r"共\s{0,3}\d{1,9}\s{0,3}条(?:&nbsp;|\s){0,6}\d{1,6}\s{0,3}/\s{0,3}(\d{1,6})")
_CONTENTS = re.compile(r"/contents/(\d{1,9}/\d{1,12})\.html?(?:[?#]|$)")
_P8 = re.compile(r"/content-(\d{1,12})\.html?(?:[?#]|$)")
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
        return ListRequest(url=url, page=page) if changed else super()._next()


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
        pages = _VSB_PAGES.search(self.html)
        if pages is None:
            return super()._next()
        page, left = self.request.page + 1, int(pages[1]) - self.request.page
        parts = urlsplit(self.request.url)
        folder = parts.path.removesuffix(".htm") if self.request.page == 1 else parts.path.rpartition("/")[0]
        return ListRequest(url=urlunsplit(parts._replace(path=f"{folder}/{left}.htm", query="")), page=page) if left >= 1 else None


class _CountedInQuery(ListPage):
    """Where 下一页 leads, else the same address with the next number in its query."""

    counter: ClassVar[str] = "page"

    def _next(self) -> ListRequest | None:
        page = self.request.page + 1
        return super()._next() or ListRequest(url=with_query(self.request.url, **{self.counter: page}), page=page, guessed=True)


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
        return super()._next() or self._numbered_next(guessed=True)


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


class P8NoticePage(NoticePage):
    """国微 P8 (盘锦)."""

    family = "p8"
    native_id = _P8
    body_selectors = ("#zoom", ".content", ".article-content", ".TRS_Editor", ".con")


class P8ListPage(_CountedInQuery):
    """The site search, page by page: the columns themselves are drawn by script."""

    family = "p8"
    native_id = _P8
