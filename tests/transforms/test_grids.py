"""Spans resolve into a full grid: rectangles, no overlap, nothing lost within the bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from work_spent import assert_quick

from transforms.body import BodyBuilder, RawCell
from transforms.grids import MAX_COLUMNS, RawGrid, resolve_spans


def _texts(rows: RawGrid) -> list[list[str]]:
    return [[cell.text if cell else "" for cell in row] for row in rows]


def test_row_span_hangs_into_the_rows_below() -> None:
    source = [[RawCell("牵头", row_span=3), RawCell("a")], [RawCell("b")], [RawCell("c")], [RawCell("d"), RawCell("e")]]
    assert _texts(resolve_spans(source).rows) == [["牵头", "a"], ["牵头", "b"], ["牵头", "c"], ["d", "e"]]


def test_two_row_header() -> None:
    source = [
        [RawCell("项目", row_span=2), RawCell("申请人", column_span=2)],
        [RawCell("自然人"), RawCell("法人")],
        [RawCell("新收"), RawCell("3"), RawCell("4")],
    ]
    resolved = resolve_spans(source)
    assert _texts(resolved.rows) == [["项目", "申请人", "申请人"], ["项目", "自然人", "法人"], ["新收", "3", "4"]]
    assert resolved.rows[0][1] is resolved.rows[0][2]
    assert not resolved.cut


def test_row_span_zero_reaches_the_last_row() -> None:
    source = [[RawCell("x", row_span=0), RawCell("1")], [RawCell("2")], [RawCell("3")]]
    assert [row[0].text for row in resolve_spans(source).rows if row[0]] == ["x", "x", "x"]


def test_columns_and_rows_in_which_nothing_begins_are_dropped() -> None:
    source = [[RawCell("标题", column_span=1000, row_span=2)], [], [RawCell("a", column_span=3), RawCell("b")]]
    resolved = resolve_spans(source)
    assert _texts(resolved.rows) == [["标题", "标题"], ["a", "b"]]
    title = resolved.rows[0][0]
    assert title is not None
    assert (title.row_span, title.column_span) == (1, 2)


def test_missing_cells_are_none() -> None:
    assert resolve_spans([[RawCell("a"), RawCell("b")], [RawCell("c")]]).rows[1][1] is None


def test_absurd_spans_are_bounded_in_time_and_size() -> None:
    source = [[RawCell(str(r), row_span=60_000, column_span=60_000), RawCell("b")] for r in range(10_000)]
    resolved = resolve_spans(source)
    assert resolved.cut
    assert max(len(row) for row in resolved.rows) <= MAX_COLUMNS
    assert_quick(lambda: resolve_spans(source), 20)


_cells = st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=5), max_size=7)


@given(_cells)
def test_every_cell_is_one_rectangle_and_offsets_slice_to_its_text(spans: list[list[tuple[int, int]]]) -> None:
    source = [
        [RawCell(f"r{r}c{c}", row_span=down, column_span=right) for c, (down, right) in enumerate(row)] for r, row in enumerate(spans)
    ]
    rows = resolve_spans(source).rows
    assert len({len(row) for row in rows}) <= 1
    at: dict[int, list[tuple[int, int]]] = {}
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is not None:
                at.setdefault(id(cell), []).append((r, c))
    assert set(at) == {id(cell) for row in source for cell in row}
    for cell in (cell for row in source for cell in row):
        places = at[id(cell)]
        (top, left), (bottom, right) = min(places), max(places)
        assert places == [(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        assert (cell.row_span, cell.column_span) == (bottom - top + 1, right - left + 1)
    builder = BodyBuilder()
    builder.table(rows)
    body = builder.build()
    assert len(body.folded) == len(body.text)
    for block in body.blocks:
        assert block.grid is not None
        for row in block.grid.rows:
            for placed in row:
                assert placed is None or body.text[placed.start : placed.end] == placed.text
