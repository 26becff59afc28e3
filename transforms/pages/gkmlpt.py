"""gkmlpt, Guangdong's 政府信息公开目录管理平台 (cms-families.md section 3): data in the page and a JSON list."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, ClassVar

from gongkai.records.document import AttachmentLink
from gongkai.registry import Portal, Section
from transforms.attachments import attachment_name
from transforms.decode import without_surrogates
from transforms.pages.answers import array_at, is_answer, load_answer
from transforms.pages.contract import Candidate, ForeignSite, ListReading, ListRequest, NotThisLayout
from transforms.pages.list_page import ListPage
from transforms.pages.meta_tags import present
from transforms.pages.notice_page import ApiFields, NoticePage
from transforms.pages.paging import counted_on
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.stamps import epoch_stamp
from transforms.pages.tree import Tree

NATIVE_ID = re.compile(r"/m?post_(\d{1,12})\.s?html?(?:[?#]|$)")
# Each begins with its plain word, which a search finds a hundred times faster than a quotation mark that may be absent.
_SID = re.compile(r"""SID["']?\s{0,9}:\s{0,9}["']?(\d{1,12})""")
_TREE = re.compile(r"""TREE["']?\s{0,9}:\s{0,9}(?=\[)""")
_DETAIL = re.compile(r"""DETAIL["']?\s{0,9}[:=]\s{0,9}(?=\{)""")
_CONTENT = re.compile(r"""content["']?\s{0,9}:\s{0,9}(?=")""")
_MOST_TREE = 5_000_000
_FIELDS = {
    "title": ("title",),
    "doc_number": ("document_number",),
    "index_number": ("identifier",),
    "issuer": ("publisher",),
    "source": ("source",),
    "subject_words": ("keywords",),
}


@dataclass(frozen=True, slots=True)
class GkmlptColumn:
    """A column (栏目) of the directory tree. Only leaves hold posts of their own; an external one is a link elsewhere."""

    id: int
    name: str
    post_count: int | None
    external: bool
    leaf: bool
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class GkmlptIndex:
    """What /gkmlpt/index declares: the site's id and its columns, depth first."""

    sid: str
    columns: tuple[GkmlptColumn, ...]


def read_gkmlpt_index(text: str, url: str) -> GkmlptIndex:
    """Read `window._CONFIG` of an index page. Raises NotThisLayout (no SID or no readable TREE) or SoftError."""
    sid, tree = _SID.search(text), _TREE.search(text)
    if not sid or not tree:
        refuse_soft_error(Tree.of(text), 0)
        raise NotThisLayout(f"{url}: no _CONFIG with SID and TREE")
    nodes = _value_at(text, tree.end())
    if nodes is None and (literal := array_at(text, tree.end(), _MOST_TREE)):  # written as JavaScript, not as JSON
        nodes = load_answer(literal).value
    if not isinstance(nodes, list):
        raise NotThisLayout(f"{url}: TREE of _CONFIG is not readable")
    columns: list[GkmlptColumn] = []
    waiting: list[tuple[Any, int | None]] = [(node, None) for node in reversed(nodes)]
    while waiting and len(columns) < 20_000:
        node, parent = waiting.pop()
        if not isinstance(node, dict) or not str(node.get("id", "")).isdigit():
            continue
        children = node.get("children")
        children = children if isinstance(children, list) else []
        count = str(node.get("post_count", ""))
        columns.append(
            GkmlptColumn(
                id=int(node["id"]),
                name=without_surrogates(str(node.get("name") or "")).strip(),
                post_count=int(count) if count.isdigit() else None,
                external=bool(node.get("jump_url")),
                leaf=not children,
                parent=parent,
            )
        )
        waiting.extend((child, int(node["id"])) for child in reversed(children))
    return GkmlptIndex(sid.group(1), tuple(columns))


class GkmlptNoticePage(NoticePage):
    """Detail page: `_CONFIG.DETAIL` where the page has it, else the containers of the provincial and Shenzhen templates."""

    family = "gkmlpt"
    native_id = NATIVE_ID
    body_selectors = (".article-content", ".tyxxy_main", ".news_cont_d_wrap", ".articlebox", ".content_article", "#zoom", ".content")
    markup: ClassVar = {"title": (".article-title", ".title.document-number"), "published_at": (".publish-time", ".date")}

    def api_fields(self) -> ApiFields:
        """Candidates `api:NAME`, the body and the attachments of `_CONFIG.DETAIL`."""
        text = self.html
        start = _DETAIL.search(text)
        if not start:
            return ApiFields()
        detail = _value_at(text, start.end())
        if not isinstance(detail, dict):  # a JavaScript literal: the text at least is a JSON string
            content = _CONTENT.search(text, start.end())
            detail = {"content": _value_at(text, content.end())} if content else {}
        api = ApiFields(body_html=_markup(detail.get("content")), attachments=tuple(self._attachments(detail)))
        for name, keys in _FIELDS.items():
            for key in keys:
                value = present(without_surrogates(detail[key])) if isinstance(detail.get(key), str) else None
                if value:
                    api.candidates.setdefault(name, []).append(Candidate(source=f"api:{key}", value=value))
        self._times(detail, api)
        return api

    def _times(self, detail: dict[str, Any], api: ApiFields) -> None:
        for name, keys in (("published_at", ("display_publish_time", "created_at", "publish_time")), ("written_date", ("date",))):
            for key in keys:
                stamp = epoch_stamp(detail.get(key))
                value = stamp.iso() if stamp else present(detail[key]) if isinstance(detail.get(key), str) else None
                if value:
                    api.candidates.setdefault(name, []).append(Candidate(source=f"api:{key}", value=value))
        for key, word in (("is_abolished", "废止"), ("is_expired", "失效")):
            if str(detail.get(key)) == "1":
                api.candidates.setdefault("validity", []).append(Candidate(source=f"api:{key}", value=word))

    def _attachments(self, detail: dict[str, Any]) -> list[AttachmentLink]:
        listed = detail.get("attachment") or detail.get("attachments") or []
        if isinstance(listed, str):
            listed = _value_at(listed, 0) or []
        found = []
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, dict) and isinstance(item.get("url"), str) and item["url"]:
                url = self._join(item["url"])
                found.append(AttachmentLink(name=attachment_name(url, str(item.get("name") or "")), url=url))
        return found


class GkmlptListPage(ListPage):
    """The index page, which leads to the columns below an entry; an answer of /gkmlpt/api/all/… or of the province's search."""

    family = "gkmlpt"
    native_id = NATIVE_ID
    page_rows = 100

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """The index page: it names the SID and the tree in which the section's category stands.

        A department's site may lie below a prefix of its city's host (registry: `dept`).
        """
        if not section.entry.isdigit():
            return super().entry(portal, section)
        department = str(portal.params.get("dept", "")).strip("/")
        return ListRequest(url=f"{portal.base_url}/{department}/gkmlpt/index".replace("//gkmlpt", "/gkmlpt"), column=section.entry)

    def read(self) -> ListReading:
        """No rows is an empty reading; a page that is no answer is the index, or a list page of the publishing system beside it.

        Raises NotThisLayout (no JSON, no list, no such column), SoftError (the API reports an error), ForeignSite (another SID).
        """
        if self.request.column is not None:
            return ListReading(rows=(), leads_to=self._columns(read_gkmlpt_index(self.html, self.url), self.request.column))
        if is_answer(self.html) or "/gkmlpt/api/" in self.request.url:
            return self._answered()
        if _TREE.search(self.html):
            return ListReading(rows=(), leads_to=self._columns(read_gkmlpt_index(self.html, self.url), None))
        return self._listed()  # a list page of nfcms, whose rows lead here

    def _next_answer(self, reading: ListReading) -> ListRequest | None:
        """Pages 0 and 1 are the same, and so is an address without a page: after any of them comes 2."""
        following = counted_on(self.request, first=2) or super()._next_answer(reading)
        return replace(following, guessed=False) if following and "/gkmlpt/api/" in following.url else following

    def _columns(self, index: GkmlptIndex, entry: str | None) -> tuple[ListRequest, ...]:
        """First pages of the columns at or below `entry` (of all without one) that hold posts of their own; `page` counts from 1."""
        expected = str(self.params.get("sid", index.sid))
        if expected != index.sid:
            raise ForeignSite(f"SID {index.sid}, expected {expected}")
        inside = {c.id for c in index.columns if entry is None or str(c.id) == entry}
        found = []
        for column in index.columns:  # depth first: a parent comes before its children
            if column.parent in inside:
                inside.add(column.id)
            if column.id in inside and column.leaf and not column.external:
                found.append(ListRequest(url=self._join(f"api/all/{column.id}?page=1&sid={index.sid}")))
        if not found:
            raise NotThisLayout(f"{self.request.url}: no column {entry} in the tree")
        return tuple(found)


def _value_at(text: str, start: int) -> Any:
    """The JSON value that begins at `start`, whatever follows it; None where it is no JSON."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value


def _markup(content: object) -> str | None:
    """The body's markup out of its JSON string; some templates escape it a second time as entities."""
    if not isinstance(content, str) or not content.strip():
        return None
    content = without_surrogates(content).replace("\r\n", "\n").replace("\0", "")
    return unescape(content) if "<" not in content and "&lt;" in content else content
