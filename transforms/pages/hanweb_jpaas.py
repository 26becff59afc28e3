"""大汉 JPAAS (cms-families.md section 4.3): blocks of a column built by the publishing server; the page number only inside paramJson."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from gongkai.registry import Portal, Section
from transforms.pages.answers import is_answer, load_answer
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout, PastTheEnd
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import query_of, with_query
from transforms.pages.tree import Tree

NATIVE_ID = re.compile(r"/art_([0-9a-f]{32})\.html?(?:[?#]|$)")
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_QUERY = re.compile(r"""queryData=[\"']?(\{[^{}]{10,2000}\})""")
_COUNT = re.compile(r"""\bcount=[\"']?(\d{1,9})""")
_ROWS = re.compile(r"""\brows=[\"']?(\d{1,4})""")
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

    def read(self) -> ListReading:
        """Raises like ListPage.read; SoftError for a refusing answer."""
        if is_answer(self.html):
            answer = load_answer(self.html).value
            data = answer.get("data") if isinstance(answer, dict) else None
            built = data.get("html") if isinstance(data, dict) else data
            return self._block(built) if isinstance(built, str) else super().read()
        if _QUERY.search(entities.unescape(self.html)):
            return self._block(self.html)
        first = self._built_block()
        return ListReading(rows=(), leads_to=(first,)) if first else super().read()

    def _block(self, markup: str) -> ListReading:
        """One block. Small columns have no pager and all their rows; a block without `count` may have more, so page two is asked."""
        whole = markup is self.html
        rows = self._rows(self.tree if whole else Tree.of_fragment(markup), few=True)
        plain = entities.unescape(markup)
        total, size = _COUNT.search(plain), _ROWS.search(plain)
        if not rows:
            if whole:
                return replace(super().read(), next=None)
            if self.request.page > 1:
                raise PastTheEnd(f"no rows in the block of page {self.request.page}")
            if total is None or int(total[1]) > 0:
                raise NotThisLayout(f"{self.url}: a block without rows")
            return ListReading(rows=(), declared_total=0)
        following = self._following(plain, int(size[1]) if size else 15, guessed=total is None)
        if total:
            return ListReading(rows=rows, declared_total=int(total[1]), next=following)
        asked = (met("L-UNCOUNTED", following.page),) if following else ()
        return ListReading(rows=rows, next=following, findings=asked)

    def _built_block(self) -> ListRequest | None:
        """Page one of a column page that holds nothing but the block's ids in a script; None for any other page."""
        if "jpaas-publish-server" not in self.html or self._rows(self.tree):
            return None
        found = dict(reversed(_NAMED.findall(self.html)))
        if not found.keys() >= {"webId", "pageId"}:
            return None
        return ListRequest(url=_asked(self._join(_UNIT), {key: found[key] for key in _IDS if key in found}, 1, 15))

    def _following(self, plain: str, size: int, *, guessed: bool) -> ListRequest | None:
        page = self.request.page + 1
        if "paramJson" in query_of(urlsplit(self.request.url).query):
            parameters = json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":"))
            return ListRequest(url=with_query(self.request.url, paramJson=parameters), page=page, guessed=guessed)
        found = _QUERY.search(plain)
        try:
            ids = json.loads(found[1].replace("'", '"')) if found else {}
        except ValueError:
            return None
        known = {key: str(ids[key]) for key in _IDS if key in ids}
        return ListRequest(url=_asked(self._join(_UNIT), known, page, size), page=page, guessed=guessed) if known else None


def _asked(unit: str, ids: Mapping[str, str], page: int, size: int) -> str:
    """The address of one page of a block; the page number counts only inside paramJson."""
    parameters = json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":"))
    query = {"parseType": "bulidstatic", "pageType": "column", "editType": "null", **ids, "paramJson": parameters}
    return f"{unit}?{urlencode(query)}"
