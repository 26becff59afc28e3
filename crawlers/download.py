"""Scrapy's HTTP/1.1 download with bounds on what comes before the body, which neither Scrapy nor Twisted has.

The body's bounds are Scrapy's own: DOWNLOAD_MAXSIZE, and `download_timeout` for the whole exchange, so that dripping does not help.
"""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web._newclient import HTTP11ClientProtocol, Request
from twisted.web.iweb import IResponse

MOST_HEADER_BYTES = 65_536
"""Of one answer, status lines and interim (1xx) answers included; browsers stop at about four times as much."""


class HeaderFlood(Exception):
    """More headers than any honest answer has."""


class _Parser(_LenientHTTPClientParser):
    _head = 0

    def lineReceived(self, line: bytes) -> None:
        self._head += len(line) + 2
        if self._head > MOST_HEADER_BYTES:
            raise HeaderFlood(f"more than {MOST_HEADER_BYTES} bytes of headers")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        raise HeaderFlood(f"a header line of more than {self.MAX_LENGTH} bytes")

    def _finished(self, rest: bytes) -> None:
        """Bytes behind the declared end belong to no request of ours: the connection is not used again, lest they answer the next."""
        if rest:
            self.connHeaders.addRawHeader(b"Connection", b"close")
        super()._finished(rest)  # type: ignore[no-untyped-call]  # Twisted's


class _Protocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Request) -> Deferred[IResponse]:
        answer = super().request(request)
        self._parser.__class__ = _Parser  # as Scrapy's protocol does, for the same reason
        return answer


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """For DOWNLOAD_HANDLERS."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory
