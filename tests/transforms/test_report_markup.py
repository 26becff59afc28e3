"""One report in the markups that portals, Word and wrong spans make of it: every cell stays exact."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from made_reports import APPLICANTS, T4_CODES, Made, make, page

from transforms.blocks import html_body
from transforms.body import Body, BodyBuilder, RawCell
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


def _unruled(source: str) -> str:
    """Lines as a PDF without rulings gives them: long labels go on below their values, headings are jumbled."""
    lines = []
    for row in re.findall(r"<tr>(.*?)</tr>|<p>(.*?)</p>", source):
        if row[1]:
            lines.append(row[1])
            continue
        cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[0])]
        figures = [cell for cell in cells if re.fullmatch(r"[-+减]?[\d.]+元?", cell)]
        label = "".join(cell for cell in cells if cell not in figures)
        half = len(label) * 2 // 3 if figures and len(label) > 30 else len(label)
        lines += [label[:half], " ".join(figures), label[half:]] if half < len(label) else [label + " ".join(figures)]
    lines.insert(next(i for i, line in enumerate(lines) if "4.保护第三方" in line), "- 5 -")  # a page mark between two rows
    return "\n".join(line for line in lines if line)


@pytest.mark.parametrize(("era", "year", "seed"), [("B", 2023, 7), ("A", 2020, 7), ("B", 2021, 12)])
def test_tables_without_rulings(era: str, year: int, seed: int) -> None:
    made = make(era, year, seed)
    reading = read_report(text_body(_unruled(page(made, {}))), report_year=year, published=None, issuer=None)
    got = {(m.code, m.dimensions.get("applicant", "")): m.value for m in reading.metrics if "stated_in" not in m.dimensions}
    assert {key: (got.get(key), value) for key, value in expected(made).items() if got.get(key) != value} == {}
    assert reading.findings == []
    if era == "A":
        assert (got["licensing_items_prev", ""], got["licensing_items_delta", ""], got["coercion_items_delta", ""]) == (400, -3, -1)


def _broken_page(made: Made) -> Body:
    """A page end inside table 3: its heading stays above as words, one row falls between the two grids as a line."""
    builder = BodyBuilder()
    builder.paragraph("本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。")
    for block in html_body(page(made, {})).blocks:
        if block.grid is None or block.grid.width != 10:
            continue
        copies: dict[int, RawCell] = {}
        rows = [[copies.setdefault(id(c), RawCell(c.text)) if c is not None else None for c in row] for row in block.grid.rows[3:]]
        builder.paragraph("（本列数据的勾稽关系）申请人情况自然法人或其他组织商科社会总计")
        builder.table(rows[:6])
        lost = rows[6]
        builder.paragraph(" ".join(cell.text for cell in lost[2:] if cell is not None))
        builder.table(rows[7:])
    return builder.build()


def test_a_heading_and_a_row_that_a_page_end_left_outside() -> None:
    made = make("B", 2023, 9)
    reading = read_report(_broken_page(made), report_year=2023, published=None, issuer=None)
    got = {(m.code, m.dimensions.get("applicant", "")): m for m in reading.metrics}
    wanted = {key: value for key, value in expected(made).items() if key[1]}
    assert {key: value for key, value in wanted.items() if key not in got or got[key].value != value} == {}
    assert [m.code for m in reading.metrics if m.qualifier == "recovered"] == ["app_denied_security_stability"] * 7


def test_columns_without_a_heading_are_not_guessed_where_they_do_not_add_up() -> None:
    made = make("B", 2023, 9)
    made.values["app_partial"] = [1, 1, 1, 0, 0, 0, 9]
    reading = read_report(_broken_page(made), report_year=2023, published=None, issuer=None)
    assert {m.code for m in reading.metrics if m.qualifier is None} == set()
