"""No value lands under another code, whatever rows and columns a report drops, adds or moves: labels decide, never positions."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_reports import make, page

from transforms.blocks import html_body
from transforms.body import BodyBuilder, RawCell
from transforms.reports.reader import read_report

Grid = list[list[RawCell | None]]
_KEPT = ("行政复议数量", "行政诉讼数量", "统计指标", "指标名称", "信息内容")


def grids(era: str, year: int) -> list[Grid]:
    """The tables of a made report, every figure replaced by one that stands nowhere else."""
    out: list[Grid] = []
    number = 1000
    for block in html_body(page(make(era, year, 5), {})).blocks:
        if block.grid is None:
            continue
        cells: dict[int, RawCell] = {}
        for row in block.grid.rows:
            for cell in row:
                if cell is not None and id(cell) not in cells:
                    figure = cell.text.replace("-", "").replace("+", "").replace(".", "").replace("元", "").replace("减", "").isdigit()
                    number += figure
                    cells[id(cell)] = RawCell(str(number) if figure else cell.text, cell.row_span, cell.column_span)
        out.append([[cells[id(cell)] if cell is not None else None for cell in row] for row in block.grid.rows])
    return out


def codes(tables: list[Grid], year: int) -> dict[str, tuple[str, str | None]]:
    """What each figure was read as."""
    builder = BodyBuilder()
    for table in tables:
        builder.table(table)
        builder.paragraph("其他说明文字若干。")
    reading = read_report(builder.build(), report_year=year, published=None, issuer=None)
    return {str(m.value): (m.code, m.dimensions.get("applicant")) for m in reading.metrics if m.value}


def _figures(row: list[RawCell | None]) -> bool:
    return any(cell is not None and cell.text.isdigit() for cell in row)


def _mutated(table: Grid, rng: random.Random) -> Grid:
    rows = [row for row in table if not _figures(row) or rng.random() > 0.2 or any(c and any(k in c.text for k in _KEPT) for c in row)]
    width = len(rows[0])
    first = next((i for row in rows for i, c in enumerate(row) if c is not None and c.text.isdigit()), width)
    columns = [c for c in range(width) if c < first or rng.random() > 0.15]
    extra = rng.randint(first, width) if rng.random() < 0.5 else None
    out: Grid = []
    for row in rows:
        cells = [row[c] for c in columns]
        if extra is not None:
            cells.insert(min(extra, len(cells)), RawCell(str(rng.randint(10**6, 10**7)) if _figures(row) else "备注"))
        out.append(cells)
        if _figures(row) and rng.random() < 0.1:
            label = RawCell("其中涉农事项的特别统计")
            out.append([label if c < first else RawCell(str(rng.randint(10**6, 10**7))) for c in range(len(cells))])
    return out


@pytest.mark.parametrize(("era", "year"), [("B", 2023), ("A", 2020), ("S", 2016), ("P", 2012)])
def test_each_figure_of_the_plain_report_has_its_own_code(era: str, year: int) -> None:
    plain = codes(grids(era, year), year)
    assert len(plain) == {"B": 200, "A": 198, "S": 46, "P": 10}[era]
    assert len(set(plain.values())) == len(plain)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([("B", 2023), ("A", 2020), ("S", 2016), ("P", 2012)]))
@example(1, ("P", 2012))  # the figures lost their column: the grid must not be read as running text
@example(50, ("S", 2016))  # the parent line of 主要负责同志 is lost
def test_dropped_added_and_moved_rows_and_columns(seed: int, form: tuple[str, int]) -> None:
    rng = random.Random(seed)
    tables = grids(*form)
    plain = codes(tables, form[1])
    changed = codes([_mutated(table, rng) for table in tables], form[1])
    assert {figure: code for figure, code in changed.items() if len(figure) < 7 and plain.get(figure) != code} == {}
    assert not [(figure, code) for figure, code in changed.items() if len(figure) >= 7], "a figure without a known label has no code"
