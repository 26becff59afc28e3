"""The parts page reading is made of: times, labels, titles, dates of publication, pagers; and that nothing but a refusal is raised."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from gongkai.errors import UnreadableInput
from transforms.pages import FAMILIES, detect, read_list, read_notice
from transforms.pages.contract import Candidate, SoftError
from transforms.pages.dates_of_page import choose_published
from transforms.pages.gkmlpt import read_gkmlpt_index
from transforms.pages.info_table import as_candidates, read_info_table
from transforms.pages.meta_tags import read_meta_tags
from transforms.pages.notice_page import validity_of
from transforms.pages.pager import read_pager
from transforms.pages.stamps import epoch_stamp, parse_stamp, row_day, url_day
from transforms.pages.titles import choose_title, strip_site
from transforms.pages.tree import Tree


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-03-04 09:05", "2025-03-04T09:05:00+08:00"),
        ("2023-05-16 12:34:05", "2023-05-16T12:34:05+08:00"),
        ("2020年08月02日", "2020-08-02"),
        ("2020年8月2日 9时5分", "2020-08-02T09:05:00+08:00"),
        ("2025/3/4", "2025-03-04"),
        ("2025.03.04 00:00:00", "2025-03-04"),
        ("2021-11-19T00:00:00.000+0800", "2021-11-19"),
        ("2021-11-20T15:05:47.000Z", "2021-11-20T23:05:47+08:00"),
        ("20250304", "2025-03-04"),
        ("时间：2024-03-08 15:34 来源：本网", "2024-03-08T15:34:00+08:00"),
        ("2025-02-30", None),
        ("2025-03-04 25:61", "2025-03-04"),
        ("第2025号", None),
        ("", None),
    ],
)
def test_stamps(text: str, iso: str | None) -> None:
    stamp = parse_stamp(text)
    assert (stamp.iso() if stamp else None) == iso


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (1636646400, "2021-11-12"),
        ("1636700507", "2021-11-12T15:01:47+08:00"),
        (1636646400000, "2021-11-12"),
        (0, None),
        (True, None),
        ("x", None),
    ],
)
def test_epoch_seconds_are_china_time(value: object, iso: str | None) -> None:
    stamp = epoch_stamp(value)
    assert (stamp.iso() if stamp else None) == iso


@pytest.mark.parametrize(
    ("text", "url", "day"),
    [
        ("[2025-03-04]", "http://e/x", date(2025, 3, 4)),
        ("03-04", "http://e/202502/t20250304_1.html", date(2025, 3, 4)),
        ("3月4日", "http://e/202503/a.html", date(2025, 3, 4)),
        ("03-04", "http://e/a.html", None),
        ("04 2025-03", "http://e/a.html", date(2025, 3, 4)),
        ("2025.03 04", "http://e/a.html", date(2025, 3, 4)),
        ("有效期 2024-01-01 至 2029-01-01 发布 2025-03-04", "http://e/202503/t20250305_1.html", date(2025, 3, 5)),
        ("成文 2025-03-01 发布 2025-03-04", "http://e/a.html", date(2025, 3, 4)),
        ("无日期", "http://e/art/2025/3/4/art_1_2.html", date(2025, 3, 4)),
    ],
)
def test_dates_of_rows(text: str, url: str, day: date | None) -> None:
    assert row_day(text, url) == day


def test_day_in_an_address() -> None:
    assert url_day("http://e/zhengce/2019-02/15/content_1.htm") == date(2019, 2, 15)
    assert url_day("http://e/a/t20251399_1.html") is None
    assert url_day(None) is None


def labels(html: str) -> dict[str, list[str]]:
    return {f: [c.value for c in found] for f, found in as_candidates(read_info_table(Tree(document_fromstring(html)), None)).items()}


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><th>索 引 号</th><td>A/2025-1</td><th>文　号</th><td>例政〔2025〕1号</td></tr></table>",
        "<table><tr><td><b>索&nbsp;引&nbsp;号：</b></td><td>A/2025-1</td><td>文号:</td><td><span>例政〔2025〕1号</span></td></tr></table>",
        "<dl><dt>索引号</dt><dd>A/2025-1</dd><dt>发文字号</dt><dd>例政〔2025〕1号</dd></dl>",
        "<dl><dd><label>索引号：</label><div>A/2025-1</div></dd><dd><label>文号：</label><div>例政〔2025〕1号</div></dd></dl>",
        "<p><strong>索引号</strong>：A/2025-1</p><p><strong>文号：</strong>例政〔2025〕1号</p>",
        "<ul><li>索引号：A/2025-1</li><li>文号：<b>例政〔2025〕1号</b></li></ul>",
        "<div><span>索引号：</span><span>A/2025-1</span></div><div><span>【文号】：</span><em>例政〔2025〕1号</em></div>",
        "<p>索引号：A/2025-1　　文号：例政〔2025〕1号　浏览次数：12</p>",
    ],
)
def test_labels_in_every_container(html: str) -> None:
    assert labels(f"<body>{html}</body>") == {"index_number": ["A/2025-1"], "doc_number": ["例政〔2025〕1号"]}


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>文号：</td><td></td><td>其他：</td><td>值</td></tr></table>",
        "<table><tr><td>文号：</td><td>无</td></tr><tr><td>索引号：</td><td>undefined</td></tr></table>",
        "<p><span>来源：<b></b></span><span>访问量：<b>88</b></span></p>",
        "<p>来源：　　浏览次数：12</p>",
        "<p>来源：【字体：大 中 小】</p>",
        "<p>本文来源广泛，名称不一。</p>",
    ],
)
def test_an_empty_label_takes_no_neighbour(html: str) -> None:
    assert labels(f"<body>{html}</body>") == {}


def test_meta_tags_without_case_and_repeated() -> None:
    html = """<head><META CONTENT="某市" name="SITENAME"><meta name="SiteName" content="某市">
        <meta name="pubdate" content="null"><meta name="PubDate" content="{{date}}"></head>"""
    both = [Candidate(source="meta:SITENAME", value="某市"), Candidate(source="meta:SiteName", value="某市")]
    assert read_meta_tags(Tree(document_fromstring(html))) == {"site_name": both}


def of(**values: str) -> list[Candidate]:
    return [Candidate(source=f"{kind}:x", value=value) for kind, value in values.items()]


@pytest.mark.parametrize(
    ("candidates", "title", "findings"),
    [
        (of(meta="关于印发示例办法的通知"), "关于印发示例办法的通知", 0),
        (of(meta="关于印发示例…", heading="关于印发示例办法的通知"), "关于印发示例办法的通知", 0),
        (of(meta="某市人民政府网——示例大会召开", heading="示例大会召开"), "示例大会召开", 0),
        (of(meta="政策文件", header="关于印发示例办法的通知", tag="关于印发示例办法的通知"), "关于印发示例办法的通知", 0),
        (of(meta="去年的另一个标题", header="关于印发示例办法的通知", heading="关于印发示例办法的通知"), "关于印发示例办法的通知", 1),
        (of(meta="关于印发示例办法的通知", family="关于印发示例办法的通知（修订）"), "关于印发示例办法的通知（修订）", 0),
        (of(tag="首页"), None, 0),
    ],
)
def test_titles(candidates: list[Candidate], title: str | None, findings: int) -> None:
    chosen, found = choose_title(candidates, ["某市人民政府网", "政策文件"])
    assert (chosen, len(found)) == (title, findings)


def test_only_names_are_taken_off_a_title() -> None:
    assert strip_site("某市人民政府 | 关于示例的通知_政策文件", ["政策文件"]) == "关于示例的通知"
    assert strip_site("李某——新技术走来", []) == "李某——新技术走来"
    assert strip_site("2025-2026学年安排", []) == "2025-2026学年安排"


@pytest.mark.parametrize(
    ("meta", "header", "built", "address", "iso", "findings"),
    [
        ("2025-03-04 09:05", None, None, None, "2025-03-04T09:05:00+08:00", 0),
        ("2022-04-24 10:00:43", "2017-05-15 10:49:00", None, None, "2017-05-15T10:49:00+08:00", 1),
        ("2025-03-04", "2025-03-04 09:05", None, None, "2025-03-04T09:05:00+08:00", 0),
        ("2025-03-04", "2025-03-06", None, None, "2025-03-04", 1),
        ("2025-03-04", "2025-03-06", None, date(2025, 3, 6), "2025-03-06", 1),
        ("2025-03-04", "2025-03-01", None, date(2025, 3, 4), "2025-03-04", 1),
        ("2022-04-24 10:00:43", None, "页面生成时间 2022-04-24 10:00:43", date(2019, 1, 2), "2019-01-02", 1),
        (None, "2017年5月15日", None, None, "2017-05-15", 0),
        (None, None, None, date(2019, 1, 2), "2019-01-02", 0),
        (None, None, None, None, None, 0),
    ],
)
def test_dates_of_publication(
    meta: str | None, header: str | None, built: str | None, address: date | None, iso: str | None, findings: int
) -> None:
    voices = [Candidate(source=f"{k}:x", value=v) for k, v in (("meta", meta), ("header", header)) if v]
    candidates = {"published_at": voices, "built_at": of(meta=built) if built else []}
    chosen, found = choose_published(candidates, address)
    assert (chosen, [f.rule for f in found]) == (iso, ["H-DATE"] * findings)


@pytest.mark.parametrize(
    ("html", "declared"),
    [
        ('createPageHTML(12, 0, "index", "html");', (None, 12)),
        ('createPageHTML(191, 13, 0, "index", "shtml");', (191, 13)),
        ("createPageHTML('page_div',12,0,'index','html',191);", (191, 12)),
        ('createPage(7, 0, "index", "html")', (None, 7)),
        ('// createPageHTML(9, 0, "index", "html")\ncreatePageHTML(3, 0, "index", "html")', (None, 3)),
        ("function createPageHTML(_nPageCount, _nCurrIndex) {} createPageHTML(0, 0, 'index', 'html')", (None, 0)),
        ("var countPage = 5", (None, 5)),
        ("recordCount: '20', totalPage: 2", (20, 2)),
        ("<span>共<b>1,227</b>页</span> 共24,539条", (24539, 1227)),
        ("共 120 条 1/12 页", (120, 12)),
        ("没有分页", (None, None)),
    ],
)
def test_pagers(html: str, declared: tuple[int | None, int | None]) -> None:
    assert read_pager(html) == declared


@pytest.mark.parametrize(
    ("html", "url", "family"),
    [
        ("", "http://www.example.gov.cn/gkmlpt/content/9/9103/post_9103540.html", "gkmlpt"),
        ("<script>window._CONFIG = {SID: '1', TREE: []}</script>", None, "gkmlpt"),
        ("<div class=TRS_Editor>", None, "trs_wcm"),
        ("", "http://e.gov.cn/a/202503/t20250304_1000001.shtml", "trs_wcm"),
        ("", "http://e.gov.cn/a/t10221601.shtml", "trs_wcm"),
        ("<ucaptitle>", None, "ucap"),
        ("", "http://e.gov.cn/art/2025/3/4/art_11_22.html", "hanweb_jcms"),
        ("/site/label/8888?IsAjax=1", None, "lonsun"),
        ("", "http://e.gov.cn/info/1001/20002.htm", "vsb"),
        ("<p>unknown</p>", "http://e.gov.cn/x.html", None),
    ],
)
def test_families_are_recognised(html: str, url: str | None, family: str | None) -> None:
    assert detect(html, url) == family


def test_validity_words() -> None:
    assert [validity_of(w) for w in ("有效", "现行有效", "已废止", "失效", "是", None)] == [
        "in_force",
        "in_force",
        "abolished",
        "expired",
        None,
        None,
    ]


def test_a_body_may_speak_of_404() -> None:
    text = "<p>关于网站页面不存在问题的整改通报。" + "各单位应当逐一核查栏目链接，及时修复。" * 8 + "</p>"
    assert read_notice(f"<h1>关于网站链接整改的通报</h1><div class='TRS_Editor'>{text}</div>", None).title == "关于网站链接整改的通报"
    with pytest.raises(SoftError):
        read_notice("<title>提示</title><div class='TRS_Editor'>您访问的页面不存在</div>", None)


PIECES = """<table><tr><td>|文号：|发布日期|<li><a href='http://[x'>|<a href='./1.html'>|通知公告的标题|2025-03-04|</a>|</li>
</div>|<div class='TRS_Editor'>|createPageHTML(1,|0,'index')|<script>|</script>|window._CONFIG={SID:'1',TREE:[{
DETAIL: {|"content":"\\u003Cp"|}]|<base href='http://[/'>|<!--|-->|\0|<p>
上一篇：|</p>|&#x0;|<meta name=PubDate content='9999-99-99'>|{"data": {"list": [{"title": "一", "url": "http://[" }]}}|http://[|<title>|<td>""".replace(
    "\n", "|"
)
SOUP = st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=8), max_size=30)


@given(SOUP.map("".join), st.sampled_from([*FAMILIES]))
def test_only_refusals_are_raised(html: str, family: str) -> None:
    with suppress(UnreadableInput):
        read_notice(html, "http://www.example.gov.cn/a/", family)
    with suppress(UnreadableInput):
        read_list(html, "http://www.example.gov.cn/a/", family)
    with suppress(UnreadableInput):
        read_gkmlpt_index(html, "http://www.example.gov.cn/gkmlpt/index")
