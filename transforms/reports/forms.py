"""Tables 2, 3 and 4 of the forms of 2019 (A) and 2021 (B): cells found by row label and heading path (annual-reports.md 1.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gongkai.metrics import Metric, load_metrics
from transforms.body import Cell
from transforms.reports.labels import best_match, form_label, plain_label
from transforms.reports.parts import Part, Row, UnknownRow
from transforms.reports.values import CellValue, read_cell

APPLICANTS = {
    "自然人": "natural_person",
    "商业企业": "commercial_enterprise",
    "科研机构": "research_institute",
    "社会公益组织": "public_welfare_org",
    "法律服务机构": "legal_service_org",
    "其他": "other_org",
    "总计": "total",
}
_APPLICANT_WORDS = APPLICANTS | {"其它": "other_org", "合计": "total", "小计": "org_subtotal"}
_GROUPS = ("不予公开", "无法提供", "不予处理", "其他处理")
_B_COLUMNS = ("本年制发件数", "本年废止件数", "现行有效件数", "本年收费金额")
_A_COLUMNS = ("本年新制作数量", "本年新公开数量", "对外公开总数量", "上一年项目数量", "本年增减", "采购项目数量", "采购总金额")
_TELLING, _ENOUGH_ROWS = 6, 5
"""A label that long is of no other table, and that many of them are no chance."""
_MONEY_UNIT = re.compile(r"单位:?(万元|亿元|元)")


@dataclass(frozen=True, slots=True)
class FormCell:
    """One value cell of a form with its meaning; `cell` is None where the grid has a hole."""

    metric: Metric
    reading: CellValue
    cell: Cell
    applicant: str | None = None
    unit: str | None = None


@dataclass(slots=True)
class FormTable:
    """What one table (2, 3 or 4) of a report gave."""

    number: int
    era: str | None
    cells: list[FormCell] = field(default_factory=list)
    unknown_rows: list[UnknownRow] = field(default_factory=list)


@lru_cache(maxsize=1)
def _table2() -> dict[tuple[str, str], Metric]:
    metrics = [m for m in load_metrics().by_code.values() if m.table2]
    return {(form_label(r), form_label(c)): m for m in metrics if m.table2 for r in m.table2.row for c in m.table2.column}


@lru_cache(maxsize=1)
def _table3() -> dict[str, dict[str, Metric]]:
    """Metrics by group ("" for rows outside a group), then plain label."""
    out: dict[str, dict[str, Metric]] = {}
    for metric in load_metrics().by_code.values():
        if metric.table3:
            for label in metric.table3.labels:
                out.setdefault(metric.table3.group or "", {})[form_label(label)] = metric
            if metric.table3.subtotal_of:
                out.setdefault(metric.table3.subtotal_of, {})["小计"] = metric
    return out


@lru_cache(maxsize=1)
def _table4() -> dict[tuple[str, str], Metric]:
    metrics = [m for m in load_metrics().by_code.values() if m.table4]
    return {(form_label(m.table4.group), form_label(c)): m for m in metrics if m.table4 for c in m.table4.column}


def read_form(part: Part) -> list[FormTable]:
    """Every table of the forms that a part holds; one grid may hold several, a foreign grid holds none."""
    tables: list[FormTable] = []
    starts = _headings(part.rows) or ([(3, 0)] if _lost_its_heading(part.rows) else [])
    ends = [first for _, first in starts[1:]] + [len(part.rows)]
    for (number, first), end in zip(starts, ends, strict=False):
        rows = part.rows[first:end]
        joins = tuple(join - first for join in part.joins if first < join < end)
        reader = {2: _read_table2, 3: _read_table3, 4: _read_table4}[number]
        table = reader(rows, joins)
        if table.cells:
            tables.append(table)
    return tables


def _headings(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """(table number, first row) of each run of rows that belongs to one table."""
    starts: list[tuple[int, int]] = []
    for index, row in enumerate(rows):
        number = _kind(row)
        if number and (not starts or starts[-1][0] != number):
            starts.append((number, index))
    return starts


def _lost_its_heading(rows: Sequence[Row]) -> bool:
    """True if rows of table 3 stand without their heading, which a page end left outside of the grid."""
    known = {label for labels in _table3().values() for label in labels if len(label) >= _TELLING}
    return sum(any(plain_label(text) in known for text in row.texts) for row in rows) >= _ENOUGH_ROWS


def _official_columns(rows: Sequence[Row]) -> dict[int, str]:
    """The columns of the form where no heading names them: the last seven, if in every row the last is the sum of the others."""
    width = min(len(row.cells) for row in rows)
    columns = range(width - len(APPLICANTS), width)
    read = [[read_cell(row.texts[c]).value for c in columns] for row in rows] if columns.start > 0 else []
    full = [[value for value in row if value is not None] for row in read if all(value is not None for value in row)]
    if len(full) < _ENOUGH_ROWS or any(sum(row[:-1]) != row[-1] for row in full):
        return {}
    return dict(zip(columns, APPLICANTS.values(), strict=True))


def _kind(row: Row) -> int | None:
    words = {plain_label(text) for text in row.texts}
    if len(words & (APPLICANTS.keys() - {"其他", "总计"})) >= 1 or "申请人情况" in words:
        return 3
    if "行政复议" in words and "行政诉讼" in words:
        return 4
    if "信息内容" in words or any(re.match(r"第二十条第[一五六八九]项", word) for word in words) or words & {*_A_COLUMNS, *_B_COLUMNS}:
        return 2
    return None


# ── table 2 ───────────────────────────────────────────────────────────────


def _read_table2(rows: Sequence[Row], joins: tuple[int, ...]) -> FormTable:
    table = FormTable(2, None)
    known_rows = {row for row, _ in _table2()}
    known_columns = {column for _, column in _table2()}
    headings: dict[int, str] = {}
    units: dict[int, str] = {}
    seen: set[str] = set()
    for row in rows:
        found = {c: name for c, text in enumerate(row.texts) if (name := best_match(plain_label(text), known_columns))}
        if found and not any(plain_label(text) in known_rows for text in row.texts):
            headings = found
            units = {c: unit[1] for c in found if (unit := _MONEY_UNIT.search(row.texts[c]))}
            seen.update(found.values())
            continue
        label = next((name for _, _, text in row.distinct() if (name := best_match(plain_label(text), known_rows))), None)
        if label is None:
            _keep_unknown(table, row, set(headings))
            continue
        for name in dict.fromkeys(headings.values()):
            columns = [c for c in headings if headings[c] == name]
            metric = _table2().get((label, name))
            if metric is not None and (got := _value(row, columns, label)) is not None:
                table.cells.append(FormCell(metric, got[0], got[1], unit=units.get(columns[0])))
    table.era = "B" if seen & set(_B_COLUMNS) else "A" if seen & {form_label(c) for c in _A_COLUMNS} else None
    return table


def _value(row: Row, columns: Sequence[int], label: str | None = None) -> tuple[CellValue, Cell] | None:
    """Reading and cell of the first column that has one; a merged label that reaches into the value columns is no value."""
    inside = [c for c in columns if c < len(row.cells)]
    cells = [cell for c in inside if (cell := row.cells[c]) is not None]
    texts = [row.texts[c] for c in inside if row.cells[c] is not None]
    best: tuple[CellValue, Cell] | None = None
    for cell, text in zip(cells, texts, strict=True):
        if label is not None and plain_label(text) == label:
            continue
        reading = read_cell(text)
        if best is None or best[0].state == "blank":
            best = (reading, cell)
    return best


def _keep_unknown(table: FormTable, row: Row, value_columns: set[int]) -> None:
    """A row with numbers under a label that the dictionary does not know."""
    figures = [text for column, _, text in row.distinct() if column in value_columns and read_cell(text).value is not None]
    named = [(text, cell) for column, cell, text in row.distinct() if column not in value_columns and text]
    if figures and named:
        table.unknown_rows.append(UnknownRow(*named[-1], " ".join(figures)))


# ── table 3 ───────────────────────────────────────────────────────────────


def _read_table3(rows: Sequence[Row], joins: tuple[int, ...]) -> FormTable:
    table = FormTable(3, None)
    columns, first = _applicant_columns(rows)
    columns = columns or _official_columns(rows)
    whole = _split_labels(rows, joins, set(columns))
    group = ""
    for row in rows[first:]:
        found = _applicant_values(row, columns)
        used = {id(cell) for _, cell, _ in found} | {id(row.cells[c]) for c in columns if c < len(row.cells) and not found}
        labels = [whole.get(id(cell), text) for _, cell, text in row.distinct() if id(cell) not in used and text]
        metric, group = _row_metric(labels, group)
        if metric is None:
            _keep_unknown(table, row, set(columns))
            continue
        # Group lines carry no values in the official form; only a printed figure counts.
        is_group_line = metric.derived or metric.code == "app_other_total"
        if is_group_line and not any(reading.value is not None for _, _, reading in found):
            continue
        table.cells += [FormCell(metric, reading, cell, applicant) for applicant, cell, reading in found]
    codes = {cell.metric.code for cell in table.cells}
    table.era = "B" if codes & {"app_other_no_correction", "app_other_fee_unpaid", "app_other_misc"} else "A"
    return table


def _applicant_values(row: Row, columns: dict[int, str]) -> list[tuple[str, Cell, CellValue]]:
    """Applicant, cell and reading of a row's values.

    A wrong rowspan in the source pushes a row aside: then its last cells, as many as the heading names, are the values in order.
    """
    names = list(dict.fromkeys(columns[c] for c in sorted(columns)))
    below = [(c, row.cells[c], row.texts[c]) for c in sorted(columns) if c < len(row.cells)]
    readings = [(columns[c], cell, read_cell(text)) for c, cell, text in below if cell is not None]
    if len(below) == len(columns) and not any(reading.state == "text" for _, _, reading in readings):
        return readings
    cells = list(row.distinct())
    last = [(cell, read_cell(text)) for _, cell, text in cells[-len(names) :]]
    if len(cells) > len(names) and all(reading.state != "text" for _, reading in last):
        return [(name, cell, reading) for name, (cell, reading) in zip(names, last, strict=True)]
    return readings


def _applicant_columns(rows: Sequence[Row]) -> tuple[dict[int, str], int]:
    """Applicant code by column, and the index of the first data row."""
    columns: dict[int, str] = {}
    first = 0
    for index, row in enumerate(rows[:6]):
        if _has_values(row):
            break
        first = index + 1
        for column, text in enumerate(row.texts):
            applicant = _APPLICANT_WORDS.get(plain_label(text))
            if applicant:
                columns[column] = applicant
    return columns, first


def _has_values(row: Row) -> bool:
    return sum(1 for _, _, text in row.distinct() if read_cell(text).value is not None) >= 2


def _split_labels(rows: Sequence[Row], joins: tuple[int, ...], value_columns: set[int]) -> dict[int, str]:
    """Whole text of the label cells that a page end cut in two ("(四)无" | "法提供"), by identity of the lower cell."""
    known = {*_GROUPS, *(label for labels in _table3().values() for label in labels)}
    whole: dict[int, str] = {}
    for join in joins:
        for column, cell, text in rows[join].distinct():
            above = rows[join - 1].texts[column] if column < len(rows[join - 1].texts) else ""
            if column not in value_columns and text and above and plain_label(above + text) in known:
                whole[id(cell)] = above + text
    return whole


def _row_metric(label_texts: Sequence[str], group: str) -> tuple[Metric | None, str]:
    """The metric of a row and the group the row stands in. The innermost label names the row, an outer one its group."""
    by_group = _table3()
    plain = [plain_label(text) for text in label_texts]
    for label in plain:
        named = best_match(label, _GROUPS)
        if named:
            group = named
    if not plain:
        return None, group
    label = plain[-1]
    top = by_group[""]
    if label in top:
        return top[label], group if label in _GROUPS else ""
    if label in by_group.get(group, {}):
        return by_group[group][label], group
    everywhere = {name: metric for metrics in by_group.values() for name, metric in metrics.items() if len(name) > 2}
    name = best_match(label, everywhere)
    if name is None:
        return None, group
    metric = everywhere[name]
    return metric, (metric.table3.group or "") if metric.table3 else group


# ── table 4 ───────────────────────────────────────────────────────────────


def _read_table4(rows: Sequence[Row], joins: tuple[int, ...]) -> FormTable:
    table = FormTable(4, None)
    paths: dict[int, list[str]] = {}
    for row in rows:
        if _has_values(row):
            _values4(table, row, paths)
            break
        for column, text in enumerate(row.texts):
            label = plain_label(text)
            if label and (not paths.get(column) or paths[column][-1] != label):
                paths.setdefault(column, []).append(label)
    if not table.cells and rows:
        _values4(table, rows[-1], paths)
    return table


def _values4(table: FormTable, row: Row, paths: dict[int, list[str]]) -> None:
    groups = {group for group, _ in _table4()}
    names = {name for _, name in _table4()}
    for column, path in paths.items():
        cell = row.cells[column] if column < len(row.cells) else None
        group = next((g for label in reversed(path) if (g := best_match(label, groups))), None)
        name = best_match(path[-1], names)
        metric = _table4().get((group, name)) if group and name else None
        if metric is not None and cell is not None:
            table.cells.append(FormCell(metric, read_cell(row.texts[column]), cell))
