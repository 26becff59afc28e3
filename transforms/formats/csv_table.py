"""Delimited text (csv, tab text) to a body: one table, with the lines above it as paragraphs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gongkai.records.document import Finding
from transforms.body import Body, BodyBuilder, RawCell
from transforms.formats.sheets import add_sheet, cell_text
from transforms.grids import MAX_COLUMNS, MAX_POSITIONS

_LEAST = {",": 3, "\t": 2}
"""Delimiters, and the columns that tell a table from prose by its content alone: a line with one comma is a sentence."""
_LEAST_ROWS = 3
_MAX_TITLES = 3
_SAMPLE = 65_536


def delimiter_of(text: str, *, whole: bool) -> str | None:
    """What parts the columns, where `text` is a table: below a title or two, every row has the same number of fields.

    `whole`: False for the beginning of a longer text, whose last row may be cut.
    """
    for delimiter, least in _LEAST.items():
        try:
            rows = [row for row in _rows(text, delimiter) if any(map(str.strip, row))]
        except csv.Error:
            continue
        if not whole and len(rows) > 1:
            rows.pop()
        titles = next((i for i, row in enumerate(rows) if len(row) > 1), len(rows))
        body = rows[titles:]
        if titles > _MAX_TITLES or len(body) < _LEAST_ROWS or len({len(row) for row in body}) > 1:
            continue
        filled = sum(2 * sum(bool(field.strip()) for field in column) >= len(body) for column in zip(*body, strict=True))
        if filled >= least:
            return delimiter
    return None


def csv_body(text: str) -> Body:
    """Read delimited text; a blank field is no cell."""
    sample = text[:_SAMPLE]
    delimiter = delimiter_of(sample, whole=len(text) <= _SAMPLE) or max(_LEAST, key=sample.count)
    rows: list[list[RawCell | None]] = []
    width, cut = 0, False
    try:
        for fields in _rows(text, delimiter):
            cut = cut or len(fields) > MAX_COLUMNS
            cells = [RawCell(kept) if (kept := cell_text(field)) else None for field in fields[:MAX_COLUMNS]]
            width = max(width, len(cells))
            if width * (len(rows) + 1) > MAX_POSITIONS:
                cut = True
                break
            rows.append(cells)
    except csv.Error:  # a field longer than the library's limit: a quote that is never closed
        cut = True
    builder = BodyBuilder()
    add_sheet(builder, [[*row, *[None] * (width - len(row))] for row in rows])
    findings = [Finding(rule="table_cut", severity="warning", message="a table is larger than the bound and was cut")] if cut else []
    return builder.build(findings=findings)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
