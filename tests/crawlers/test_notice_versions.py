"""The version of a page is remembered for years: reading it faster or in another way must not make a new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawlers.notices import version_of
from gongkai.settings import PROJECT
from transforms.decode import decode
from transforms.pages import read_notice

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pages"
REAL = PROJECT.parent / "shared" / "documents" / "pages"
VERSIONS = {
    "generic/detail_fragment": "3b48c900ece8229e0780",
    "generic/detail_rebuilt": "1bf677d10ee9a98676f8",
    "generic/detail_tables": "0380da2cea502f1b680c",
    "gkmlpt/detail_article": "14e29e4184d5357e57b8",
    "gkmlpt/detail_config": "a9ce7dc9d2300d0a2fc6",
    "hanweb_jcms/detail_zoom": "fab37ceff12fb4acad1e",
    "trs_wcm/detail_strong": "2af9643286f18f6744c4",
    "trs_wcm/detail_table": "f9f792c7e371864c5f7a",
    "trs_wcm/detail_two_renderings": "5755493710a21f9e03f3",
    "vsb/detail": "1aa27dadc8d9d859ab9e",
}
OF_REAL_PAGES = {
    "a01": "e3a9e4316a348b230680",
    "a05": "9282fb4fd9c5ab5a6f84",
    "a08": "4702a7f70993d4f03941",
    "a13": "9d3eadbf3e84fd275d39",
    "a23": "57f8a00f348b5d73b0ce",
    "p01": "479d243203144097e814",
}
ODD = """<html><head><title>关于甲事项的通知</title></head><body><h1>关于甲事项的通知</h1><div id="zoom">一、&amp;lt;甲&nbsp;乙&gt;
<!-- 丙 --><p>二、<style>p {}</style>丁<script>var a = "</p>";</script><noscript>戊</noscript></p><?php 己 ?>
<p>三、<o:p>庚</o:p><br>辛</p><iframe src="/甲.html">壬&amp;</iframe><textarea>癸 &lt;b&gt;</textarea>
<table><tr><td>子<td>丑</table><p>&#x200b;寅&#0;\x0b卯\ufeff，一二三四五六七八九十一二三四五六七八九十。</p>
<p><a href="/f/甲.pdf">附件：甲.pdf</a></p><p>相关链接：辰</p></div></body></html>"""


@pytest.mark.parametrize("name", VERSIONS)
def test_fixture_pages(name: str) -> None:
    folder = FIXTURES / name
    case = json.loads((folder / "output.json").read_text(encoding="utf-8"))
    text = next(folder.glob("input.*")).read_text(encoding="utf-8")
    fields = read_notice(text, case["url"], folder.parent.name)
    assert version_of(fields, fields.title or "") == VERSIONS[name]


def test_odd_markup() -> None:
    """Entities, comments, raw-text elements, open cells: what a second parse reads otherwise than the first."""
    fields = read_notice(ODD, "http://www.example.gov.cn/zwgk/202503/t20250304_1.html", "trs_wcm")
    assert version_of(fields, fields.title or "") == "a2bdd4fe80dd024d628f"


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason="../shared with the real pages is absent")
@pytest.mark.parametrize("name", OF_REAL_PAGES)
def test_real_pages(name: str) -> None:
    fields = read_notice(decode((REAL / f"{name}.html").read_bytes()).text, None)
    assert version_of(fields, fields.title or "") == OF_REAL_PAGES[name]
