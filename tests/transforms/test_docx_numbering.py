"""Numbers that Word counts by itself stand in the text again."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from transforms.formats.docx import docx_body
from transforms.formats.docx_numbering import _written
from transforms.plans.reader import read_plan

_LISTS = """
<w:abstractNum {ns} w:abstractNumId="77">
  <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
  <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
  <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
  <w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>
</w:abstractNum>
"""
_NUM = '<w:num {ns} w:numId="{id}"><w:abstractNumId w:val="77"/>{override}</w:num>'
_RESTART = '<w:lvlOverride w:ilvl="2"><w:startOverride w:val="5"/></w:lvlOverride>'


def _document() -> Any:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(_LISTS.format(ns=nsdecls("w"))))
    for number, override in (("901", ""), ("902", _RESTART)):
        numbering.append(parse_xml(_NUM.format(ns=nsdecls("w"), id=number, override=override)))
    return document


def _add(document: Any, text: str, level: int, number: str = "901") -> None:
    paragraph = document.add_paragraph(text)
    _number(paragraph, level, number)


def _number(paragraph: Any, level: int, number: str = "901") -> None:
    xml = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(xml))


def _body(document: Any) -> Any:
    buffer = io.BytesIO()
    document.save(buffer)
    return docx_body(buffer.getvalue())


def test_levels_are_counted_and_begin_anew_below_a_higher_one() -> None:
    document = _document()
    for text, level in (("总则", 0), ("目标", 1), ("原则", 1), ("任务", 0), ("公开", 1), ("公开预算", 2), ("要点", 3), ("公开决算", 2)):
        _add(document, text, level)
    _add(document, "另起", 2, "902")
    _add(document, "无号", 2, "0")
    body = _body(document)
    assert body.text.split("\n") == [
        "一、总则", "（一）目标", "（二）原则", "二、任务", "（一）公开", "1.公开预算", "要点", "2.公开决算", "5.另起", "无号",
    ]  # fmt: skip
    assert [(finding.rule, finding.severity) for finding in body.findings] == [("docx_auto_numbering", "info")]


def test_a_style_numbers_its_paragraphs() -> None:
    document = _document()
    style = document.styles.add_style("条目", 1)
    style.element.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="901"/></w:numPr>'))
    document.add_paragraph("甲", style=style)
    document.add_paragraph("", style=style)
    document.add_paragraph("乙", style=style)
    assert style.element.get(qn("w:styleId"))
    assert _body(document).text == "一、甲\n二、乙"


def test_paths_come_from_counted_numbers() -> None:
    document = _document()
    document.add_paragraph("2020年政务公开工作要点")
    for text, level in (
        ("推进决策公开", 0),
        ("公开规划", 1),
        ("公布五年规划文本。（市发改委负责，6月底前完成）", 2),
        ("公布专项规划目录。（市自然资源局负责）", 2),
    ):
        _add(document, text, level)
    table = document.add_table(2, 3)
    for cell, text in zip(table.rows[0].cells, ("序号", "任务", "责任单位"), strict=True):
        cell.text = text
    table.cell(1, 1).text, table.cell(1, 2).text = "公开预算", "市财政局"
    tasks = read_plan(_body(document), plan_year=2020, written=None, published=None, region=None).tasks
    assert [task.text for task in tasks][-1] == "公开预算"
    document.element.body.remove(table._tbl)
    tasks = read_plan(_body(document), plan_year=2020, written=None, published=None, region=None).tasks
    assert [task.path for task in tasks] == [["一", "(一)", "1"], ["一", "(一)", "2"]]


@pytest.mark.parametrize(
    ("number", "form", "written"),
    [
        (21, "chineseCounting", "二十一"),
        (10, "chineseCounting", "十"),
        (105, "chineseCountingThousand", "一百零五"),
        (110, "chineseCounting", "一百一十"),
        (3, "decimalEnclosedCircleChinese", "③"),
        (28, "upperLetter", "BB"),
        (14, "lowerRoman", "xiv"),
        (7, "decimalZero", "07"),
        (1000, "chineseCounting", "1000"),
    ],
)
def test_forms_of_numbers(number: int, form: str, written: str) -> None:
    assert _written(number, form) == written
