"""A web page saved in one file (MHTML, RFC 2557), as Word and export systems write under the name .doc."""

from __future__ import annotations

from email import message_from_bytes
from email.errors import MessageError

from gongkai.errors import UnreadableInput


def web_archive(data: bytes) -> tuple[bytes, str | None]:
    """The page in it and the charset it declares.

    Raises:
        UnreadableInput: there is no page in it, or it cannot be followed.
    """
    try:
        for part in message_from_bytes(data).walk():
            if part.get_content_type() == "text/html" and isinstance(page := part.get_payload(decode=True), bytes):
                return page, part.get_content_charset()
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:  # of damaged headers
        raise UnreadableInput(f"a broken MHTML file: {error}"[:200]) from error
    raise UnreadableInput("an MHTML file without a page in it")
