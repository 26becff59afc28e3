"""The pages of ruled_pdf.py as an OFD file (GB/T 33190): one TextObject a line, one PathObject a ruling."""

from __future__ import annotations

import io
import zipfile
from html import escape
from typing import Any

from ruled_pdf import Sheet

NAMESPACE = "http://www.ofdspec.org/2016"
_MM = 25.4 / 72
_SIZE = 10.0


def as_ofd(doc: list[Any], page_height: float = 842.0) -> bytes:
    """Pages of `page_height` points."""
    sheet = _OfdSheet(page_height)
    for part in doc:
        if isinstance(part, str):
            sheet.paragraph(part)
        else:
            sheet.table(part["table"])
    return ofd_file([page_part("".join(page), page_height) for page in sheet.pages if page])


class _OfdSheet(Sheet):
    def text(self, x: float, y: float, line: str) -> None:
        if line:
            steps = " ".join(f"{(_SIZE if ord(char) > 255 else _SIZE / 2) * _MM:.3f}" for char in line[:-1])
            self.pages[-1].append(text_object(x, y, line, f' DeltaX="{steps}"' if steps else ""))

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        box = f"{x0 * _MM:.3f} {y0 * _MM:.3f} {max(x1 - x0, 0.1) * _MM:.3f} {max(y1 - y0, 0.1) * _MM:.3f}"
        path = f"M 0 0 L {(x1 - x0) * _MM:.3f} {(y1 - y0) * _MM:.3f}"
        self.pages[-1].append(f'<ofd:PathObject ID="1" Boundary="{box}"><ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:PathObject>')


def text_object(x: float, y: float, line: str, more: str = "", attributes: str = "") -> str:
    """A line of 10 point text whose top is at `y` points."""
    box = f"{x * _MM:.3f} {y * _MM:.3f} 150 {_SIZE * _MM:.3f}"
    code = f'<ofd:TextCode X="0" Y="{0.85 * _SIZE * _MM:.3f}"{more}>{escape(line)}</ofd:TextCode>'
    return f'<ofd:TextObject ID="1" Font="1" Size="{_SIZE * _MM:.3f}" Boundary="{box}"{attributes}>{code}</ofd:TextObject>'


def page_part(objects: str, height: float = 842.0, before: str = "") -> str:
    area = f"<ofd:Area><ofd:PhysicalBox>0 0 {595 * _MM:.3f} {height * _MM:.3f}</ofd:PhysicalBox></ofd:Area>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page xmlns:ofd="{NAMESPACE}">{before}{area}'
        f'<ofd:Content><ofd:Layer ID="2" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def ofd_file(pages: list[str], more: dict[str, str | bytes] | None = None, common: str = "") -> bytes:
    """A file of these page parts; `more` adds entries or replaces them."""
    named = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    root = (
        f'<ofd:OFD xmlns:ofd="{NAMESPACE}" DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>'
        "</ofd:DocBody></ofd:OFD>"
    )
    document = (
        f'<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>'
        f"{common}</ofd:CommonData><ofd:Pages>{named}</ofd:Pages></ofd:Document>"
    )
    parts: dict[str, str | bytes] = {"OFD.xml": root, "Doc_0/Document.xml": document}
    parts |= {f"Doc_0/Pages/Page_{n}/Content.xml": page for n, page in enumerate(pages)} | (more or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
