"""The one composition: from bytes to the fixed shape."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import date
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gongkai.errors import UnreadableInput
from gongkai.records.document import ParsedDocument, to_json
from transforms.parse import parse

_PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>通知_样例市人民政府</title>
<meta name="ArticleTitle" content="样例市人民政府办公室关于印发2020年政务公开工作要点的通知">
<meta name="PubDate" content="2020-05-08 09:30"></head>
<body><div class="nav"><a href="/">首页</a></div><h1>样例市人民政府办公室关于印发2020年政务公开工作要点的通知</h1>
<div>发布日期：2020-05-08 09:30</div><div class="TRS_Editor">
<p>样政办发[2020]12号</p><p>各县（市、区）人民政府，市政府各部门：</p>
<p>《2020年样例市政务公开工作要点》已经同意，现印发给你们，请认真贯彻落实。</p>
<p>样例市人民政府办公室</p><p>2020年5月6日</p><p>（此件公开发布）</p><p>2020年样例市政务公开工作要点</p>
<p>根据《国务院办公厅关于印发2020年政务公开工作要点的通知》（国办发〔2020〕17号），制定本要点。</p>
<p>一、加强信息公开</p>
<p>（一）公开预算决算。各部门要在批复后20个工作日内公开部门预算，6月底前完成。（市财政局牵头，市审计局配合）</p>
<p>（二）公开监督抽查结果。每季度公布一次抽查结果。（市市场监管局、各县区政府负责）</p>
<p>附件：<a href="./W020200508.docx">责任分解表.docx</a></p></div></body></html>"""


def _page(charset: str = "utf-8") -> bytes:
    return _PAGE.format(charset=charset).encode("gb18030" if charset.startswith("gb") else charset)


def _check(parsed: ParsedDocument) -> None:
    assert parsed.title == "样例市人民政府办公室关于印发2020年政务公开工作要点的通知"
    assert parsed.doc_number == "样政办发〔2020〕12号"
    assert parsed.issuer == "样例市人民政府办公室"
    assert parsed.written_date == date(2020, 5, 6)
    assert parsed.published_at is not None
    assert parsed.published_at.startswith("2020-05-08T09:30")
    assert parsed.addressed_to == ["各县（市、区）人民政府", "市政府各部门"]
    assert (parsed.genre, parsed.plan_year, parsed.region) == ("work_plan", 2020, "样例市")
    assert parsed.disclosure_note == "此件公开发布"
    assert "首页" not in parsed.body_text


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_a_page(charset: str) -> None:
    parsed = parse(_page(charset), url="http://www.example.gov.cn/zwgk/202005/t20200508_1.html")
    _check(parsed)
    assert [a.url for a in parsed.attachments] == ["http://www.example.gov.cn/zwgk/202005/W020200508.docx"]
    assert [c.doc_number for c in parsed.citations if c.role == "basis"] == ["国办发〔2020〕17号"]
    assert parsed.obligations[0].amount == 20
    assert [(t.lead_units, t.support_units) for t in parsed.tasks][:1] == [(["市财政局"], ["市审计局"])]
    assert parsed.tasks[0].due_date == date(2020, 6, 30)
    for task in parsed.tasks:
        assert parsed.body_text[task.start : task.end] == task.text


def test_a_declared_encoding_that_lies() -> None:
    _check(parse(_page("gbk"), declared_encoding="utf-8"))


def test_the_same_page_in_a_warc_record() -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    url = "http://www.example.gov.cn/zwgk/1.html"
    writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(_page()), http_headers=headers))
    parsed = parse(out.getvalue())
    _check(parsed)
    assert parsed.attachments[0].url == "http://www.example.gov.cn/zwgk/W020200508.docx"


def _attachment() -> bytes:
    document = docx.Document()
    table = document.add_table(rows=2, cols=3)
    for r, row in enumerate([("工作任务", "责任单位", "完成时限"), ("1.编制公开目录", "市司法局", "9月底前")]):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_an_attachment_inherits_from_its_notice() -> None:
    notice = parse(_page())
    parsed = parse(_attachment(), name="附件1：责任清单.docx", enclosing=notice)
    assert (parsed.title, parsed.genre, parsed.plan_year, parsed.issuer, parsed.region) == (
        "责任清单", "work_plan", 2020, "样例市人民政府办公室", "样例市",
    )  # fmt: skip
    assert parsed.written_date is None  # its own is not printed
    assert [(t.lead_units, t.due_date) for t in parsed.tasks] == [(["市司法局"], date(2020, 9, 30))]
    assert parse(_attachment(), name="附件1：责任清单.docx").plan_year is None


def test_number_and_date_that_disagree_are_a_finding() -> None:
    parsed = parse("样例市关于某事的通知\n样政发〔2016〕3号\n各部门：\n请办理。\n样例市人民政府\n2019年1月3日".encode())
    assert [(f.rule, f.expected, f.actual) for f in parsed.findings if f.rule == "H-NUMBER-YEAR"] == [("H-NUMBER-YEAR", "2019", "2016")]


def test_a_fragment_without_a_page_around_it_is_body() -> None:
    assert (
        parse("<table><tr><td>项目</td><td>数</td></tr><tr><td>收到</td><td>3</td></tr></table>".encode()).body_text == "项目\t数\n收到\t3"
    )
    with pytest.raises(UnreadableInput):
        parse(b"<p> </p>", family="generic")


def test_the_shape_is_json() -> None:
    printed = json.loads(json.dumps(dataclasses.asdict(parse(_page())), ensure_ascii=False, default=to_json))
    assert list(printed)[:6] == ["title", "issuer", "doc_number", "index_number", "written_date", "published_at"]
    assert printed["written_date"] == "2020-05-06"
    assert {"seq", "path", "section_titles", "text", "lead_units", "deadline_type", "start", "end"} <= set(printed["tasks"][0])


@pytest.mark.parametrize("data", [b"", b"   ", b"\x7fELF\0\0\0\0", b"<html><body> </body></html>", b"{}", b"%PDF-1.4"])
def test_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        parse(data)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(st.text(alphabet="一二三、（）()《》〔〕2017年月日号发。：；，\n\t\u3000<p>/table 市政府局第条通知关于", max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed = parse(text.encode())
    except UnreadableInput:
        return
    for task in parsed.tasks:
        assert parsed.body_text[task.start : task.end] == task.text


@pytest.mark.real
def test_real_pages() -> None:
    pages = Path("../shared/documents/pages")
    if not pages.is_dir():
        pytest.skip("../shared/documents is not here")
    old = parse((pages / "a23.html").read_bytes())
    assert old.title == "李简——新外科运动向我们走来"
    assert old.published_at is None
    state = parse((pages / "a08.html").read_bytes())
    assert (state.doc_number, state.written_date, state.published_at) == ("国发〔2019〕5号", date(2019, 1, 27), "2019-02-15")
    assert parse((pages / "a01.html").read_bytes()).published_at == "2017-05-15T10:49:00+08:00"
