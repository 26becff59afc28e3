"""One report in the markups that portals, Word and wrong spans make of it: every cell stays exact."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from made_reports import APPLICANTS, T4_CODES, Made, make, page

from transforms.blocks import html_body
from transforms.formats.text import text_body
from transforms.reports.reader import read_report

_NUMBER_CELL = re.compile(r"<td>(\d+)</td>")


def _word(source: str) -> str:
    """Word: a paragraph and two spans in each cell, the second empty."""
    cell = r'<td\1 width="52" style="width:39.35pt"><p class="MsoNormal" align="center"><span>\2</span><span><o:p></o:p></span></p></td>'
    return re.sub(r"<td([^>]*)>([^<]*)</td>", cell, source)


def _split_numbers(source: str) -> str:
    return re.sub(r"<td>(\d)(\d+)</td>", r"<td><p><span>\1</span><span lang=EN-US>\2</span></p></td>", source)


def _two_column_enterprises(source: str) -> str:
    """A column that was merged from two: colspan=2 in its heading and in each of its cells."""
    start = source.index("（本列数据")
    end = source.index("</table>", start)
    rows = source[start:end].split("</tr>")
    for i, row in enumerate(rows):
        cells = row.split("<td")
        if i >= 3 and len(cells) > 8:
            cells[-6] = ' colspan="2"' + cells[-6]
            rows[i] = "<td".join(cells)
    table = "</tr>".join(rows).replace("<td>商业<br>企业", "<td colspan=2>商业<br>企业")
    return source[:start] + table.replace("colspan=7>申请人", "colspan=8>申请人").replace("colspan=5>法人", "colspan=6>法人") + source[end:]


def _cut(source: str, rows_below: int) -> str:
    """Cut at a page end; the tall label is printed again, with a span that may reach too far."""
    at = source.index('<td rowspan="3">（四）无法提供')
    row = source.rindex("<tr>", 0, at)
    again = f'</table><p>— 4 —</p><table><tr><td rowspan="{rows_below}">三、本年度办理结果</td>'
    return re.sub(r'<td rowspan="2\d">三、', '<td rowspan="10">三、', source[:row]) + again + source[at:]


def _misprints(source: str) -> str:
    pairs = (
        ("其他法律行政法规禁止公开", "其他法律行政止公开"), ("属于三类内部事务信息", "属于三类内容事务信息"), ("这一情形", "这一情况"),
        ("1.属于", "1、属于"), ("现行有效件数", "现行有效件数<br>（历史累计）"), ("第二十条第", "第二十条 第"), ("重复申请", "重复申请。"),
    )  # fmt: skip
    for right, printed in pairs:
        source = source.replace(right, printed)
    return source


def _full_width(source: str) -> str:
    return _NUMBER_CELL.sub(lambda m: f"<td>{''.join(chr(ord(d) + 0xFEE0) for d in m[1])}</td>", source)


MARKUPS: dict[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "word": _word,
    "hard blanks": lambda s: _NUMBER_CELL.sub(r"<td>&nbsp;\1&nbsp;</td>", s),
    "numbers over spans": _split_numbers,
    "merged columns": _two_column_enterprises,
    "cut at a page end": lambda s: _cut(s, 12 if "逾期不补正" in s else 10),
    "cut with a wrong span": lambda s: _cut(s, 14),
    "inside a layout table": lambda s: f"<table><tr><td>{s}</td></tr></table>",
    "upright label": lambda s: s.replace(">三、本年度办理结果<", f">{'<br>'.join('三、本年度办理结果')}<"),
    "span too long": lambda s: re.sub(r'rowspan="2\d">三、', 'rowspan="40">三、', s),
    "misprints": _misprints,
    "full width": _full_width,
    "all tables one grid": lambda s: re.sub(r"</table>\s*(<p>[^<]*</p>)\s*<table>", r"<tr><td colspan=10>\1</td></tr>", s),
    "word, merged and cut": lambda s: _word(_two_column_enterprises(_cut(s, 13))),
}


def expected(made: Made) -> dict[tuple[str, str], int]:
    out = {}
    for code, value in made.values.items():
        if isinstance(value, list) and len(value) == len(APPLICANTS):
            out |= {(code, applicant): number for applicant, number in zip(APPLICANTS, value, strict=True)}
        elif code in T4_CODES:
            out[code, ""] = value
    return out


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize(("era", "year"), [("B", 2023), ("A", 2020)])
def test_every_cell_in_every_markup(era: str, year: int, markup: str) -> None:
    made = make(era, year, 7)
    source = page(made, {})
    changed = MARKUPS[markup](source)
    assert changed != source or markup == "plain"
    reading = read_report(html_body(changed), report_year=year, published=None, issuer=None)
    got = {(m.code, m.dimensions.get("applicant", "")): m.value for m in reading.metrics if "stated_in" not in m.dimensions}
    wrong = {key: (got.get(key), value) for key, value in expected(made).items() if got.get(key) != value}
    assert wrong == {} and len(got) >= {"B": 200, "A": 198}[era]
    assert reading.findings == [] and reading.era == era


@pytest.mark.parametrize(("era", "seed"), [("B", 3), ("B", 8), ("A", 5)])
def test_text_without_any_separator(era: str, seed: int) -> None:
    """A copy that lost every mark between cells: what arithmetic settles is right, the rest is unreadable, nothing is wrong."""
    made = make(era, 2021 if era == "B" else 2020, seed)
    lines = [re.sub(r"<[^>]+>", "", part) for part in re.split(r"(?=<p>|<table>)", page(made, {}))]
    reading = read_report(text_body("".join(lines)), report_year=made.year, published=None, issuer=None)
    cells = [m for m in reading.metrics if m.qualifier == "recovered" or m.state == "unreadable"]
    truth = expected(made)
    read = {(m.code, m.dimensions.get("applicant", "")): m for m in cells}
    settled = {key: m.value for key, m in read.items() if m.state != "unreadable" and key in truth}
    assert settled == {key: Decimal(truth[key]) for key in settled}
    assert len(settled) > 0.6 * len(truth)
    assert ("Q-READ" in {f.rule for f in reading.findings}) == any(m.state == "unreadable" for m in cells)
