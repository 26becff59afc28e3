"""The pc/list.html platform of Jiangxi and others (cms-families.md section 10): rows and attachments as JSON in the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from transforms.pages.contract import ListReading
from transforms.pages.json_rows import read_json_rows
from transforms.pages.list_page import ListPage
from transforms.pages.notice_page import NoticePage

NATIVE_ID = re.compile(r"/content_(\d{15,20})\.html?(?:[?#]|$)")
_ROWS = re.compile(r"articleList[\"']?\s{0,5}[:=]\s{0,5}(?=\[)")
_MOST = 5_000_000


class PcListNoticePage(NoticePage):
    """Detail page."""

    family = "pc_list"
    native_id = NATIVE_ID
    body_selectors = ("#zoom", ".article-content", ".content-article", ".content", ".conTxt")


class PcListListPage(ListPage):
    """The array behind `articleList`; `urls` is JSON inside JSON. How older rows are paged is unconfirmed: 下一页 is followed."""

    family = "pc_list"
    native_id = NATIVE_ID

    def read(self) -> ListReading:
        """Raises like ListPage.read."""
        found = _ROWS.search(self.html)
        if found is None:
            return super().read()
        try:
            items, _ = json.JSONDecoder(strict=False).raw_decode(self.html[found.end() : found.end() + _MOST])
        except (ValueError, RecursionError):
            return super().read()
        rows = [{**item, "urls": _pc(item.get("urls"))} for item in items if isinstance(item, dict)]
        reading = read_json_rows(json.dumps({"list": rows}), self.url, self.native_id)
        return replace(reading, next=self._next())


def _pc(urls: object) -> str:
    """The address for browsers out of `{"pc": …}`, which some pages write as a string."""
    try:
        named = json.loads(urls) if isinstance(urls, str) and urls.lstrip()[:1] == "{" else urls
    except ValueError:
        named = urls
    return str(named.get("pc") or "") if isinstance(named, dict) else str(named or "")
