"""Where the list stands in a JSON answer, and how many rows and pages are declared beside it or above it.

Lists of one kind that stand in several places (a group a channel, a wrapper a row) are read as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.json_names import json_names, lowered

_DEPTH = 10
_MOST_NODES = 300_000
_LONGEST_INNER = 10_000_000
_MOST_ROWS = 10**9

Path = tuple[str, ...]
Object = Mapping[str, Any]


@dataclass(slots=True)
class JsonList:
    """One list: its items, all of a kind, and the objects around it, nearest first."""

    path: Path
    items: list[Any] = field(default_factory=list)
    above: tuple[Object, ...] = ()

    @property
    def objects(self) -> list[Object]:
        return [item for item in self.items if isinstance(item, Mapping)]

    @property
    def named_list(self) -> bool:
        """Whether an empty list under this name is a list of rows."""
        return not self.path or lowered(self.path[-1]) in json_names().lists


def find_lists(answer: object) -> list[JsonList]:
    """Every list of the answer, in order; lists under the same path (indexes left out) are one."""
    found: dict[Path, JsonList] = {}
    for count, (path, items, above) in enumerate(_walk(unpacked(answer), (), ())):
        known = found.setdefault(path, JsonList(path, [], above))
        known.items.extend(items)
        if count > _MOST_NODES:
            break
    return list(found.values())


def unpacked(value: object) -> object:
    """The value, parsed where it is JSON inside a string."""
    if isinstance(value, str) and 1 < len(value) < _LONGEST_INNER and value.lstrip()[:1] in ("{", "["):
        try:
            inner = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return value
        return inner if isinstance(inner, Mapping | list) else value
    return value


def _walk(node: object, path: Path, above: tuple[Object, ...]) -> Iterator[tuple[Path, list[Any], tuple[Object, ...]]]:
    if len(path) > _DEPTH:
        return
    if isinstance(node, list):
        yield path, node, above
        for item in node:
            if isinstance(item, Mapping | list):
                yield from _walk(item, (*path, "*"), above)
    elif isinstance(node, Mapping):
        twins = _twins(node)
        for key, value in node.items():
            value = unpacked(value)
            if value is None and lowered(key) in json_names().lists and declared((node,), 0)[0] == 0:
                yield (*path, key), [], (node, *above)
            elif isinstance(value, Mapping | list):
                yield from _walk(value, (*path, "*" if twins and isinstance(value, Mapping) else key), (node, *above))


def _twins(node: Object) -> bool:
    """Whether an object's values are all objects with the same keys: a group of rows for each channel ({gongwen: {…}, bumenfile: {…}})."""
    inner = [value for value in node.values() if value is not None]
    return len(inner) > 1 and all(isinstance(value, Mapping) and value.keys() == inner[0].keys() for value in inner)


def declared(above: tuple[Object, ...], shown: int) -> tuple[int | None, int | None]:
    """(rows, pages) that the nearest object around the list declares, in itself or in a pager beside the list; None for what is not said.

    A number smaller than the rows that are shown is no total of rows. jqGrid calls rows `records` and pages `total`.
    """
    names, total, pages = json_names(), None, None
    for node in above:
        for place in _places(node):
            named = {lowered(key): value for key, value in place.items()}
            if pages is None:
                pages = _first(named, names.pages, 0)
            if total is None:
                rows, records = number(named.get("total")), number(named.get("records"))
                if pages is None and rows is not None and records is not None and records > rows and isinstance(named.get("rows"), list):
                    total, pages = records, rows
                else:
                    total = _first(named, tuple(n for n in names.total if place is node or n not in names.own_total), shown)
    if total is not None and pages is not None and pages > 1 and total <= shown:
        total = None  # the rows of this page alone
    return total, pages


def _places(node: Object) -> Iterator[Object]:
    yield node
    for value in node.values():
        value = unpacked(value) if isinstance(value, str) and len(value) < 500 else value
        if isinstance(value, Mapping) and not any(isinstance(inner, list | Mapping) for inner in value.values()):
            yield value


def _first(named: Object, names: tuple[str, ...], least: int) -> int | None:
    values = (number(named.get(name)) for name in names)
    return next((value for value in values if value is not None and value >= least), None)


def number(value: object) -> int | None:
    """A count as JSON has it: 12, "12", "1,227", 12.0, {"value": 12}; None for anything else, and for more than a thousand million."""
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_ROWS else None
