"""Two readings of the same pages, table by table: what came, what went, what changed, and in which fields. Pure.

Rows are paired within their document: first those that say the same (wherever they stand), then by what makes a person call them the
same thing (a task's text, a metric's code), so that one task more at the top of a plan is one row added, not a plan of changed rows.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from gongkai.records.document import to_json
from transforms.personal import mask

Row = dict[str, Any]
_PAIRED_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "plan_task": (("text",), ("path",), ("span_start",)),
    "task_unit": (("task", "role", "printed"), ("task", "name"), ("task", "printed")),
    "task_deadline": (("task", "raw"),),
    "metric_value": (("code", "dimensions", "scope", "era"), ("code", "dimensions"), ("span_start", "span_end")),
    "citation": (("title", "doc_number"), ("title",), ("doc_number",)),
    "obligation": (("raw",),),
    "roster_member": (("name", "role"), ("name",)),
    "finding": (("rule", "message"), ("rule",)),
}
"""By table the columns that pair two rows of one document, tried in turn; () pairs the only two there are, as in tables not named."""
_NOT_COMPARED = {"portal_id", "run_id", "notice_id", "version", "document_id", "extractor_version", "part"}
_PLACE = {"seq", "task_seq", "span_start", "span_end"}
"""Where a row stands: a row that only stands elsewhere has moved."""
_SHOWN = 200  # characters of a value in a change
_LEAD = 40  # of them before the first difference

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that came or went (`field` is None), or one field of a row that changed. Long values are cut around the difference."""

    table: str
    kind: Kind
    notice_id: str
    document_id: str | None
    field: str | None
    old: str | None
    new: str | None


@dataclass
class TableDiff:
    """Rows of one table by what became of them."""

    same: int = 0
    moved: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """Changed rows by field."""

    def add(self, other: TableDiff) -> None:
        """Sum up in place."""
        for name in ("same", "moved", "changed", "added", "removed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.fields.update(other.fields)

    @property
    def differs(self) -> bool:
        """Whether any row is otherwise than before; a row that stands elsewhere is."""
        return bool(self.moved or self.changed or self.added or self.removed)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"fields": dict(self.fields.most_common())}


def compare(table: str, old: Sequence[Row], new: Sequence[Row]) -> tuple[TableDiff, list[Change]]:
    """What became of the rows of `old`. Columns that only one side has (another release's) are not compared."""
    diff, changes = TableDiff(), list[Change]()
    columns = _columns(old, new)
    before, after = _by_document(old), _by_document(new)
    for key in dict.fromkeys([*before, *after]):
        _compare_document(table, columns, before.get(key, []), after.get(key, []), diff, changes)
    return diff, changes


def with_tasks(rows: Iterable[Row], tasks: Iterable[Row]) -> list[Row]:
    """Rows of a task's parts with the task's text as column `task`: its number says nothing across two readings."""
    texts = {(task["document_id"], task["seq"]): task["text"] for task in tasks}
    return [row | {"task": texts.get((row["document_id"], row["task_seq"]), "")} for row in rows]


def _columns(old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    sides = [rows[0].keys() for rows in (old, new) if rows]
    if not sides:
        return []
    return [c for c in sides[-1] if all(c in side for side in sides) and c not in _NOT_COMPARED]


def _by_document(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["notice_id"], row.get("document_id") or ""].append(row)
    return found


def _compare_document(table: str, columns: list[str], old: list[Row], new: list[Row], diff: TableDiff, changes: list[Change]) -> None:
    said = [c for c in columns if c not in _PLACE]
    placed = [c for c in columns if c in _PLACE]
    pairs, old, new = _pair(old, new, said)
    for one, other in pairs:
        moved = any(one[c] != other[c] for c in placed)
        diff.moved += moved
        diff.same += not moved
    for keys in _PAIRED_BY.get(table, ((),)):
        pairs, old, new = _pair(old, new, keys, blank=not keys)
        for one, other in pairs:
            names = [c for c in said if _value(one[c]) != _value(other[c])]
            diff.changed += 1
            diff.fields.update(names)
            changes += [_changed(table, one, other, name) for name in names]
    diff.added, diff.removed = diff.added + len(new), diff.removed + len(old)
    changes += [_whole(table, "removed", row, said) for row in old] + [_whole(table, "added", row, said) for row in new]


def _pair(
    old: list[Row], new: list[Row], columns: Sequence[str], *, blank: bool = True
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows that agree in `columns`, in order, and what is left of both sides. Unless `blank`, empty values agree with nothing."""
    waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in new:
        waiting[tuple(_value(row.get(c)) for c in columns)].append(row)
    pairs, left, taken = list[tuple[Row, Row]](), list[Row](), set[int]()
    for row in old:
        key = tuple(_value(row.get(c)) for c in columns)
        there = waiting.get(key)
        if there and (blank or any(key)):
            other = there.pop(0)
            taken.add(id(other))
            pairs.append((row, other))
        else:
            left.append(row)
    return pairs, left, [row for row in new if id(row) not in taken]


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _changed(table: str, old: Row, new: Row, name: str) -> Change:
    before, after = _text(old[name]), _text(new[name])
    start = max(0, _first_difference(before or "", after or "") - _LEAD)
    return Change(table, "changed", new["notice_id"], new.get("document_id"), name, _cut(before, start), _cut(after, start))


def _whole(table: str, kind: Kind, row: Row, columns: Sequence[str]) -> Change:
    text = _cut(_text({c: row[c] for c in columns or row if row[c] not in (None, [], "")}), 0)
    old, new = (text, None) if kind == "removed" else (None, text)
    return Change(table, kind, row["notice_id"], row.get("document_id"), None, old, new)


def _text(value: Any) -> str | None:
    """As text, without numbers of persons: releases before 0.6.0 read them unmasked."""
    if value is None:
        return None
    return mask(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=to_json))


def _first_difference(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:  # the longest common beginning, by halving: a body is long, a comparison of slices fast
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _cut(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    piece = text[start : start + _SHOWN]
    return f"{'…' if start else ''}{piece}{'…' if start + _SHOWN < len(text) else ''}"
