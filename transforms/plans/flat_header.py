"""The header of a flattened table: the names of its columns one after another, those of a second header row behind the first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.plans.columns import Column, column, has_doers, is_name, is_task_table, joined
from transforms.plans.flat_cells import FlatCell
from transforms.plans.units import is_unit

_MAX_NAME = 16
_MAX_COLUMNS = 16
_UNITS = ("lead", "units", "support", "person")


@dataclass(frozen=True, slots=True)
class FlatHeader:
    """Column kinds and names in the order of their cells; `end` is the cell behind the header."""

    kinds: list[Column]
    names: list[str]
    end: int
    of_tasks: bool = True
    """False for the header of a table of another kind."""


def read_header(cells: list[FlatCell], index: int) -> FlatHeader | None:
    """The header that begins at the cell `index`, or None."""
    kinds: list[Column] = []
    names: list[str] = []
    at = index
    row = cells[index].row
    while at < len(cells) and len(kinds) < _MAX_COLUMNS and len(cells[at].text) <= _MAX_NAME:
        name, width = cells[at].text, 1
        if cells[at].row is None and not cells[at].closed and at + 1 < len(cells) and joined(name, cells[at + 1].text):
            name, width = name + cells[at + 1].text, 2
        kind = column(name)
        if kind is None and row is not None and cells[at].row == row and at > index:
            kind = "other"  # the row tells that it is a column's name
        if kind is None or cells[at].label or (is_unit(name) and not re.search("单位|部门|科室|股室|处室|机构|主体", name)):
            break
        kinds.append(kind)
        names.append(re.sub(r"\s", "", name))
        at += width
    if "number" in kinds[1:]:  # a table's title may look like a column; numbers stand first
        first = kinds.index("number", 1)
        if first <= 2 and kinds[0] == "text":
            kinds, names = kinds[first:], names[first:]
    while names and not is_name(names[-1]) and (row is None or cells[at - 1].row != row):
        kinds, names, at = kinds[:-1], names[:-1], at - 1  # a first row that reads like a name
    if sum(map(is_name, names)) < 0.6 * len(names):
        return None
    kinds, names = _two_rows(kinds, names)
    least = 3 if row is None else 2
    if len(kinds) >= least and is_task_table(list(kinds)) and has_doers(list(kinds)):
        return FlatHeader(kinds, names, at)
    return FlatHeader(kinds, names, at, of_tasks=False) if len(kinds) >= 3 and "foreign" in kinds else None


def _two_rows(kinds: list[Column], names: list[str]) -> tuple[list[Column], list[str]]:
    """责任分工, 完成时间, 牵头单位, 配合单位: the last two stand below the first."""
    for split in range(2, len(kinds) - 1):
        children = kinds[split:]
        if not {"lead", "support"} & set(children) or {"number", "deadline"} & set(children):
            continue
        order: list[int] = []
        at = split
        for parent in range(split):
            begun = at
            kin = ("text",) if kinds[parent] == "text" else ("lead", "support", "units") if kinds[parent] == "units" else ()
            while at < len(kinds) and kinds[at] in kin:
                at += 1
            order += range(begun, at) if at - begun > 1 else [parent]
            if at - begun == 1:
                at = begun
        if at == len(kinds):
            return [kinds[c] for c in order], [names[c] for c in order]
    return kinds, names
