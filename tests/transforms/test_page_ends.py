"""A table cut at a page end is one table again."""

from __future__ import annotations

from ruled_pdf import as_pdf

from transforms.body import RawCell
from transforms.formats.page_ends import join_rows
from transforms.formats.pdf import pdf_body


def _rows(*rows: tuple[str, ...]) -> list[list[RawCell | None]]:
    return [[RawCell(text) for text in row] for row in rows]


def _joined(upper: list[list[RawCell | None]], lower: list[list[RawCell | None]], full: set[int]) -> list[list[str]]:
    join_rows(upper, lower, full)
    return [[cell.text if cell else "" for cell in row] for row in upper]


def test_header_printed_again_is_dropped() -> None:
    upper, lower = _rows(("序号", "任务"), ("1", "甲。")), _rows(("序号", "任务"), ("2", "乙。"))
    assert _joined(upper, lower, set()) == [["序号", "任务"], ["1", "甲。"], ["2", "乙。"]]


def test_row_split_between_its_lines_is_one_row() -> None:
    upper, lower = _rows(("1", "公开预算和", "市财政局")), _rows(("", "决算。", ""), ("2", "乙", "市教育局"))
    assert _joined(upper, lower, {id(upper[0][1])}) == [["1", "公开预算和决算。", "市财政局"], ["2", "乙", "市教育局"]]


def test_new_row_of_the_same_item_stays_a_row() -> None:
    for full, text in ((False, "公开决算"), (True, "2.公开决算")):
        upper, lower = _rows(("1", "公开预算", "市财政局")), _rows(("", text, ""))
        assert len(_joined(upper, lower, {id(upper[0][1])} if full else set())) == 2


def test_cell_merged_over_the_page_end_goes_on() -> None:
    unit = RawCell("市财政局", row_span=2)
    upper: list[list[RawCell | None]] = [[RawCell("1"), unit], [RawCell("2"), unit]]
    assert _joined(upper, _rows(("3", "")), set())[-1] == ["3", "市财政局"]


def test_pages_of_a_long_table() -> None:
    text = "公布本级各部门权力清单和责任清单并根据法律法规变化作动态调整接受社会监督"
    rows = [["序号", "任务", "责任单位"], *([str(n), f"{text}第{n}批。", "市委编办"] for n in range(1, 9))]
    body = pdf_body(as_pdf([{"table": rows}], page_height=260))
    grids = [block.grid for block in body.blocks if block.grid]
    assert len(grids) == 1
    assert grids[0].texts() == rows
