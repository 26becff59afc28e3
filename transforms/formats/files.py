"""Files that are no page and no text: the reader of each format."""

from __future__ import annotations

from transforms.body import Body
from transforms.formats.sniff import Format


def file_body(kind: Format, data: bytes) -> Body | None:
    """The body of a file; None for a page or text, which must be decoded first.

    A format's library is imported when the first such file is read: pages are the most, and need none of them.

    Raises:
        UnreadableInput: broken, encrypted or beyond the bounds; says which.
    """
    if kind == "pdf":
        from transforms.formats.pdf import pdf_body

        return pdf_body(data)
    if kind == "docx":
        from transforms.formats.docx import docx_body

        return docx_body(data)
    if kind in ("xlsx", "xls"):
        from transforms.formats.xlsx import xlsx_body

        return xlsx_body(data)
    if kind == "ods":
        from transforms.formats.ods import ods_body

        return ods_body(data)
    if kind == "ofd":
        from transforms.formats.ofd import ofd_body

        return ofd_body(data)
    return None
