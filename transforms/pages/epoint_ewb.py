"""新点 Epoint EWB (cms-families.md section 11): a POST of JSON by catalogue number."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

from gongkai.registry import Portal, Section
from transforms.pages.answers import is_answer
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import counted_on, counter_of, query_of

NATIVE_ID = re.compile(
    r"/((?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|(?<=/content/)\d{4}/\d{1,12})\.html?(?:[?#]|$)", re.IGNORECASE
)
"""A guid, or 阜新's /content/2025/12.html."""
_HEADERS = (("Content-Type", "application/json"),)
_SIZE = 20
_PROJECT = "EWB-FRONT"
_LIST = "/rest/lightfrontaction/getgovinfolist"
_SITES = ("/js/webBuilderCommon.js", "/js/ajaxReq.js")
"""Scripts that name the site, one or the other."""
_GUID = re.compile(r"""\bsiteGuid[\"']?\s{0,3}[:=]\s{0,3}[\"']([\w-]{1,60})""")
_NAME = re.compile(r"""\bprojectName[\"']?\s{0,3}[:=]\s{0,3}[\"']/?([\w-]{1,60})""")
_CATALOGUE = re.compile(r"[?&]categorynum=(\d{3,30})", re.IGNORECASE)


class EpointNoticePage(NoticePage):
    """Detail page; mian-cont is the vendor's own spelling."""

    family = "epoint_ewb"
    native_id = NATIVE_ID
    body_selectors = (".mian-cont", ".ewb-article-info", ".wenzhang", ".con", "#zoom", ".article-content")


class EpointListPage(ListPage):
    """getgovinfolist: most servers count pageIndex from 0, some from 1; 营口 wraps the body in {"params": …} (registry: `wrap: params`)."""

    family = "epoint_ewb"
    native_id = NATIVE_ID

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """A catalogue number (001001003), or a path for a page that lists its rows itself or names the catalogue (govInfoPub.html).

        Without `site_guid` in the registry the site's own script is asked for it first.
        """
        if not section.entry.isdigit():
            return super().entry(portal, section)
        project = str(portal.params.get("project", _PROJECT))
        wrap = portal.params.get("wrap") == "params"
        direct = _asked(portal.base_url, project, section.entry, str(portal.params.get("site_guid", "")), wrap=wrap)
        return direct if "site_guid" in portal.params else _site_first(portal.base_url, section.entry, direct)

    def read(self) -> ListReading:
        """Raises like ListPage.read; NotThisLayout for rows declared and none shown, as a server does that counts from 1."""
        if self.request.column is not None:
            return ListReading(rows=(), leads_to=(self._of_site(self.request.column),))
        if not is_answer(self.html):
            named = _CATALOGUE.search(self.url)
            return ListReading(rows=(), leads_to=(self._site_of(named[1]),)) if named and "pageIndex" not in self.url else super().read()
        root = self._join("/")  # addresses without a slash in front lie below the site, not beside the service
        answer = read_json_rows(self.html, root, self.native_id, self._rows_of, page=self.request.page)
        reading = replace(answer, next=self._next_answer(answer))
        index = counter_of(self.request)
        if index is None or not reading.rows or (self.request.page == 1 and index == 0):
            return reading
        return replace(reading, findings=(*reading.findings, met("L-PAGE-INDEX", 1 if index >= self.request.page else 0)))

    def _next_answer(self, reading: ListReading) -> ListRequest | None:
        """One further; page two of a server that counts from 1 is two further."""
        following = counted_on(self.request)
        if following is None or self.request.page > 1 or counter_of(self.request) != 0:
            return following
        return replace(following, otherwise=replace(counted_on(following) or following, page=following.page))

    def _site_of(self, catalogue: str) -> ListRequest:
        guid = str(self.params.get("site_guid", ""))
        wrap, base = self.params.get("wrap") == "params", self._join("/").rstrip("/")
        asked = f"{catalogue}/{unit}" if (unit := query_of(urlsplit(self.url).query).get("deptcode", "")) else catalogue
        direct = _asked(base, str(self.params.get("project", _PROJECT)), asked, guid, wrap=wrap)
        return direct if guid else _site_first(base, asked, direct)

    def _of_site(self, catalogue: str) -> ListRequest:
        """The list by what webBuilderCommon.js says about the site."""
        guid, project = _GUID.search(self.html), _NAME.search(self.html)
        if guid is None:
            raise NotThisLayout(f"{self.url}: no siteGuid")
        named = project[1] if project else str(self.params.get("project", _PROJECT))
        return _asked(self._join("/").rstrip("/"), named, catalogue, guid[1], wrap=self.params.get("wrap") == "params")


def _site_first(base: str, catalogue: str, direct: ListRequest) -> ListRequest:
    """The site's script, whichever is there, else the service as it is usually found."""
    request = direct
    for script in reversed(_SITES):
        request = ListRequest(url=f"{base}{script}", column=catalogue, otherwise=request)
    return request


def _asked(base: str, project: str, catalogue: str, guid: str, *, wrap: bool) -> ListRequest:
    """Page one, counted from 0; otherwise counted from 1; otherwise with the body wrapped the other way.

    `catalogue` may name a unit behind a slash: 001001003/DEPT.
    """
    number, _, unit = catalogue.partition("/")

    def posted(index: int, wrapped: bool, otherwise: ListRequest | None) -> ListRequest:
        asked = {"deptcode": unit, "categorynum": number, "pageIndex": index, "pageSize": _SIZE, "siteGuid": guid}
        body = json.dumps({"params": asked} if wrapped else asked)
        return ListRequest(url=f"{base}/{project.strip('/')}{_LIST}", body=body, headers=_HEADERS, otherwise=otherwise)

    request = None
    for wrapped in (not wrap, wrap):
        for index in (1, 0):
            request = posted(index, wrapped, request)
    return request or posted(0, wrap, None)
