"""A list page that is the answer of a service: its rows, what it declares, or which error it reports.

Any service's answer, not one family's: where the list stands (json_lists), what its fields mean (json_fields), what an error looks
like (answers). Some services put markup where others put objects: one piece a row, or one piece that is the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gongkai.json_names import json_names, lowered
from transforms.pages.answers import load_answer, refuse_error
from transforms.pages.contract import ListReading, ListRow, NotThisLayout
from transforms.pages.json_fields import columns_of, read_row, visited
from transforms.pages.json_lists import JsonList, declared, find_lists, number, unpacked
from transforms.pages.list_findings import met

MarkupRows = Callable[[str], tuple[ListRow, ...]]
"""Markup → rows, as the family reads them out of HTML."""
_LINK = re.compile(r"<a\s", re.IGNORECASE)
_SAMPLE = 50
_DEPTH = 6


def read_json_rows(text: str, url: str, native_id: re.Pattern[str] | None, markup_rows: MarkupRows, *, page: int = 1) -> ListReading:
    """Rows, declared totals and findings of an answer; an empty list is an empty reading.

    Raises NotThisLayout (no JSON, no list inside, a list of something else, rows declared on page one but none shown) and
    SoftError (the answer reports an error).
    """
    answer = load_answer(text)
    mended = (met("L-NOT-JSON", answer.mended),) if answer.mended else ()
    lists = find_lists(answer.value)
    root = [answer.value] if isinstance(answer.value, Mapping) else []
    chosen, rows = _best(lists, url, native_id)
    if not rows:
        around, rows = _markup_rows(answer.value, lists, markup_rows)
        if rows:
            refuse_error([*around, *root], rows=True)
            total, pages = declared(around or tuple(root), len(rows))
            return ListReading(rows=rows, declared_total=total, declared_pages=pages, findings=mended)
        refuse_error([*root, *(v for v in (root[0].values() if root else ()) if isinstance(v, Mapping))], rows=False)
    if chosen is None and any(_says_nothing(node) for node in (*root, *(v for node in root for v in node.values()))):
        return ListReading(rows=(), declared_total=0, findings=mended)
    if chosen is None:
        raise NotThisLayout(f"no list in the answer: {', '.join(map(str, list(answer.value)[:8]))}"[:200])
    refuse_error(chosen.above, rows=bool(rows))
    if chosen.objects and not rows:
        raise NotThisLayout(f"{len(chosen.objects)} objects without title or address")
    total, pages = declared(chosen.above, len(rows))
    if not rows and total and page == 1:
        raise NotThisLayout(f"declares {total} rows and shows none")
    return ListReading(rows=rows, declared_total=total, declared_pages=pages, findings=(*mended, *_two_totals(chosen.above, total)))


def _says_nothing(node: object) -> bool:
    """Whether an object has null where its list would be and declares no rows: {"articles": null, "total": 0}."""
    if not isinstance(node, Mapping) or not any(value is None and lowered(key) in json_names().lists for key, value in node.items()):
        return False
    return declared((node,), 0)[0] == 0


def _best(lists: list[JsonList], url: str, native_id: re.Pattern[str] | None) -> tuple[JsonList | None, tuple[ListRow, ...]]:
    """The list with the most rows that have a title, an address and a date; a list inside its rows (attachments) does not count.

    Without any rows: an empty list under a usual name, or a list of objects that are no rows.
    """
    best: tuple[tuple[int, int], JsonList, tuple[ListRow, ...]] | None = None
    inside: list[tuple[str, ...]] = []
    for found in lists:
        if any(found.path[: len(path)] == path for path in inside):
            continue
        objects = found.objects
        columns = columns_of(objects)
        sample = [row for item in objects[:_SAMPLE] if (row := read_row(item, columns, url, native_id))]
        if not sample:
            continue
        inside.append((*found.path, "*"))
        weight = (sum(row.date is not None for row in sample) + sum(bool(row.doc_number) for row in sample), len(sample))
        if best is None or weight > best[0]:
            rest = [row for item in objects[_SAMPLE:] if (row := read_row(item, columns, url, native_id))]
            best = weight, found, (*sample, *rest)
    if best:
        return best[1], best[2]
    empty = next((found for found in lists if not found.items and found.named_list), None)
    return empty or next((found for found in lists if found.objects and found.named_list), None), ()


def _markup_rows(answer: object, lists: list[JsonList], read: MarkupRows) -> tuple[tuple[Mapping[str, Any], ...], tuple[ListRow, ...]]:
    """Rows out of markup: a list of pieces, else the longest piece that has links; with the objects around it."""
    for found in lists:
        pieces = [item for item in found.items if isinstance(item, str) and _LINK.search(item)]
        rows = tuple(row for piece in pieces for row in _one(read, piece))
        if rows:
            return found.above, rows
    pieces_above = max(_pieces(answer, ()), key=lambda item: len(item[0]), default=None)
    return (pieces_above[1], read(pieces_above[0])) if pieces_above else ((), ())


def _one(read: MarkupRows, piece: str) -> tuple[ListRow, ...]:
    """The row of one piece of markup: a search result shows its link several times, the best first."""
    rows = [row for row in read(f"<ul><li>{piece}</li></ul>") if row.title]
    return tuple(_aimed(row) for row in rows[:1])


def _aimed(row: ListRow) -> ListRow:
    target = visited(row.url)
    if target == row.url:
        return row
    return ListRow(title=row.title, url=target, date=row.date, doc_number=row.doc_number, index_number=row.index_number)


def _pieces(node: object, above: tuple[Mapping[str, Any], ...]) -> Iterator[tuple[str, tuple[Mapping[str, Any], ...]]]:
    if len(above) > _DEPTH or not isinstance(node, Mapping):
        return
    for value in node.values():
        value = unpacked(value)
        if isinstance(value, str) and _LINK.search(value):
            yield value, (node, *above)
        else:
            yield from _pieces(value, (node, *above))


def _two_totals(above: tuple[Mapping[str, Any], ...], total: int | None) -> tuple[Any, ...]:
    """gkmlpt writes its total twice, as `total` and as classify.post_count; nightly they may differ (cms-families.md section 3)."""
    for node in above:
        classify = node.get("classify")
        count = number(classify.get("post_count")) if isinstance(classify, Mapping) else None
        if count is not None and total is not None and count != total:
            return (met("L-TWO-TOTALS", total, count),)
    return ()
