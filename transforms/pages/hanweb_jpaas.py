"""大汉 JPAAS (cms-families.md section 4.3): blocks of a column built by the publishing server; the page number only inside paramJson."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode, urlsplit

from gongkai.registry import Portal, Section
from transforms.decode import without_surrogates
from transforms.pages.answers import is_answer, load_answer
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import query_of, with_query
from transforms.pages.tree import Tree

NATIVE_ID = re.compile(r"/art_([0-9a-f]{32})\.html?(?:[?#]|$)")
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_MOST_BLOCKS = 20
"""Blocks of a column page that are looked at."""
_DATA = re.compile(r"""\bquerydata\s{0,5}=\s{0,5}("[^"]{10,2000}"|'[^']{10,2000}')""", re.IGNORECASE)
_TAG = re.compile(r"""<[a-z]\w{0,20}\b(?:[^<>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,60}""", re.IGNORECASE)
_PAIR = re.compile(r"""["']?\b(\w{1,30})["']?\s{0,3}:\s{0,3}(?:"([^"]{0,300})"|'([^']{0,300})'|(\d{1,9}))""")
_COUNT = re.compile(r"""\bcount["']?\s{0,3}[:=]\s{0,3}["']?(\d{1,9})""", re.IGNORECASE)
_ROWS = re.compile(r"""\brows["']?\s{0,3}[:=]\s{0,3}["']?(\d{1,4})""", re.IGNORECASE)
_COUNTED = re.compile(r"""<[a-z]\w{0,20}\b[^<>]{0,400}\bcount\s{0,3}=[^<>]{0,400}""", re.IGNORECASE)
_ADDRESS = re.compile(r"""\burl\s{0,3}=\s{0,3}["']([^"'<>\s]{0,200}/jpaas-publish-server/[^"'<>\s]{0,200})""", re.IGNORECASE)
_LISTED = re.compile(r"列表|分页|list|page|内容", re.IGNORECASE)
_OWN = frozenset(("rows", "count", "pageno", "pagesize", "paramjson"))
"""Names in queryData that say where its pager stands, and no part of the block."""
_SIZE = 15
_IDS = ("webId", "tplSetId", "tagId", "pageId")
_NAMED = re.compile(r"""\b(webId|tplSetId|tagId|pageId)[\"']?\s{0,3}[:=]\s{0,3}[\"']([^\"'<>]{1,80})""")


class HanwebJpaasNoticePage(NoticePage):
    """Detail page."""

    family = "hanweb_jpaas"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", "#zoomcon", ".zc_article_con", ".article-content", ".article_con")


class HanwebJpaasListPage(ListPage):
    """A column page with its first rows inline and the block's ids in queryData, or a block the server built."""

    family = "hanweb_jpaas"
    native_id = NATIVE_ID

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """A column page, or its id where the registry names the block (`web_id`, `tpl_set_id`, `tag_id`)."""
        named = {"webId": "web_id", "tplSetId": "tpl_set_id", "tagId": "tag_id"}
        ids = {key: str(portal.params[name]) for key, name in named.items() if name in portal.params}
        if section.entry.startswith(("/", "http")) or not ids:
            return super().entry(portal, section)
        return ListRequest(url=_asked(portal.base_url + _UNIT, ids | {"pageId": section.entry}, 1, 15))

    @classmethod
    def page_number(cls, url: str) -> int:
        """What paramJson says: a bare pageNo is ignored by the server, and pageId is the column."""
        try:
            asked = json.loads(query_of(urlsplit(url).query).get("paramJson", "").replace("'", '"'))
            return max(1, int(asked["pageNo"]))
        except (ValueError, KeyError, TypeError):
            return 1

    def read(self) -> ListReading:
        """Raises like ListPage.read; SoftError for a refusing answer."""
        if is_answer(self.html):
            answer = load_answer(self.html).value
            data = answer.get("data") if isinstance(answer, dict) else None
            built = data.get("html") if isinstance(data, dict) else data
            return self._block(without_surrogates(built)) if isinstance(built, str) else super().read()
        if self._rows(self.tree) and _DATA.search(self.html):
            return self._block(self.html)
        first = self._built_block()
        return ListReading(rows=(), leads_to=(first,)) if first else super().read()

    def _block(self, markup: str) -> ListReading:
        """One block. Small columns have no pager and all their rows; a block without `count` may have more, so page two is asked."""
        rows = self._rows(self.tree if markup is self.html else Tree.of_fragment(markup), few=True)
        pager = _pager_of(markup)
        if not rows:
            if self.request.page > 1:
                raise PastTheEnd(f"no rows in the block of page {self.request.page}")
            if pager.count != 0:
                raise NotThisLayout(f"{self.url}: a block without rows")
            return ListReading(rows=(), declared_total=0)
        following = self._following(pager)
        if pager.count is not None:
            return ListReading(rows=rows, declared_total=pager.count, next=following)
        asked = (met("L-UNCOUNTED", following.page),) if following else ()
        return ListReading(rows=rows, next=following, findings=asked)

    def _built_block(self) -> ListRequest | None:
        """Page one of a column page that holds nothing but the ids of its blocks, in queryData or in a script; None for any other page.

        Of several blocks the one called a list goes first.
        """
        if "jpaas-publish-server" not in self.html or self._rows(self.tree):
            return None
        request = None
        for pager in sorted(_pagers(self.html), key=lambda pager: _LISTED.search(pager.ids.get("tagId", "")) is not None):
            if "pageId" in pager.ids:
                request = replace(self._asked(pager, 1), otherwise=request)
        found = dict(reversed(_NAMED.findall(self.html)))
        if request or not found.keys() >= {"webId", "pageId"}:
            return request
        return self._asked(_Pager({key: found[key] for key in _IDS if key in found}), 1)

    def _following(self, pager: _Pager) -> ListRequest | None:
        page, query = self.request.page + 1, query_of(urlsplit(self.request.url).query)
        if pager.count is not None and self.request.page * (pager.rows or _size(query.get("paramJson", ""))) >= pager.count:
            return None
        if "paramJson" in query:
            parameters = json.dumps({"pageNo": page, "pageSize": pager.rows or _size(query["paramJson"])}, separators=(",", ":"))
            url = with_query(self.request.url, paramJson=parameters)
        elif pager.ids:
            url = self._asked(pager, page).url
        elif query.keys() >= {"webId", "pageId"}:
            parameters = json.dumps({"pageNo": page, "pageSize": pager.rows or _SIZE}, separators=(",", ":"))
            url = with_query(self.request.url, paramJson=parameters)
        else:
            return None
        return ListRequest(url=url, page=page, guessed=pager.count is None)

    def _asked(self, pager: _Pager, page: int) -> ListRequest:
        return ListRequest(url=_asked(self._joined(pager.unit) or self._join(_UNIT), pager.ids, page, pager.rows or _SIZE), page=page)


@dataclass(frozen=True, slots=True)
class _Pager:
    """What a block says of itself: its ids, how many rows it has, how many stand on a page."""

    ids: Mapping[str, str]
    count: int | None = None
    rows: int | None = None
    unit: str = _UNIT


def _pagers(markup: str) -> list[_Pager]:
    """The blocks that name themselves in queryData, in page order."""
    found = []
    for data in islice(_DATA.finditer(markup), _MOST_BLOCKS):
        tag = _TAG.match(markup, max(markup.rfind("<", 0, data.start()), 0))
        said = entities.unescape(tag[0] if tag else data[0])
        pairs = {name: a or b or c for name, a, b, c in _PAIR.findall(entities.unescape(data[1][1:-1]))}
        ids = {name: value for name, value in pairs.items() if name.lower() not in _OWN}
        address = _ADDRESS.search(said)
        found.append(
            _Pager(ids if ids.keys() & set(_IDS) else {}, _number(_COUNT, said), _number(_ROWS, said), address[1] if address else _UNIT)
        )
    return found


def _pager_of(markup: str) -> _Pager:
    """The pager of a block: the one that counts rows, else the first that is called a list."""
    found = _pagers(markup)
    counted = next((pager for pager in found if pager.count is not None), None)
    if counted is None and (tag := _COUNTED.search(markup)):
        counted = _Pager({}, _number(_COUNT, tag[0]), _number(_ROWS, tag[0]))
    named = [pager for pager in found if pager.ids]
    first = next((pager for pager in named if _LISTED.search(pager.ids.get("tagId", ""))), named[0] if named else None)
    if counted is None:
        return first or _Pager({})
    return counted if counted.ids or first is None else replace(first, count=counted.count, rows=counted.rows)


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


def _size(parameters: str) -> int:
    found = re.search(r"pageSize\W{1,5}([0-9]{1,4})", parameters)
    return int(found[1]) if found else _SIZE


def _asked(unit: str, ids: Mapping[str, str], page: int, size: int) -> str:
    """The address of one page of a block; the page number counts only inside paramJson."""
    parameters = json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":"))
    named = {key: ids[key] for key in _IDS if key in ids}
    query = {"parseType": "bulidstatic", "pageType": "column", "editType": "null"} | named | dict(ids) | {"paramJson": parameters}
    return f"{unit}?{urlencode(query)}"
