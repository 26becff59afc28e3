"""新点 Epoint EWB (cms-families.md section 11): a POST of JSON by catalogue number."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from gongkai.registry import Portal, Section
from transforms.pages.contract import ListReading, ListRequest
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage

NATIVE_ID = re.compile(r"/(?:\d{8}/)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.html?(?:[?#]|$)")
_HEADERS = (("Content-Type", "application/json"),)
_SIZE = 20


class EpointNoticePage(NoticePage):
    """Detail page; mian-cont is the vendor's own spelling."""

    family = "epoint_ewb"
    native_id = NATIVE_ID
    body_selectors = (".mian-cont", ".ewb-article-info", ".wenzhang", ".con", "#zoom", ".article-content")


class EpointListPage(ListPage):
    """getgovinfolist: pageIndex counts from 0; 营口 wraps the body in {"params": …} (registry: `wrap: params`)."""

    family = "epoint_ewb"
    native_id = NATIVE_ID

    @classmethod
    def entry(cls, portal: Portal, section: Section) -> ListRequest:
        """A catalogue number (001001003), or a path for a page that lists its rows itself."""
        if not section.entry.isdigit():
            return super().entry(portal, section)
        project = portal.params.get("project", "EWB-FRONT")
        asked = {
            "deptcode": "",
            "categorynum": section.entry,
            "pageIndex": 0,
            "pageSize": _SIZE,
            "siteGuid": portal.params.get("site_guid", ""),
        }
        body = json.dumps({"params": asked} if portal.params.get("wrap") == "params" else asked)
        return ListRequest(url=f"{portal.base_url}/{project}/rest/lightfrontaction/getgovinfolist", body=body, headers=_HEADERS)

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        if self.html.lstrip()[:1] != "{":
            return super().read()
        return replace(read_json_rows(self.html, self.url, self.native_id), next=self._next())

    def _next(self) -> ListRequest | None:
        if self.request.body is None:
            return super()._next()
        body = json.loads(self.request.body)
        (body.get("params") or body)["pageIndex"] = self.request.page
        return ListRequest(url=self.request.url, body=json.dumps(body), headers=self.request.headers, page=self.request.page + 1)
