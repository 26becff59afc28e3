"""Bounds for pdfminer, which has none: what one stream unpacks to, and what one document draws.

A stream of 1 MB can unpack to 1 GB, and ten forms that draw each other ten times make ten thousand million drawings.
"""

from __future__ import annotations

import zlib
from typing import Any

from pdfminer import pdftypes
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfplumber.page import Page, PDFPageAggregatorWithMarkedContent

MAX_STREAM = 64_000_000
"""Bytes; fonts of all Chinese characters take up to 30 MB. Images are not unpacked."""
MAX_DRAWN = 2_000_000
"""Characters and lines of one document; 500 full pages have about 700,000."""

_FIGURE = 100  # a form or an image costs as much as a line of text


class TooMuch(PDFException):
    """A bound of this module was met."""


class Budget:
    """What a document may still draw."""

    def __init__(self) -> None:
        self.left = MAX_DRAWN

    def take(self, cost: int = 1) -> None:
        """Count one thing drawn. Raises TooMuch."""
        self.left -= cost
        if self.left < 0:
            raise TooMuch(f"it draws more than {MAX_DRAWN} characters, lines and figures")


class _Device(PDFPageAggregatorWithMarkedContent):
    budget: Budget

    def begin_figure(self, *args: Any) -> None:
        self.budget.take(_FIGURE)
        super().begin_figure(*args)

    def render_char(self, *args: Any, **named: Any) -> Any:
        self.budget.take()
        return super().render_char(*args, **named)

    def paint_path(self, *args: Any) -> None:
        self.budget.take()
        super().paint_path(*args)


def lay_out(page: Page, budget: Budget) -> None:
    """What pdfplumber does when a page is first looked at, counted. Raises TooMuch and whatever pdfminer hits."""
    device = _Device(page.pdf.rsrcmgr, pageno=page.page_number, laparams=page.pdf.laparams)
    device.budget = budget
    PDFPageInterpreter(page.pdf.rsrcmgr, device).process_page(page.page_obj)
    page._layout = device.get_result()  # where pdfplumber keeps it


class _Zlib:
    """In place of the module zlib within pdfminer.pdftypes, which unpacks a stream whole."""

    error = zlib.error

    @staticmethod
    def decompress(data: bytes) -> bytes:
        """As zlib's; data cut short or with a wrong checksum gives what can be read of it."""
        unpacker = zlib.decompressobj()
        parts, size = [], 0
        try:
            while data and not unpacker.eof:
                parts.append(unpacker.decompress(data, 1_000_000))
                size += len(parts[-1])
                if size > MAX_STREAM:
                    raise TooMuch(f"a stream unpacks to more than {MAX_STREAM // 1_000_000} MB")
                data = unpacker.unconsumed_tail
        except zlib.error:
            if not parts:
                raise
        return b"".join(parts)


pdftypes.zlib = _Zlib  # type: ignore[assignment,attr-defined]  # it stands for a module
