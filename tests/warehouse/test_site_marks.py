"""A document's text in pages with marks: nothing is lost, nothing is doubled, and a page stays small."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from transforms.marked_text import Mark
from warehouse.report_site.documents import page_of
from warehouse.report_site.marks import CHARACTERS, MARKS, blocks, parts

_TEXT = st.text(alphabet="公开\n\t。a<", max_size=120)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(_TEXT)
    spans = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text) + 3)), max_size=8))
    return text, [Mark(start, end, "task", f"task-{n}", f"tip {n}") for n, (start, end) in enumerate(spans)]


@given(marked())
def test_every_character_stands_once_under_its_marks(given_: tuple[str, list[Mark]]) -> None:
    text, marks = given_
    shown = blocks(text, marks, 0, len(text))
    lines = ["\t".join("".join(piece.text for piece in cell) for cell in row) for block in shown for row in block.rows]
    assert lines == [line for line in text.split("\n") if line.strip()]
    whole = [m for m in marks if 0 <= m.start < m.end <= len(text)]
    for mark in whole:
        inside = [p.text for b in shown for row in b.rows for cell in row for p in cell if mark in p.marks]
        assert "".join(inside) == "".join(line for line in _cells(text, mark.start, mark.end))


def _cells(text: str, start: int, end: int) -> list[str]:
    """What of `text[start:end]` stands in cells of lines that are not blank."""
    found, at = [], 0
    for line in text.split("\n"):
        kept = "".join(c for i, c in enumerate(line, at) if start <= i < end and c != "\t")
        found.append(kept if line.strip() else "")
        at += len(line) + 1
    return found


def test_a_long_text_is_cut_at_line_ends_and_no_mark_is_lost() -> None:
    text = "".join(f"{n}. 公开事项一览。\n" for n in range(6000))
    marks = [Mark(i, i + 4, "metric", f"metric-{i}", "") for i in range(0, len(text) - 4, 40)]
    cut = parts(text, marks)
    assert [cut[0].start, cut[-1].end] == [0, len(text)] and all(a.end == b.start for a, b in pairwise(cut))
    assert all(part.end - part.start <= CHARACTERS and len(part.marks) <= MARKS for part in cut)
    assert all(text[part.end - 1] == "\n" for part in cut)
    assert [mark.name for part in cut for mark in part.marks] == [mark.name for mark in marks]


def test_one_endless_line_ends_too() -> None:
    assert [part.end for part in parts("字" * (2 * CHARACTERS + 5), [])] == [CHARACTERS, 2 * CHARACTERS, 2 * CHARACTERS + 5]
    crowded = [Mark(0, 1, "unit", f"unit-{n}", "") for n in range(3 * MARKS)]
    assert [len(part.marks) for part in parts("字字", crowded)] == [3 * MARKS]
    assert [(part.start, part.end) for part in parts("", [])] == [(0, 0)]


def test_a_row_with_merged_cells_is_no_grid_row() -> None:
    (block,) = blocks("序号\t任务\t时限\n1\t公开预算\t六月\n公开决算\t七月", [], 0, 26)
    assert block.table and block.width == 3 and [len(row) for row in block.rows] == [3, 3, 2]


def test_a_name_is_never_a_path() -> None:
    assert page_of("lishi", "../../etc/x", 2) == "document/lishi/-2e--2e--2f--2e--2e--2f-etc-2f-x_2.html"
