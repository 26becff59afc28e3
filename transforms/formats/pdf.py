"""PDF to a body, in reading order with page numbers. One without a text layer gives the finding `needs_ocr` and no invented text."""

from __future__ import annotations

import io
import struct

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from gongkai.errors import UnreadableInput
from gongkai.status import ReadingStatus
from transforms.body import Body
from transforms.formats.laid_out import MAX_PAGES, LaidOut
from transforms.formats.pdf_bounds import Budget, TooMuch, lay_out

# pdfminer raises whatever its parsing of damaged objects happens to hit.
_BROKEN = (
    PdfminerException, MalformedPDFException, PDFException, PSException, ValueError, KeyError, TypeError, IndexError, AttributeError,
    AssertionError, RecursionError, struct.error, OSError,
)  # fmt: skip


def pdf_body(data: bytes) -> Body:
    """Read a PDF.

    Raises:
        UnreadableInput: broken or encrypted.
    """
    laid = LaidOut()
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            pages = len(pdf.pages)
            budget = Budget()
            for number, page in enumerate(pdf.pages[:MAX_PAGES], 1):
                lay_out(page, budget)
                laid.page(page, number)
                page.close()
    except TooMuch as error:
        raise UnreadableInput(f"a PDF that cannot be read within bounds: {error}", ReadingStatus.TOO_LARGE) from error
    except _BROKEN as error:
        cause = repr(error.args[0]) if error.args and isinstance(error.args[0], Exception) else str(error) or type(error).__name__
        if "Password" in cause or "Encrypt" in cause:
            raise UnreadableInput(f"an encrypted PDF: {cause}"[:300], ReadingStatus.ENCRYPTED) from error
        raise UnreadableInput(f"a broken PDF: {cause}"[:300]) from error
    return laid.build(pages)
