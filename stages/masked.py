"""Numbers of persons in the texts that reach silver beside the documents: titles of lists, names of files, reasons that quote them.

Documents are masked before they are read (transforms/concealed.py). What the crawl wrote stays as it is in the raw folder, beside the
archived page, as evidence.
"""

from __future__ import annotations

import pyarrow as pa

from transforms.personal import mask, may_hold

TEXTS: dict[str, tuple[str, ...]] = {
    "list_entry": ("title",),
    "notice": ("title", "list_title", "source"),
    "attachment": ("name", "reason"),
    "removal": ("title",),
    "document": ("member_name",),
    "attachment_reading": ("name", "member_name", "reason"),
    "finding": ("message",),
}
"""Columns by table that carry words of strangers which no reader of documents has masked."""


def masked(name: str, table: pa.Table) -> pa.Table:
    """The table `name` with its texts masked."""
    for column in TEXTS.get(name, ()):
        texts = table.column(column).to_pylist()
        if any(text and may_hold(text) for text in texts):
            place = table.schema.get_field_index(column)
            table = table.set_column(place, table.schema.field(column), pa.array([text and mask(text) for text in texts], pa.string()))
    return table
