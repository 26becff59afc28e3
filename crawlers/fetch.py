"""A portal's one door to the network: every request passes here, with its manners, budget, retries, archive and verdict."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.http.cookies import CookieJar
from twisted.internet.error import ConnectError

from crawlers.blocking import CookieLoop, RunEnded, challenge_of, is_cookie_loop
from crawlers.budget import Budget
from crawlers.content import ACCEPTED, TooLarge, decode_content
from crawlers.cookies import few_cookies
from crawlers.guard import GuardedResolver, OffHost, Refused
from crawlers.manners import RETRIED, Robots, wait_before_retry
from crawlers.validators import Validators
from crawlers.warc import ArchiveWriter, Exchange, Headers, Record, Sent, join_headers, read_record
from gongkai.errors import PortalError, UnreadableInput
from gongkai.registry import Portal
from gongkai.status import RunStatus

Download = Callable[[Request], Awaitable[Response]]
_SILENCE = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    DownloadCancelledError,
    ResponseDataLossError,
    ConnectError,
)
_REFUSALS_IN_A_ROW = 3
_SILENCES_IN_A_ROW = 5
_LONGEST_CAUSE = 300


class FetchFailed(PortalError):
    """A request got no usable answer.

    `status` is the HTTP status where there was one, `record` where that answer is archived; `passing` where a later try may help.
    """

    def __init__(
        self, portal_id: str, url: str, cause: str, *, status: int | None = None, passing: bool = True, record: Record | None = None
    ) -> None:
        self.status, self.cause, self.passing, self.record = status, cause, passing, record
        super().__init__(portal_id, url, cause)

    @property
    def told(self) -> str:
        """Address and cause: the portal is known where reasons stand."""
        return f"{self.url}: {self.cause}"


class NoAnswer(FetchFailed):
    """Nothing came, or it broke off."""


class LeadsAway(FetchFailed):
    """The address redirects to another host."""


class RedirectsForEver(FetchFailed):
    """A loop, or more redirects than anybody needs."""


class Forbidden(FetchFailed):
    """robots.txt or our own guard forbids the address."""


class TurnedAway(FetchFailed):
    """A challenge or refusal instead of this one page."""


class TooBig(FetchFailed):
    """Larger than `max_body_bytes`."""


class LaneMiddleware:
    """Downloader middleware nearest to the network: the lane's cookies, and every answer and silence archived, redirect hops included.

    Scrapy's own cookie middleware is off: its first cookie makes tldextract download a list from a third host, past guard and archive.
    A lane has one jar and one host, which is all the isolation that list is for.
    """

    def process_request(self, request: Request) -> None:
        """Send the portal's own cookies."""
        request.headers.pop("Cookie", None)
        request.meta["lane"].cookies.add_cookie_header(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Archive the bytes as received; leaves `record` and `fetched_at` in the request's meta. Raises CookieLoop."""
        meta = request.meta
        meta["lane"].cookies.extract_cookies(response, request)
        meta["record"] = meta["lane"].archive.answer(
            _as_sent(request),
            response.status,
            _pairs(response.headers),
            response.body,
            refers_to=meta["refers_to"] if response.status == 304 else None,
            server=str(response.ip_address) if response.ip_address else None,
            notes={"purpose": meta["purpose"], "latency-seconds": f"{meta.get('download_latency', 0):.3f}"},
        )
        meta["fetched_at"] = datetime.now(UTC)
        if is_cookie_loop(request.url, response.status, response.headers.get("Location"), meta.get("redirect_times", 0)):
            raise CookieLoop("redirects to itself, cookie or not")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Archive a silence; what was refused before it was sent is no exchange."""
        if not isinstance(exception, IgnoreRequest):
            request.meta["lane"].archive.failure(_as_sent(request), f"{type(exception).__name__}: {exception}")


def _as_sent(request: Request) -> Sent:
    return Sent(request.method, request.url, _pairs(request.headers), request.body)


def _pairs(headers: Mapping[bytes, list[bytes]]) -> Headers:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


@dataclass
class Lane:
    """One portal's requests. Scrapy's download slot of its host keeps the delay and the concurrency."""

    portal: Portal
    download: Download
    archive: ArchiveWriter
    budget: Budget
    max_bytes: int
    """Of an attachment."""
    max_page_bytes: int
    folder_of: Callable[[str], Path]
    """Folder of a run of the portal, for the answers that a 304 confirms."""
    quiet_until: dict[str, float] = field(default_factory=dict)
    """Host → time.monotonic() until which it asked to be left alone; it holds for every worker of every lane of that host."""
    robots: Robots = field(default_factory=lambda: Robots(None, ""))
    cookies: CookieJar = field(default_factory=few_cookies)
    answered: bool = False
    """Something other than robots.txt was answered with 200."""
    not_modified: int = 0
    _refusals: int = 0
    _silences: int = 0

    async def get(
        self,
        url: str,
        *,
        check: Validators | None = None,
        purpose: str = "page",
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int | None = None,
    ) -> Exchange:
        """The answer to one GET (a POST where there is a `body`), after redirects on the portal's own host and bounded retries.

        `retries`: fewer or more than the portal's manners say.

        Raises:
            RunEnded: a challenge or refusal of the whole site, it wants to be left alone for long, it fell silent, the budget is spent.
            FetchFailed: no answer, an error status, too large, disallowed, or it leads away.
        """
        request = Request(
            url,
            method="GET" if body is None else "POST",
            body=body,
            headers={"Accept-Encoding": ACCEPTED} | (check.headers if check else {}) | dict(headers or {}),
            meta=self._meta(check, purpose),
            dont_filter=True,
        )
        most = self.portal.manners.retries if retries is None else retries
        for attempt in range(1, most + 2):
            last = attempt > most
            try:
                exchange = await self._once(request.copy(), check)
            except FetchFailed as error:
                await self._pause_or_raise(error, attempt, None, last=last)
                continue
            if exchange.status in RETRIED:
                refusal = FetchFailed(self.portal.id, url, f"HTTP {exchange.status}", status=exchange.status, record=exchange.record)
                await self._pause_or_raise(refusal, attempt, exchange.headers.get("retry-after"), last=last)
                continue
            return self._accept(exchange, url, purpose)
        raise AssertionError("the last attempt returns or raises")

    def spent(self, part: float = 1.0) -> str | None:
        """The budget of which `part` is used up, or None."""
        return self.budget.spent(self.archive.requests, self.archive.received, part)

    @property
    def _quiet_until(self) -> float:
        return self.quiet_until.get(self.portal.host, 0.0)

    async def _pause_or_raise(self, error: FetchFailed, attempt: int, retry_after: str | None, *, last: bool) -> None:
        wait = wait_before_retry(attempt + 1, self.portal.manners.delay, retry_after)
        if wait is None:
            raise self._sent_away(error, retry_after) from error
        if retry_after:
            self.quiet_until[self.portal.host] = max(self._quiet_until, time.monotonic() + wait)
        if last or not error.passing or time.monotonic() + wait > self.budget.deadline:
            if isinstance(error, NoAnswer):
                await self._count_silence(error)
            raise error
        await asyncio.sleep(wait)

    def _sent_away(self, error: FetchFailed, retry_after: str | None) -> RunEnded:
        """The portal asks for more patience than a night has: it is left until the next one, with what it gave so far."""
        other = RunStatus.BLOCKED if error.status == 429 else RunStatus.UNREACHABLE
        status = RunStatus.PARTIAL if self.answered else other
        return RunEnded(self.portal.id, error.url, status, f"{error.cause}, Retry-After: {(retry_after or '')[:40]}")

    async def _count_silence(self, error: NoAnswer) -> None:
        """After several silences in a row see whether the server is there at all: its robots.txt answered before.

        Raises RunEnded where it is not.
        """
        self._silences += 1
        if self._silences < _SILENCES_IN_A_ROW or not self.answered:
            return
        probe = Request(urljoin(self.portal.base_url, "/robots.txt"), meta=self._meta(None, "probe"), dont_filter=True)
        try:
            await self._once(probe, None)
        except NoAnswer:
            raise RunEnded(
                self.portal.id, error.url, RunStatus.PARTIAL, f"{self._silences} pages in a row got no answer, the last: {error.cause}"
            ) from error
        except FetchFailed:  # any answer is a sign of life
            self._silences = 0

    async def _once(self, request: Request, check: Validators | None) -> Exchange:
        url = request.url
        if spent := self.spent():
            raise RunEnded(self.portal.id, url, RunStatus.PARTIAL, f"the portal's {spent} budget is spent")
        while (left := self._quiet_until - time.monotonic()) > 0:
            await asyncio.sleep(left)
        try:
            response = await self.download(request)
        except OffHost as error:
            raise LeadsAway(self.portal.id, url, f"leads to {error}", passing=False) from error
        except Refused as error:
            raise Forbidden(self.portal.id, url, str(error), passing=False) from error
        except CookieLoop as error:
            self._refusals += 1
            if self.answered and self._refusals < _REFUSALS_IN_A_ROW:  # of one page among good ones, a mistake
                raise TurnedAway(self.portal.id, url, str(error), passing=False) from error
            raise RunEnded(self.portal.id, url, RunStatus.BLOCKED, f"challenge: {error}") from error
        except IgnoreRequest as error:  # Scrapy's redirect middleware
            raise RedirectsForEver(self.portal.id, url, str(error), passing=False) from error
        except ValueError as error:  # of urllib and w3lib, where a Location is no address (`http://[::1`, port 99999)
            raise FetchFailed(self.portal.id, url, f"leads to what is no address: {error}", passing=False) from error
        except DownloadCancelledError as error:  # Scrapy's word for DOWNLOAD_MAXSIZE, with a message or without
            raise TooBig(self.portal.id, url, f"larger than {request.meta['download_maxsize']} bytes", passing=False) from error
        except _SILENCE as error:
            raise self._silence(url, error) from error
        return self._exchange(response, url, check)

    def _meta(self, check: Validators | None, purpose: str) -> dict[str, object]:
        return {
            "lane": self,
            "purpose": purpose,
            "refers_to": check.record if check else None,
            "download_slot": self.portal.host,
            "download_timeout": self.portal.manners.timeout,
            "download_maxsize": self.max_bytes if purpose == "attachment" else self.max_page_bytes,
        }

    def _silence(self, url: str, error: Exception) -> FetchFailed:
        host = self.portal.host.partition(":")[0]
        if isinstance(error, CannotResolveHostError) and host in GuardedResolver.refused:
            cause = f"{host} resolves to {GuardedResolver.refused[host]}, a private address, which {self.portal.id} may not have"
            return Forbidden(self.portal.id, url, cause, passing=False)
        cause = str(_innermost(error))[:_LONGEST_CAUSE]  # some quote what the server sent
        return NoAnswer(self.portal.id, url, f"{type(error).__name__.removesuffix('Error')}: {cause}")

    def _exchange(self, response: Response, url: str, check: Validators | None) -> Exchange:
        """The answer with its encoding undone; a 304 becomes the archived answer it confirms."""
        meta = response.meta
        self._silences = 0
        headers = join_headers(_pairs(response.headers))
        record: Record = meta["record"]
        if response.status == 304 and check:
            earlier = read_record(self.folder_of(check.record.run_id) / check.record.file, check.record.offset)
            self.not_modified += 1
            return Exchange(url, 200, dict(earlier.headers) | headers, earlier.payload, meta["fetched_at"], record, not_modified=True)
        try:
            payload = decode_content(response.body, headers.get("content-encoding", ""), meta["download_maxsize"])
        except TooLarge as error:
            raise TooBig(self.portal.id, url, str(error), passing=False) from error
        except UnreadableInput as error:
            raise FetchFailed(self.portal.id, url, str(error)) from error
        return Exchange(response.url, response.status, headers, payload, meta["fetched_at"], record)

    def _accept(self, exchange: Exchange, url: str, purpose: str) -> Exchange:
        challenge = challenge_of(exchange)
        if challenge and purpose != "robots":
            self._refusals += 1
            if challenge.decisive or not self.answered or self._refusals >= _REFUSALS_IN_A_ROW:
                raise RunEnded(self.portal.id, url, RunStatus.BLOCKED, f"HTTP {exchange.status}, {challenge.told}")
            raise TurnedAway(
                self.portal.id, url, f"HTTP {exchange.status}, {challenge.told}", status=exchange.status, record=exchange.record
            )
        self._refusals = 0
        if purpose == "robots":
            return exchange
        if exchange.status != 200:
            cause = f"HTTP {exchange.status}"
            raise FetchFailed(self.portal.id, url, cause, status=exchange.status, passing=False, record=exchange.record)
        self.answered = True
        return exchange


def _innermost(error: BaseException) -> BaseException:
    """The cause that Twisted wrapped, once or twice, in its list of failures."""
    inner: BaseException = error.__cause__ or error
    while reasons := getattr(inner, "reasons", None):
        inner = reasons[0].value
    return inner
