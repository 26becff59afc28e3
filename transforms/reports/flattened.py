"""Tables whose cells stand one a line (text copies of pages): put back into rows where the count of values leaves one reading.

A row whose values are not as many as the columns (a blank cell leaves no line) is left out; Q-FULL reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.body import Body, Cell
from transforms.reports.forms import APPLICANTS
from transforms.reports.labels import plain_label
from transforms.reports.parts import Part, Row
from transforms.reports.values import read_cell

_ORGANISATIONS = tuple(APPLICANTS)[1:-1]
_RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
_LABEL_COLUMNS = 3
_MAX_HEADING_LINES = 24
_END = ("五、", "六、")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    plain: str
    start: int
    end: int

    @property
    def is_value(self) -> bool:
        return read_cell(self.text).state in ("number", "zero_printed", "zero_phrase", "na_mark")


def flattened_parts(body: Body) -> list[Part]:
    """Tables 2, 3, 4 and the statistics table found in the lines of a text."""
    lines = [_line(body, block.start, block.end) for block in body.blocks if block.grid is None]
    parts = []
    for index, line in enumerate(lines):
        part = None
        if line.plain == "信息内容":
            part = _table2(lines, index)
        elif line.plain == "自然人":
            part = _table3(lines, index)
        elif line.plain == "行政复议":
            part = _table4(lines, index)
        elif line.plain in ("统计指标", "指标名称"):
            part = _statistics(lines, index)
        if part is not None:
            parts.append(part)
    return parts


def _line(body: Body, start: int, end: int) -> _Line:
    text = "".join(body.folded[start:end].split())
    return _Line(text, plain_label(text), start, end)


def _heading(texts: Sequence[str]) -> Row:
    return Row((None,) * len(texts), tuple(texts))


def _cell(line: _Line, row: int, column: int) -> Cell:
    return Cell(line.text, line.start, line.end, row, column)


def _runs(lines: Sequence[_Line]) -> Iterator[tuple[list[_Line], list[_Line]]]:
    """Label lines, and the value lines that follow them."""
    labels: list[_Line] = []
    values: list[_Line] = []
    for line in lines:
        if line.is_value:
            values.append(line)
            continue
        if values:
            yield labels, values
            labels, values = [], []
        labels.append(line)
    if values:
        yield labels, values


def _rows(lines: Sequence[_Line], label_columns: int, value_columns: int) -> Iterator[Row]:
    for number, (labels, values) in enumerate(_runs(lines), 1):
        if len(values) != value_columns or not labels:
            continue
        shown = labels[-label_columns:]
        pad = label_columns - len(shown)
        cells: list[Cell | None] = [None] * pad + [_cell(line, number, pad + c) for c, line in enumerate(shown)]
        cells += [_cell(line, number, label_columns + c) for c, line in enumerate(values)]
        yield Row(tuple(cells), ("",) * pad + tuple(line.text for line in (*shown, *values)))


def _until(lines: Sequence[_Line], first: int, stops: Sequence[str]) -> Sequence[_Line]:
    """Lines from `first` to the next chapter or the next of `stops`."""
    for index in range(first, len(lines)):
        if lines[index].plain in stops or lines[index].text.startswith(_END):
            return lines[first:index]
    return lines[first:]


def _table2(lines: Sequence[_Line], at: int) -> Part | None:
    block = _until(lines, at + 1, ("信息内容", "自然人", "行政复议"))
    first_value = next((i for i, line in enumerate(block) if line.is_value), 0)
    headings = [line.text for line in block[: first_value - 1]]  # the line before the first value is the first row's label
    if not headings or len(headings) > 3:
        return None
    rows = [row for row in _rows(block[first_value - 1 :], 1, len(headings)) if row.texts[0]]
    return Part((_heading(["信息内容", *headings]), *rows)) if rows else None


def _table3(lines: Sequence[_Line], at: int) -> Part | None:
    head = lines[at : at + _MAX_HEADING_LINES]
    names = [line.plain for line in head]
    printed = [name for name in names[: names.index("其他") + 1 if "其他" in names else 0] if name in _ORGANISATIONS]
    if sorted(printed) != sorted(_ORGANISATIONS) or "总计" not in names:
        return None
    block = _until(lines, at + max(names.index("其他"), names.index("总计")) + 1, ("行政复议",))
    columns = ("自然人", *printed, "总计")
    rows = list(_rows(block, _LABEL_COLUMNS, len(columns)))
    return Part((_heading([""] * _LABEL_COLUMNS + list(columns)), *rows)) if rows else None


def _table4(lines: Sequence[_Line], at: int) -> Part | None:
    head = lines[at : at + _MAX_HEADING_LINES]
    first = next((i for i, line in enumerate(head) if line.is_value), len(head))
    names = [line.plain for line in head[:first]]
    if "行政诉讼" not in names or any(names.count(result) != 3 for result in _RESULTS):
        return None
    values = next((values for _, values in _runs(lines[at : at + first + 16])), [])
    if len(values) != 3 * len(_RESULTS):
        return None
    groups = [group for group in ("行政复议", "未经复议直接起诉", "复议后起诉") for _ in _RESULTS]
    outer = ["行政复议"] * 5 + ["行政诉讼"] * 10
    row = Row(tuple(_cell(line, 3, c) for c, line in enumerate(values)), tuple(line.text for line in values))
    return Part((_heading(outer), _heading(groups), _heading(list(_RESULTS) * 3), row))


def _statistics(lines: Sequence[_Line], at: int) -> Part | None:
    head = [line.text for line in lines[at + 1 : at + 4]]
    if not head or plain_label(head[0]) not in ("单位", "计量单位"):
        return None
    columns = 2 if len(head) > 2 and plain_label(head[2]) in ("历年累计", "累计") else 1
    rows = list(_rows(lines[at + 2 + columns :], 2, columns))
    return Part((_heading([lines[at].text, *head[: 1 + columns]]), *rows)) if rows else None
