"""The statistics table (政府信息公开情况统计表) of 2014-2018 (S) and the provinces' own tables (P): indicator, unit, value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from gongkai.metrics import Metric, load_metrics
from transforms.body import Cell
from transforms.reports.labels import best_match, form_label, plain_label
from transforms.reports.parts import Part, Row, UnknownRow
from transforms.reports.values import CellValue, read_cell

_INDICATOR = frozenset(("统计指标", "指标名称", "指标", "项目", "统计项目"))
_UNIT = frozenset(("单位", "计量单位"))
_YEAR_VALUE = re.compile(r"统计数|统计数据|数据统计数?|数量|数值|本年(?:度|累计|数)?|本期实际|(?:20\d\d)?年度?(?:数)?")
_NO_VALUE_COLUMN = re.compile(r"代码|序号|行次|备注|说明|编号")
_ALL_YEARS = re.compile(r"历年累计|累计数?|历年")


@dataclass(frozen=True, slots=True)
class StatCell:
    """One value of a statistics table; `level` is the heading of a column that holds one level of government."""

    metric: Metric
    reading: CellValue
    cell: Cell
    unit: str | None
    level: str | None = None


@dataclass(slots=True)
class StatTable:
    """What one statistics table gave."""

    era: Literal["S", "P"]
    cells: list[StatCell] = field(default_factory=list)
    unknown_rows: list[UnknownRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Heading:
    first_row: int
    unit_column: int | None
    labels: frozenset[int]
    values: dict[int, str | None]
    """Value columns: None for the year's figure, a level's name, or "*" for all years."""
    era: Literal["S", "P"]


@lru_cache(maxsize=1)
def _stat_metrics() -> dict[str, dict[str, Metric]]:
    """Metrics by the words their parent line must hold ("" for none), then plain label."""
    out: dict[str, dict[str, Metric]] = {}
    for metric in load_metrics().by_code.values():
        if metric.stat:
            for label in metric.stat.labels:
                out.setdefault(metric.stat.under or "", {})[form_label(label)] = metric
    return out


def read_statistics(part: Part) -> StatTable | None:
    """The part as a statistics table, or None when it is none."""
    heading = _heading(part)
    if heading is None:
        return None
    table = StatTable(heading.era)
    parent = ""
    seen: set[tuple[str, str]] = set()
    for row in part.rows[heading.first_row :]:
        label, label_cell = _label(row, heading.labels)
        if label in ("", "甲") or label_cell is None:  # 甲 乙 1 2 number the columns of a coded form
            continue
        metric, parent = stat_metric(label, parent, seen)
        readings = [(c, level, read_cell(row.texts[c])) for c, level in heading.values.items()]
        if metric is None:
            figures = [row.texts[c] for c, _, reading in readings if reading.value is not None]
            if figures:
                table.unknown_rows.append(UnknownRow(label_cell.text, label_cell, " ".join(figures)))
            continue
        unit = row.texts[heading.unit_column] or None if heading.unit_column is not None else None
        for column, level, reading in readings:
            cell = row.cells[column]
            target = _target(metric, level)
            if target is not None and cell is not None and not (reading.state == "na_mark" and unit in (None, "—", "——", "-")):
                table.cells.append(StatCell(target, reading, cell, reading.unit or unit, None if level == "*" else level))
    return table if table.cells else None


def _target(metric: Metric, level: str | None) -> Metric | None:
    """All-years columns are only known for disclosed items."""
    if level != "*":
        return metric
    return load_metrics()["disclosed_cumulative"] if metric.code == "disclosed_items" else None


def _heading(part: Part) -> _Heading | None:
    for index, row in enumerate(part.rows[:4]):
        plain = [plain_label(text) for text in row.texts]
        labels = [c for c, text in enumerate(plain) if text in _INDICATOR]
        units = [c for c, text in enumerate(plain) if text in _UNIT]
        if not labels or not (units or "统计数" in plain):
            continue
        first = max(labels[-1], units[-1] if units else 0) + 1
        below = index + 1
        names = list(row.texts)
        if below < len(part.rows) and _splits_heading(row, part.rows[below], first):
            names = list(part.rows[below].texts)
            below += 1
        values = {c: _column_name(names[c]) for c in range(first, len(names)) if names[c] and not _NO_VALUE_COLUMN.fullmatch(names[c])}
        own = sorted(c for c, name in values.items() if name is None)
        for extra in own[1:]:  # 本期实际 beside 本年累计: the later one is the year's figure
            values.pop(own[0] if plain[extra] == "本年累计" else extra)
        if not values:
            return None
        era: Literal["S", "P"] = "P" if {"指标名称", "计量单位"} & set(plain) else "S"
        return _Heading(below, units[0] if units else None, frozenset(range(first)) - set(units), values, era)
    return None


def _splits_heading(row: Row, below: Row, first: int) -> bool:
    """True where one heading cell spans value columns that the next row names."""
    spanned = len({id(cell) for cell in row.cells[first:]}) < len(row.cells[first:])
    return spanned and all(text and read_cell(text).value is None for text in below.texts[first:])


def _column_name(text: str) -> str | None:
    if _ALL_YEARS.fullmatch(text) and text != "本年累计":
        return "*"
    return None if _YEAR_VALUE.fullmatch(text) else text.removesuffix("统计数") or text


def _label(row: Row, columns: Iterable[int]) -> tuple[str, Cell | None]:
    """The innermost label of a row, plain, and its cell."""
    for column in sorted(columns, reverse=True):
        cell = row.cells[column]
        if cell is not None and row.texts[column]:
            return plain_label(row.texts[column]), cell
    return "", None


def stat_metric(label: str, parent: str, seen: set[tuple[str, str]]) -> tuple[Metric | None, str]:
    """The metric of a plain label below a parent line, and the parent of the lines that follow.

    A child named twice under one parent (`seen`) tells that the line of its own parent is lost: it belongs to none.
    """
    known = _stat_metrics()
    candidates = dict(known[""])
    for under, metrics in known.items():
        if under and under in parent:
            candidates.update(metrics)
    owners = [under for under, metrics in known.items() if label in metrics]
    metric: Metric | None
    if label not in candidates and len(owners) == 1:  # only one parent has such a line, wherever it stands
        metric, parent = known[owners[0]][label], owners[0]
    else:
        name = best_match(label, candidates)
        metric = candidates[name] if name else None
    child = metric is not None and metric.stat is not None and bool(metric.stat.under)
    if metric is not None and child:
        if (parent, metric.code) in seen:
            return None, ""
        seen.add((parent, metric.code))
    is_parent = not child and any(under and under in label for under in known)
    return metric, label if is_parent else parent
