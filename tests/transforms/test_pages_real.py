"""Real pages of the five labelled portals, read from ../shared; nothing of them is copied here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml.html import fragment_fromstring

from transforms.decode import decode
from transforms.pages import read_list, read_notice
from transforms.pages.contract import ListReading

SHARED = Path(__file__).parents[3] / "shared"
PAGES, LABELS = SHARED / "documents" / "pages", SHARED / "tools" / "gold" / "pages.gold.jsonl"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not LABELS.exists(), reason="../shared with the labelled real pages is absent")]


def label(name: str) -> dict[str, Any]:
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    return next(found for found in map(json.loads, lines) if found["id"] == name)


def text(name: str) -> str:
    return decode(next(PAGES.glob(f"{name}.*")).read_bytes()).text


def squash(value: str) -> str:
    return "".join(value.split())


@pytest.mark.parametrize("name", ["a01", "a05", "a08", "a13", "a23", "p01"])
def test_notices(name: str) -> None:
    page, gold = read_notice(text(name), None), label(name)
    assert page.title == gold["title"]
    assert (page.published_at or "")[:10] == (gold["published_date"] or "")
    assert page.doc_number == gold["doc_number"]
    assert page.body_html is not None
    body = squash(str(fragment_fromstring(page.body_html, create_parent="div").text_content()))
    assert any(squash(gold[k]) in body[:60] for k in ("body_first20", "body_first20_alt") if k in gold)
    assert any(body.endswith(squash(gold[k])) for k in ("body_last20", "body_last20_alt") if k in gold)
    assert page.attachments == ()


def listing(name: str, url: str, family: str) -> ListReading:
    return read_list(text(name), url, family)


@pytest.mark.parametrize(
    ("name", "url", "family"),
    [
        ("l01", "https://www.nmpa.gov.cn/yaopin/ypggtg/index.html", "generic"),
        ("l01", "https://www.nmpa.gov.cn/yaopin/ypggtg/index.html", "trs_wcm"),
        ("l04", "http://hdzfxxgk.hd.gov.cn/", "trs_wcm"),
        ("j07", "http://www.tj.gov.cn/igs/front/search.jhtml", "trs_wcm"),
        ("j08", "http://search.gd.gov.cn/api/search/file", "gkmlpt"),
        ("j20", "http://search.gd.gov.cn/api/search/file", "gkmlpt"),
    ],
)
def test_lists(name: str, url: str, family: str) -> None:
    reading, gold = listing(name, url, family), label(name)
    assert len(reading.rows) == gold["n_items"]
    for row, wanted in zip(reading.rows[:1] + reading.rows[-1:], [gold["first_item"], gold["last_item"]], strict=False):
        assert (row.title, row.url, str(row.date)) == (wanted["title"], wanted["url"], wanted["date"])
        assert row.doc_number == wanted.get("doc_number")
    following = gold["next_page"] or {}
    assert reading.declared_total == gold.get("total", following.get("total"))
    if "pages" in following:
        assert reading.declared_pages == following["pages"]
