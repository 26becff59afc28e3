"""One portal's answers on one night: the dialect's pages, with the scenario's faults laid over them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gongkai.registry import Portal
from gongkai.status import RunStatus
from samples import faults
from samples.chrome import CLICKS
from samples.dialects import DIALECTS
from samples.dialects.site import Site
from samples.model import Expected, NoticeContent, Outbound, PortalContent, Style

HTML = "text/html"
_CLICKS = itertools.count(1024)
"""Click counters grow with every answer, which must make no new version."""


@dataclass(frozen=True)
class Asked:
    """One request as the portal got it."""

    portal_id: str
    night: int
    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    at: float
    """time.monotonic() of its arrival."""


@dataclass(frozen=True)
class Reply:
    """An answer with all the freedom that a socket gives: lies about its length, drips, breaks off."""

    body: bytes = b""
    status: int = 200
    content_type: str | None = HTML
    headers: tuple[tuple[str, str], ...] = ()
    """Beside Content-Type and Content-Length."""
    length: int | None = None
    """The Content-Length told, where it is not the true one."""
    open_end: bool = False
    """No Content-Length: the end of the connection ends the body."""
    wait: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between single bytes of the body."""
    head_drip: float = 0.0
    """Seconds between header lines."""
    reset_after: int | None = None
    """Bytes of the body after which the connection is reset."""
    never: bool = False
    """No answer at all."""

    def with_headers(self, *headers: tuple[str, str]) -> Reply:
        """The same answer with more headers."""
        return replace(self, headers=(*self.headers, *headers))


Maker = Callable[[Asked, "Front"], Reply]


@dataclass
class Front:
    """What a portal answers in one night. Faults change `replies` or go before them (`before`)."""

    site: Site
    trap: int
    """Port on 127.0.0.1 and ::1 that nobody may connect to."""
    replies: dict[str, Reply | Maker] = field(default_factory=dict)
    """Path (with its query where that matters) → answer, before the dialect's own pages."""
    before: Maker | None = None
    """Answers everything but robots.txt."""
    times: dict[str, int] = field(default_factory=dict)
    """How often each path was asked, the present request included."""

    @property
    def base(self) -> str:
        return self.site.base

    @property
    def portal(self) -> Portal:
        return self.site.portal

    def answer(self, asked: Asked) -> Reply:
        """What goes back."""
        bare = asked.path.partition("?")[0]
        self.times[asked.path] = self.times.get(asked.path, 0) + 1
        if self.before is not None and bare != "/robots.txt":
            return self.before(asked, self)
        found = self.replies.get(asked.path) or self.replies.get(bare)
        if found is None:
            return self.own(asked.path, asked.body)
        return found(asked, self) if callable(found) else found

    def own(self, path: str, body: bytes = b"") -> Reply:
        """What the dialect itself answers: 404 for what it has not."""
        bare, _, query = path.partition("?")
        found = faults.answer(self.site, bare, query, body)
        if found is None:
            return Reply(never=True)
        return Reply(found.body.replace(CLICKS.encode(), str(next(_CLICKS)).encode()), found.status, found.content_type)

    # the places that faults are about

    def list_paths(self, section: int = 1) -> list[str]:
        """Page one of a section's list, under each of its names."""
        entry = DIALECTS[self.portal.family].entry(section)
        if self.portal.family == "trs_wcm":
            return [entry, f"{entry}index.{self.site.content.style.extension}"]
        if self.portal.family == "gkmlpt":
            return [f"/gkmlpt/api/all/{entry}?page=1&sid={self.portal.params['sid']}"]
        return [entry]

    def next_path(self, page: int, section: int = 1) -> str:
        """Page `page` of a trs_wcm list, from 2."""
        return f"{self.list_paths(section)[0]}index_{page - 1}.{self.site.content.style.extension}"

    def detail(self, number: int) -> str:
        """The path of a notice's page."""
        return next(p for p in self.site.paths if p.endswith(_ending(self.site, number)))

    def put(self, reply: Reply | Maker, *paths: str) -> None:
        for path in paths:
            self.replies[path] = reply

    def put_list(self, reply: Reply | Maker, section: int = 1) -> None:
        """Answer this instead of the list's page one."""
        self.put(reply, *self.list_paths(section))

    def put_detail(self, number: int, reply: Reply | Maker) -> None:
        """Answer this instead of a notice's page."""
        self.put(reply, self.detail(number))

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        """Change the text of a page of the dialect."""
        reply = self.own(path)
        encoding = self.site.content.style.encoding
        self.put(replace(reply, body=change(reply.body.decode(encoding)).encode(encoding)), path)

    def edit_list(self, change: Callable[[str], str], section: int = 1) -> None:
        """Change the text of page one of a list."""
        for path in self.list_paths(section):
            self.edit(path, change)

    def edit_detail(self, number: int, change: Callable[[str], str]) -> None:
        """Change the text of a notice's page."""
        self.edit(self.detail(number), change)


def _ending(site: Site, number: int) -> str:
    return f"_{number}.{'html' if site.portal.family == 'gkmlpt' else site.content.style.extension}"


def open_front(
    portal: Portal,
    base: str,
    trap: int,
    notices: tuple[NoticeContent, ...],
    *,
    style: Style,
    disallow: tuple[str, ...] = (),
    outbound: tuple[Outbound, ...] = (),
) -> Front:
    """The dialect's pages of a portal."""
    content = PortalContent(
        id=portal.id,
        style=style,
        disallow=disallow,
        expected=Expected(status=RunStatus.COMPLETE, reason=""),
        notices=notices,
        outbound=outbound,
    )
    site = Site(portal, content, base)
    DIALECTS[portal.family].build(site)
    return Front(site, trap)


def page(main: str, *, head: str = "", code: str = "9900000001", status: int = 200) -> Reply:
    """A small page of a portal that names itself."""
    metas = f'<meta charset="utf-8"><meta name="SiteName" content="例市人民政府"><meta name="SiteIDCode" content="{code}">{head}'
    return Reply(f"<!DOCTYPE html><html><head>{metas}</head><body>{main}</body></html>".encode(), status)


def moved(location: str, status: int = 302, *headers: tuple[str, str]) -> Reply:
    """A redirect."""
    return Reply(b"", status, headers=(("Location", location), *headers))
