"""Every dialect of the district and every frozen page is recognised as the family it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gongkai.dialects import load_dialects
from samples.dialects import ALL_DIALECTS
from samples.dialects.site import Site
from samples.district import district
from transforms.decode import decode
from transforms.pages import detect, dialect_of

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "pages").glob("*/*/output.json"))
SINGLE_ROW = re.compile(r"(?:page|PageNo)=2|(?:_|/)2\.s?html$")


@pytest.mark.parametrize("family", ALL_DIALECTS)
def test_a_dialects_pages_are_recognised(family: str) -> None:
    ((portal, content),) = district([family])
    site = Site(portal, content, "http://www.example.gov.cn")
    ALL_DIALECTS[family].build(site)
    pages = {path: decode(a.body).text for path, a in site.paths.items() if a.content_type == "text/html" and path != "/"}
    found = {path: detect(text, site.base + path) for path, text in pages.items()}
    later = {path for path in found if path != portal.sections[0].entry and found[path] is None}
    if "dialect" in portal.params:
        later -= _unknowable(str(portal.params["dialect"]), later)
        assert {dialect_of(pages[path], site.base + path) for path in found if found[path]} == {portal.params["dialect"]}
    assert found
    assert all(SINGLE_ROW.search(path) for path in later), f"only a list page with a single row may stay unrecognised: {later}"
    assert {name for name in found.values() if name} == {portal.family}


def _unknowable(dialect: str, paths: set[str]) -> set[str]:
    """Notices of a dialect of which only the lists are known."""
    return paths if load_dialects()[dialect].article is None else set()


def test_a_services_answer_is_recognised_by_its_address() -> None:
    assert detect('{"status": 0}', "http://www.example.gov.cn/info_open/search") == "generic"
    assert dialect_of('{"status": 0}', "http://www.example.gov.cn/info_open/search") == "x_intertid"


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: f"{p.parent.parent.name}-{p.parent.name}")
def test_a_frozen_page_is_recognised(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    text = next(path.parent.glob("input.*")).read_text(encoding="utf-8")
    if "refuses" in case:
        return  # what is broken need not be recognised
    family, dialect = path.parent.parent.name, case.get("params", {}).get("dialect")
    if family != "generic" or dialect:
        assert detect(text, case["url"]) == family
    if dialect:
        assert dialect_of(text, case["url"]) == dialect


@pytest.mark.parametrize(
    ("headers", "family"),
    [
        ("Server: x\nSet-Cookie: sftms_P8SESSION=abc; path=/", "p8"),
        ("Set-Cookie: hg_SHIROJSESSIONID=abc; Path=/", "lonsun"),
        ("Ls-Language: zh_CN", "lonsun"),
        ("Set-Cookie: JSESSIONID=abc; note=_P8SESSION", None),
    ],
)
def test_a_page_drawn_by_script_is_recognised_by_its_headers(headers: str, family: str | None) -> None:
    assert detect("<html><body><div id='app'></div></body></html>", "http://www.example.gov.cn/zwgk/", headers) == family


def test_an_open_directory_column_is_no_plain_column() -> None:
    assert detect("<html></html>", "http://www.example.gov.cn/col/col21083/index.html?number=J00002J00001") == "hanweb_xxgk"
    assert detect("<html></html>", "http://www.example.gov.cn/col/col21083/index.html") == "hanweb_jcms"


@pytest.mark.parametrize(
    ("html", "url", "family"),
    [
        ('<script>window._CONFIG = {"SID" : "999001", "TREE" : []};</script>', None, "gkmlpt"),
        ('<script>createPageHTML (1, 0, "index", "html")</script>', None, "trs_wcm"),
        ("<script>listModel( {quickMode: 1})</script>", None, "trs_wcm"),
        ("", "http://www.example.gov.cn/fjdzapp/search?channelid=1&templet=docs.jsp", "trs_wcm"),
        ("", "http://www.example.gov.cn/a/202503/t20250304_7.shtml", "trs_wcm"),
        ("", "http://www.example.gov.cn/a/202503/t20250304_1317_ext.html", "trs_wcm"),
        (
            '<script>createPageHTML("page_div", 3, 1, "list", "shtml", 20)</script>',
            "http://www.example.gov.cn/s/c100014/zfxxgk_list.shtml",
            "ucap",
        ),
        ("<ucapcontent><div class='TRS_Editor'></div></ucapcontent>", None, "ucap"),
    ],
)
def test_prints_in_other_spellings_and_of_two_systems(html: str, url: str | None, family: str) -> None:
    assert detect(html, url) == family


def test_an_article_of_epoint_is_not_taken_for_truecms() -> None:
    page = '<script src="/js/webBuilderCommon.js"></script><div class="ewb-article">例市通知</div>'
    assert detect(page, "http://www.example.gov.cn/content/2025/123.html") == "epoint_ewb"
