"""The first response of a WARC file: its payload, address and declared type."""

from __future__ import annotations

import io
from dataclasses import dataclass

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from gongkai.errors import UnreadableInput
from transforms.formats.sniff import charset_of

_MAX_PAYLOAD = 100_000_000


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """An HTTP answer as archived. `charset` is the one its Content-Type declares."""

    url: str
    content_type: str | None
    charset: str | None
    payload: bytes


def first_response(data: bytes) -> ArchivedResponse:
    """Read the first response record.

    Raises:
        UnreadableInput: broken, or no response record in it.
    """
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            if record.rec_type == "response" and record.http_headers is not None:
                payload = record.content_stream().read(_MAX_PAYLOAD + 1)
                if len(payload) > _MAX_PAYLOAD:
                    raise UnreadableInput(f"an archived payload larger than {_MAX_PAYLOAD // 1_000_000} MB")
                kind = record.http_headers.get_header("Content-Type")
                return ArchivedResponse(record.rec_headers.get_header("WARC-Target-URI") or "", kind, charset_of(kind), payload)
    except (ArchiveLoadFailed, EOFError, ValueError, OSError, AttributeError) as error:  # warcio trips over a record without an address
        raise UnreadableInput(f"a broken WARC file: {error}") from error
    raise UnreadableInput("a WARC file without a response record")
