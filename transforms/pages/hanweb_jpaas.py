"""大汉 JPAAS (cms-families.md section 4.3): blocks of a column built by the publishing server; the page number only inside paramJson."""

from __future__ import annotations

import html as entities
import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from transforms.pages.contract import ListReading, ListRequest, NotThisLayout
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import with_query
from transforms.pages.refusals import load_answer
from transforms.pages.tree import Tree

NATIVE_ID = re.compile(r"/art_([0-9a-f]{32})\.html?(?:[?#]|$)")
_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_QUERY = re.compile(r"""queryData=[\"']?(\{[^{}]{10,2000}\})""")
_COUNT = re.compile(r"""\bcount=[\"']?(\d{1,9})""")
_ROWS = re.compile(r"""\brows=[\"']?(\d{1,4})""")


class HanwebJpaasNoticePage(NoticePage):
    """Detail page."""

    family = "hanweb_jpaas"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", "#zoomcon", ".zc_article_con", ".article-content", ".article_con")


class HanwebJpaasListPage(ListPage):
    """A column page with its first rows inline and the block's ids in queryData, or a block the server built."""

    family = "hanweb_jpaas"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read; SoftError for a refusing answer."""
        if self.html.lstrip()[:1] == "{":
            data = load_answer(self.html).get("data")
            built = data.get("html") if isinstance(data, dict) else None
            if not isinstance(built, str):
                raise NotThisLayout(f"{self.url}: the answer holds no html")
            return self._block(built)
        return self._block(self.html) if _QUERY.search(entities.unescape(self.html)) else super().read()

    def _block(self, markup: str) -> ListReading:
        rows = self._rows(Tree.of_fragment(markup))
        plain = entities.unescape(markup)
        total, size = _COUNT.search(plain), _ROWS.search(plain)
        following = self._following(plain, int(size[1]) if size else 15)
        if not rows:
            return replace(super().read(), next=None) if self.html is markup else ListReading(rows=(), declared_total=0)
        return ListReading(rows=rows, declared_total=int(total[1]) if total else len(rows), next=following)

    def _following(self, plain: str, size: int) -> ListRequest | None:
        page = self.request.page + 1
        parameters = json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":"))
        if "paramJson" in dict(parse_qsl(urlsplit(self.request.url).query)):
            return ListRequest(url=with_query(self.request.url, paramJson=parameters), page=page)
        found = _QUERY.search(plain)
        try:
            ids = json.loads(found[1].replace("'", '"')) if found else {}
        except ValueError:
            return None
        named = {key: str(ids[key]) for key in ("webId", "tplSetId", "tagId", "pageId") if key in ids}
        query = {"parseType": "bulidstatic", "pageType": "column", "editType": "null", **named, "paramJson": parameters}
        return ListRequest(url=f"{self._join(_UNIT)}?{urlencode(query)}", page=page) if named else None
