"""What became of each attachment once it was opened: the row that coverage is counted from."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.status import ReadingStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentReading:
    """How one attachment (附件), or one file inside an archive, was read. What the crawl saw of it is the table `attachment`."""

    seq: int
    """attachment.seq; the document's part is seq + 1."""
    member: int
    """0 for the attachment itself, n for the n-th file of the archive that it is."""
    member_name: str | None
    """The file's name inside the archive as printed there, folders included; evidence, never a path."""
    name: str
    """As the page, or the archive, calls it."""
    url: str
    status: ReadingStatus
    reason: str | None
    """Why it was not read; None where it was."""
    kind: str | None
    """What it is by its content (pdf, docx, zip, …; transforms/formats/sniff.py); None where there are no bytes."""
    extension: str | None
    """What its name says it is: a claim."""
    content_type: str | None
    """What the portal's header says it is: a claim."""
    size: int | None
    """Bytes, unpacked."""
    converter: str | None
    """Program and version that converted it before it was read."""
