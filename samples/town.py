"""The sample town as a server: one address per portal on loopback, one process, one event loop.

A portal is told apart by the address and port a connection came in on, so its pages, its robots.txt and its politeness lane are its own.
Where the system has only 127.0.0.1 (macOS), or on wish, there is one port per portal instead.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from gongkai.layout import write_text_atomic
from gongkai.registry import Portal
from samples import faults
from samples.chrome import CLICKS
from samples.dialects import ALL_DIALECTS, speaker
from samples.dialects.site import Answer, Site
from samples.model import PortalContent, load_content, sample_registry
from samples.real import real_content

_MOST_BODY = 100_000
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """One request that a portal got, and how it was answered (0: never)."""

    portal_id: str
    method: str
    path: str
    status: int


@dataclass
class Town:
    """A running town."""

    registry: Path
    """Registry file whose `base_url`s are the addresses the town really has."""
    addresses: dict[str, str]
    """Portal id → base URL."""
    down: frozenset[str] = frozenset()
    """Portals at whose address nobody listens, on purpose."""
    requests: list[Seen] = field(default_factory=list)


class _Application:
    """The ASGI application of all portals."""

    def __init__(self, sites: dict[tuple[str, int], Site], log: list[Seen]) -> None:
        self._sites, self._log, self._clicks = sites, log, 1000

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            return
        host, port = scope["server"][:2]
        site = self._sites[host, port]
        path = scope["path"]
        query = scope["query_string"].decode("latin-1")
        full = f"{path}?{query}" if query else path
        body = await _body(receive)
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        site.headers = headers
        answer = faults.answer(site, path, query, body)
        if answer is None:
            self._log.append(Seen(site.portal.id, scope["method"], full, 0))
            await self._hang(receive)
            return
        status, body = self._conditional(answer, headers)
        self._log.append(Seen(site.portal.id, scope["method"], full, status))
        out = {"Content-Type": answer.content_type, "Content-Length": str(len(body)), **answer.validators()}
        raw = [(k.lower().encode(), v.encode()) for k, v in out.items() if status != 304 or not k.startswith("Content-")]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _conditional(self, answer: Answer, headers: dict[str, str]) -> tuple[int, bytes]:
        validators = answer.validators()
        asked = headers.get("if-none-match")
        if validators and (
            asked == validators["ETag"] or (asked is None and headers.get("if-modified-since") == validators["Last-Modified"])
        ):
            return 304, b""
        self._clicks += 1
        return answer.status, answer.body.replace(CLICKS.encode(), str(self._clicks).encode())

    @staticmethod
    async def _hang(receive: _Receive) -> None:
        """Say nothing until the client leaves or the server ends."""

        async def until_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        try:
            await asyncio.wait_for(until_gone(), faults.HANG_SECONDS)
        except TimeoutError:
            return


async def _body(receive: _Receive) -> bytes:
    body = b""
    while (part := await receive())["type"] == "http.request":
        body += part.get("body", b"")
        if not part.get("more_body") or len(body) > _MOST_BODY:
            break
    return body


def has_loopback_range() -> bool:
    """Whether 127.0.1.1 can be bound (Linux) or only 127.0.0.1 (macOS)."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.1.1", 0))
        except OSError:
            return False
    return True


def bound_sockets(ids: Sequence[str], stack: ExitStack, port: int = 0, ports: bool = False) -> dict[str, socket.socket]:
    """A bound socket per portal; `port` 0 takes free ones. A bound socket nobody listens on refuses, as a portal that is down does."""
    spread = has_loopback_range() and not ports
    out = {}
    for number, portal_id in enumerate(ids, 1):
        bound = stack.enter_context(socket.socket())
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((f"127.0.{1 + number // 250}.{number % 250}", port) if spread else ("127.0.0.1", port and port + number))
        out[portal_id] = bound
    return out


def _write_registry(path: Path, portals: Sequence[Portal], addresses: dict[str, str]) -> None:
    entries = [p.model_dump(mode="json", exclude_defaults=True) | {"base_url": addresses[p.id]} for p in portals]
    text = yaml.safe_dump({"portals": entries}, allow_unicode=True, sort_keys=False, width=140)
    write_text_atomic(path, f"# Written by the running sample town: its addresses of this moment.\n{text}")


@contextmanager
def running_town(
    folder: Path | None = None,
    *,
    registry: Path | None = None,
    port: int = 0,
    ports: bool = False,
    real: Path | None = None,
    later: bool = False,
) -> Iterator[Town]:
    """Run the town in a background thread until the block ends.

    Args:
        folder: where `sample-registry.yaml` is written, unless `registry` names the file itself.
        port: fixed port on every address; 0 takes free ones. With one address for all, portal n has `port` + n.
        ports: one port per portal on 127.0.0.1 even where the system has more addresses.
        real: folder of the real text documents; adds the portals of `real.yaml`.
        later: the town as it is after some pages were taken down and some days of publication forged.

    Raises:
        OSError: an address is taken.
        GongkaiError: content or registry is wrong.
    """
    portals: dict[str, Portal] = sample_registry()
    contents: tuple[PortalContent, ...] = tuple(c.later() if later else c for c in load_content())
    if real is not None:
        real_portals, real_contents = real_content(real)
        portals, contents = portals | real_portals, contents + real_contents
    target = registry or (folder or Path.cwd()) / "sample-registry.yaml"
    with running_portals([(portals[c.id], c) for c in contents], target, port=port, ports=ports) as town:
        yield town


@contextmanager
def running_portals(
    portals: Sequence[tuple[Portal, PortalContent]], registry: Path, *, port: int = 0, ports: bool = False
) -> Iterator[Town]:
    """Serve these portals, each at an address of its own, which `registry` names, until the block ends. Raises OSError."""
    with ExitStack() as stack:
        bound = bound_sockets([content.id for _, content in portals], stack, port, ports)
        names = {portal_id: s.getsockname() for portal_id, s in bound.items()}
        addresses = {portal_id: f"http://{host}:{number}" for portal_id, (host, number) in names.items()}
        _write_registry(registry, [portal for portal, _ in portals], addresses)
        sites = {}
        for portal, content in portals:
            if not content.faults.down:
                site = Site(portal, content, addresses[content.id])
                dialect = ALL_DIALECTS[content.dialect] if content.dialect else speaker(portal)
                dialect.build(site)
                sites[names[content.id]] = site
        town = Town(registry, addresses, frozenset(content.id for _, content in portals if content.faults.down))
        listening = [bound[site.portal.id] for site in sites.values()]
        stack.enter_context(_serving(_Application(sites, town.requests), listening))
        yield town


@contextmanager
def _serving(application: _Application, sockets: list[socket.socket]) -> Iterator[None]:
    config = uvicorn.Config(application, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, name="sample-town", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise OSError("the sample town's server did not start")
            thread.join(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(10)
