"""HTML to blocks: what is printed, in order, without what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_spent import assert_grows

from gongkai.errors import UnreadableInput
from transforms.blocks import html_body
from transforms.body import Body


def _lines(body: Body) -> list[str]:
    return [body.text[b.start : b.end] for b in body.blocks if b.kind != "table"]


def _tables(body: Body) -> list[list[list[str]]]:
    return [b.grid.texts() for b in body.blocks if b.grid]


def test_paragraphs_headings_and_line_breaks() -> None:
    body = html_body("<h1>标题</h1><p>第一段</p><div>甲<br>乙<br/><br>丙</div>尾巴")
    assert _lines(body) == ["标题", "第一段", "甲", "乙", "丙", "尾巴"]
    assert body.blocks[0].kind == "heading"


def test_hidden_and_machine_parts_are_dropped_but_not_their_tails() -> None:
    source = """<p>一<script>var a="二";</script>三<span style="DISPLAY : none">四</span>五<!-- 六 --><b hidden>七</b></p>
    <style>p{}</style><nav><a href="/">首页</a></nav><div style="visibility:hidden">八</div><noscript>九</noscript><p>十</p>"""
    assert _lines(html_body(source)) == ["一三五", "十"]


def test_blank_characters_are_one_space_and_wrapped_chinese_is_joined() -> None:
    assert _lines(html_body("<p>\u3000\u3000市政府&nbsp;&nbsp;办公\n   室\u200b 2024\n年</p>")) == ["市政府 办公室 2024 年"]


def test_indent_after_a_sentence_begins_a_paragraph() -> None:
    assert _lines(html_body("<div>第一句。\u3000\u3000第二句。\u3000\u3000第三句</div>")) == ["第一句。", "第二句。", "第三句"]


def test_inline_markup_does_not_break_a_line() -> None:
    assert _lines(html_body("<p><span>2024</span><span>年</span><font>共<b>37</b></font>件</p>")) == ["2024年共37件"]


def test_pre_keeps_its_lines() -> None:
    assert _lines(html_body("<pre>甲\n乙\n\n丙</pre>")) == ["甲", "乙", "丙"]


def test_table_with_spans_and_lines_in_cells() -> None:
    body = html_body(
        "<table><caption>分工表</caption><tr><th>任务</th><th>单位</th></tr>"
        "<tr><td rowspan=2>公开预算</td><td><p>市财政局</p><p>市审计局</p></td></tr><tr><td>市教育局</td></tr></table>"
    )
    assert _tables(body) == [[["任务", "单位"], ["公开预算", "市财政局\n市审计局"], ["公开预算", "市教育局"]]]
    (block,) = [b for b in body.blocks if b.grid]
    assert block.grid is not None
    assert block.grid.caption == "分工表"
    header = block.grid.rows[0][0]
    assert header is not None
    assert header.header
    assert body.text[block.start : block.end].count("公开预算") == 1


def test_layout_tables_are_opened() -> None:
    inner = "<table><tr><td>项目</td><td>数</td></tr><tr><td>收到</td><td>3</td></tr></table>"
    body = html_body(f"<table width=100%><tr><td>&nbsp;</td><td><p>正文一</p>{inner}<p>正文二</p></td></tr></table>")
    assert _lines(body) == ["正文一", "正文二"]
    assert _tables(body) == [[["项目", "数"], ["收到", "3"]]]


def test_one_column_table_becomes_paragraphs() -> None:
    assert _lines(html_body("<table><tr><td>甲</td></tr><tr><td>乙</td></tr></table>")) == ["甲", "乙"]


def test_table_nested_in_a_data_table_becomes_lines_of_its_cell() -> None:
    inner = "<table><tr><td>子一</td></tr><tr><td>子二</td></tr></table>"
    body = html_body(f"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>{inner}</td></tr><tr><td>d</td><td>e</td></tr></table>")
    assert _tables(body) == [[["a", "b"], ["c", "子一\n子二"], ["d", "e"]]]


def test_attachments_are_absolute_and_once() -> None:
    body = html_body(
        '<a href="./P0201.pdf">附件1：年报</a><a href="/files/a.xlsx" title="表">  </a><a href="./P0201.pdf">again</a>'
        '<a href="down?id=3">附件.docx</a><a href="/index.html">首页</a><a href="javascript:x(\'a.pdf\')">x</a><a href="http://[">坏.pdf</a>',
        "http://www.example.gov.cn/zwgk/1.html",
    )
    assert [(a.name, a.url) for a in body.attachments] == [
        ("附件1：年报", "http://www.example.gov.cn/zwgk/P0201.pdf"),
        ("表", "http://www.example.gov.cn/files/a.xlsx"),
        ("附件.docx", "http://www.example.gov.cn/zwgk/down?id=3"),
    ]


def test_nothing_at_all_is_unreadable() -> None:
    with pytest.raises(UnreadableInput, match="no HTML"):
        html_body("   ")


def test_fifty_levels_of_nesting_are_read() -> None:
    deep = html_body("<table><tr><td>" * 50 + "底" + "</td></tr></table>" * 50)
    assert _lines(deep) == ["底"]


def test_nesting_without_end_is_said_not_hidden() -> None:
    assert [f.rule for f in html_body("<p>上</p>" + "<div>" * 5000 + "底").findings] == ["html_too_deep"]


def test_ten_thousand_rows_and_five_megabytes_are_linear() -> None:
    row = "<tr><td>1</td><td>公开事项目录</td><td>市财政局</td></tr>"
    body = html_body(f"<table>{row * 10_000}</table>")
    assert len(_tables(body)[0]) == 10_000
    para = "<p>主动公开政府信息共计若干条，其中规范性文件若干件。</p>"
    assert_grows(lambda times: html_body(para * times), 7_000, 70_000, at_most=40)


@given(st.text(alphabet="<>/pdivtablertd \n&甲乙。=\"'", max_size=200))
def test_any_soup_keeps_the_promise_of_offsets(soup: str) -> None:
    try:
        body = html_body(soup)
    except UnreadableInput:
        return
    assert len(body.folded) == len(body.text)
    for block in body.blocks:
        if block.kind != "table":
            line = body.text[block.start : block.end]
            assert line == line.strip() != ""
