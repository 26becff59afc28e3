"""Whether a page is the article its row promised, and whether a file is the file; large pages do not hold up the lanes."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from crawlers.article import instead_of_file, is_front, is_index, is_titled
from crawlers.aside import LARGE, read_aside
from crawlers.cookies import few_cookies
from crawlers.warc import Exchange
from transforms.pages import read_notice
from transforms.pages.contract import Candidate, PageFields

_LISTED = "例市人民政府办公室关于做好防汛备汛工作的通知"


@pytest.mark.parametrize(
    ("title", "titled"),
    [
        (_LISTED, True),
        (f"{_LISTED}（例政办发〔2025〕4号）", True),
        ("例市人民政府办公室 关于做好防汛备汛工作的通知", True),
        ("关于做好2025年防汛备汛工作的通知", True),
        ("工作要点-例市人民政府", False),
        ("例市人民政府", False),
        ("要闻动态", False),
        (None, False),
    ],
)
def test_is_titled(title: str | None, titled: bool) -> None:
    assert is_titled(_LISTED, PageFields(title=title, published_at=None)) is titled


def test_a_cut_list_title_and_a_voice_that_lost_count() -> None:
    assert is_titled("例市人民政府办公室关于做…", PageFields(title=_LISTED, published_at=None))
    voices = {"title": (Candidate(source="meta:ArticleTitle", value=_LISTED),)}
    assert is_titled(_LISTED, PageFields(title="别的标题在这里", published_at=None, candidates=voices))
    assert is_titled("（…）", PageFields(title="要闻动态", published_at=None)), "a title without words decides nothing"


_ROWS = "".join(f"<li><a href='/{n}.html'>例市召开第{n}次工作调度会议</a><span>03-0{n}</span></li>" for n in range(1, 9))


@pytest.mark.parametrize(
    ("body", "index"),
    [
        (f"<ul>{_ROWS}</ul>", True),
        (f"<p>{'各部门要认真贯彻落实各项任务，确保按时完成。' * 20}</p><ul>{_ROWS}</ul>", False),
        ("<p>现将有关事项通知如下。</p><p><a href='1.doc'>附件1</a> <a href='2.doc'>附件2</a> <a href='3.doc'>附件3</a></p>", False),
        ("<p><img src='a.jpg'></p>", False),
        ("<!-- nothing -->", False),
        ("", True),
        (None, True),
    ],
)
def test_is_index(body: str | None, index: bool) -> None:
    assert is_index(body) is index


@pytest.mark.parametrize(
    ("url", "front"),
    [
        ("http://x/", True),
        ("http://x", True),
        ("http://x/index.html", True),
        ("http://x/Default.aspx", True),
        ("http://x/zwgk/index.html", False),
        ("http://x/?id=7", False),
        ("http://x/index.php?m=content&id=7", False),
    ],
)
def test_is_front(url: str, front: bool) -> None:
    assert is_front(url) is front


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><form><input type='password' name=pw></form></html>", "a login page instead of the file"),
        ("<!DOCTYPE html><html><body>对不起，您访问的文件不存在</body></html>".encode("gbk"), "an error page sent as a good one"),
        (b"\xef\xbb\xbf\n<html><table><tr><td>12</td></tr></table></html>", None),
        (b"%PDF-1.4 <html> type=password", None),
        (b"", None),
    ],
)
def test_instead_of_file(body: bytes, said: str | None) -> None:
    found = instead_of_file(Exchange("http://x/1.doc", 200, {}, body, datetime.now(UTC)))
    assert found == said if said is None else found is not None and found.startswith(said)


def test_a_large_page_is_read_while_the_lanes_turn() -> None:
    """In a thread of its own, while the loop goes on beating; how long a single beat may take is the machine's business."""
    text = "<html><body><div class='TRS_Editor'>" + "<p>为做好政务公开工作，现通知如下。</p>" * 60_000 + "</div></body></html>"
    assert len(text) > 2 * LARGE
    beats = 0
    readers: list[int] = []

    async def heart() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    def read(page: str) -> PageFields:
        readers.append(threading.get_ident())
        return read_notice(page, "http://x/zwgk/202503/t20250304_1.html", "trs_wcm")

    async def both() -> PageFields:
        beating = asyncio.create_task(heart())
        fields = await read_aside(text, lambda: read(text))
        beating.cancel()
        await read_aside(text[:100], lambda: read(text[:100]))
        return fields

    fields = asyncio.run(both())
    assert fields.body_html is not None and fields.body_html.count("<p>") == 60_000
    assert beats >= 5, "the loop stood still"
    assert [reader == threading.get_ident() for reader in readers] == [False, True]


def test_a_lane_keeps_few_cookies() -> None:
    from scrapy import Request
    from scrapy.http import Response

    jar, request = few_cookies(), Request("http://www.example.gov.cn/a")

    def tell(*cookies: str) -> str:
        jar.extract_cookies(Response(request.url, headers={"Set-Cookie": list(cookies)}), request)
        asked = Request("http://www.example.gov.cn/b")
        jar.add_cookie_header(asked)
        return (asked.headers.get("Cookie") or b"").decode()

    assert tell("a=1; Path=/") == "a=1"
    assert tell("a=2; Path=/") == "a=2", "a cookie that is there may change"
    assert tell(f"wide={'x' * 9000}; Path=/") == "a=2"
    assert len(tell(*(f"c{n}=x; Path=/" for n in range(300))).split(";")) == 50
    assert len(tell(*(f"d{n}=x; Path=/" for n in range(300))).split(";")) == 50
    other = Request("http://www.other.example/")
    jar.add_cookie_header(other)
    assert b"Cookie" not in other.headers
