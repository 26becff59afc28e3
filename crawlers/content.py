"""Content-Encoding undone, bounded: the archive keeps the bytes as received, so the live crawl and the re-read share this."""

from __future__ import annotations

import zlib

from gongkai.errors import UnreadableInput

ACCEPTED = "gzip, deflate"
"""What we ask for; all Chinese government servers we know of speak gzip or nothing."""
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 100
"""Of one gzip stream: servers send one. Each costs a copy of what follows, so a body of empty members would stop all lanes for minutes."""


class TooLarge(UnreadableInput):
    """The body is larger than allowed, as sent or after decompression."""


def decode_content(body: bytes, encoding: str, limit: int) -> bytes:
    """`body` with its Content-Encoding undone; at most `limit` bytes.

    A body that is labelled gzip but is not (some servers label everything) is returned as it is.

    Raises:
        TooLarge: more than `limit` bytes.
        UnreadableInput: truncated, damaged, or an encoding we did not ask for.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name in ("gzip", "x-gzip"):
            if body.startswith(_GZIP):
                body = _inflate(body, zlib.MAX_WBITS | 16, limit)
        elif name == "deflate":
            body = _inflate(body, zlib.MAX_WBITS if _is_zlib(body) else -zlib.MAX_WBITS, limit)
        elif name != "identity":
            raise UnreadableInput(f"content encoding {name!r} was sent, we asked for {ACCEPTED}")
    if len(body) > limit:
        raise TooLarge(f"body of {len(body)} bytes, {limit} allowed")
    return body


def _is_zlib(body: bytes) -> bool:
    """RFC 1950 header; servers send raw deflate under the same name."""
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    """All members of a compressed stream; never more than `limit` + 1 bytes in memory."""
    out = bytearray()
    for _ in range(_MOST_MEMBERS):
        if not body:
            return bytes(out)
        unpacker = zlib.decompressobj(wbits)
        try:
            out += unpacker.decompress(body, limit + 1 - len(out))
        except zlib.error as error:
            raise UnreadableInput(f"damaged compressed body: {error}") from error
        if len(out) > limit:
            raise TooLarge(f"body of more than {limit} bytes after decompression")
        if not unpacker.eof:
            raise UnreadableInput("compressed body ends too early")
        body = unpacker.unused_data
        if not body.startswith(_GZIP):  # padding after the last member is common and harmless
            return bytes(out)
    raise UnreadableInput(f"a compressed body of more than {_MOST_MEMBERS} parts")
