"""新点 Epoint EWB (cms-families.md section 11): a POST of JSON by catalogue number."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from gongkai.registry import Portal, Section
from transforms.pages.answers import is_answer
from transforms.pages.contract import ListReading, ListRequest, NotThisLayout
from transforms.pages.list_findings import met
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage
from transforms.pages.paging import counted_on, counter_of

NATIVE_ID = re.compile(r"/(?:\d{8}/)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.html?(?:[?#]|$)")
_HEADERS = (("Content-Type", "application/json"),)
_SIZE = 20
_PROJECT = "EWB-FRONT"
_LIST = "/rest/lightfrontaction/getgovinfolist"
_SITE = "/js/webBuilderCommon.js"
_GUID = re.compile(r"""\bsiteGuid[\"']?\s{0,3}[:=]\s{0,3}[\"']([\w-]{1,60})""")
_NAME = re.compile(r"""\bprojectName[\"']?\s{0,3}[:=]\s{0,3}[\"']/?([\w-]{1,60})""")
_CATALOGUE = re.compile(r"[?&]categorynum=(\d{3,30})")


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
        if "site_guid" in portal.params:
            return direct
        return ListRequest(url=f"{portal.base_url}{_SITE}", column=section.entry, otherwise=direct)

    def read(self) -> ListReading:
        """Raises like ListPage.read; NotThisLayout for rows declared and none shown, as a server does that counts from 1."""
        if self.request.column is not None:
            return ListReading(rows=(), leads_to=(self._of_site(self.request.column),))
        if not is_answer(self.html):
            named = _CATALOGUE.search(self.url)
            return ListReading(rows=(), leads_to=(self._site_of(named[1]),)) if named and "pageIndex" not in self.url else super().read()
        reading = self._answered()
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
        wrap = self.params.get("wrap") == "params"
        direct = _asked(self._join("/").rstrip("/"), str(self.params.get("project", _PROJECT)), catalogue, guid, wrap=wrap)
        return direct if guid else ListRequest(url=self._join(_SITE), column=catalogue, otherwise=direct)

    def _of_site(self, catalogue: str) -> ListRequest:
        """The list by what webBuilderCommon.js says about the site."""
        guid, project = _GUID.search(self.html), _NAME.search(self.html)
        if guid is None:
            raise NotThisLayout(f"{self.url}: no siteGuid")
        named = project[1] if project else str(self.params.get("project", _PROJECT))
        return _asked(self._join("/").rstrip("/"), named, catalogue, guid[1], wrap=self.params.get("wrap") == "params")


def _asked(base: str, project: str, catalogue: str, guid: str, *, wrap: bool) -> ListRequest:
    """Page one, counted from 0; otherwise counted from 1; otherwise with the body wrapped the other way."""

    def posted(index: int, wrapped: bool, otherwise: ListRequest | None) -> ListRequest:
        asked = {"deptcode": "", "categorynum": catalogue, "pageIndex": index, "pageSize": _SIZE, "siteGuid": guid}
        body = json.dumps({"params": asked} if wrapped else asked)
        return ListRequest(url=f"{base}/{project.strip('/')}{_LIST}", body=body, headers=_HEADERS, otherwise=otherwise)

    request = None
    for wrapped in (not wrap, wrap):
        for index in (1, 0):
            request = posted(index, wrapped, request)
    return request or posted(0, wrap, None)
