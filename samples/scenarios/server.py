"""A small raw HTTP/1.1 server, because a good one cannot do what bad portals do: reset, drip, lie about lengths, never answer.

Loopback only, one address per portal, bounded: a connection lives two minutes, a portal answers a few thousand requests a night.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from samples.scenarios.front import Asked, Reply

Handler = Callable[[Asked], Reply]
_MOST_HEAD, _MOST_BODY = 65_536, 100_000
_LONGEST = 120.0  # seconds of one connection
_MOST_REQUESTS = 3000  # of one portal in one night
_CHUNK = 262_144


@dataclass
class Trap:
    """An address that nobody may connect to: it counts who does."""

    port: int = 0
    connections: int = 0


@dataclass
class ScenarioServer:
    """Runs in a thread of its own; `night` says which night it is, `log` what was asked."""

    sockets: dict[str, socket.socket]
    """Portal id → bound socket."""
    handlers: dict[str, Handler] = field(default_factory=dict)
    night: int = 0
    log: list[Asked] = field(default_factory=list)
    trap: Trap = field(default_factory=Trap)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[ScenarioServer]:
        """Serve until the block ends."""
        ready = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="scenarios", daemon=True)
        thread.start()
        if not ready.wait(10):
            raise OSError("the scenarios' server did not start")
        try:
            yield self
        finally:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(10)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        servers = [await self._listen_trap("127.0.0.1")]
        with contextlib.suppress(OSError):  # no IPv6 here
            servers.append(await self._listen_trap("::1"))
        for portal_id, bound in self.sockets.items():
            if portal_id in self.handlers:
                servers.append(await asyncio.start_server(self._talk_to(portal_id), sock=bound, limit=_MOST_HEAD))
        ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _listen_trap(self, host: str) -> asyncio.Server:
        async def caught(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.trap.connections += 1
            writer.close()

        server = await asyncio.start_server(caught, host, self.trap.port)
        self.trap.port = server.sockets[0].getsockname()[1]
        return server

    def _talk_to(self, portal_id: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # A client that leaves, two minutes that are over, our own end: all are ends of a connection and nothing else.
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await asyncio.wait_for(self._talk(portal_id, reader, writer), _LONGEST)
            writer.close()

        return talk

    async def _talk(self, portal_id: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked = await self._read(portal_id, reader)
            if asked is None:
                return
            self.log.append(asked)
            key = (portal_id, asked.night)
            self._counts[key] = self._counts.get(key, 0) + 1
            if self._counts[key] > _MOST_REQUESTS:
                return
            if not await _send(writer, self.handlers[portal_id](asked)):
                return

    async def _read(self, portal_id: str, reader: asyncio.StreamReader) -> Asked | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.split("\r\n")
        method, _, rest = line.partition(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields if f)}
        length = int(headers.get("content-length", "0"))
        if length > _MOST_BODY:
            return None
        body = await reader.readexactly(length)
        return Asked(portal_id, self.night, method, rest.rpartition(" ")[0], headers, body, time.monotonic())


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Send the answer; True where the connection may serve another request."""
    await asyncio.sleep(reply.wait if not reply.never else _LONGEST)
    body, told = reply.body, len(reply.body) if reply.length is None else reply.length
    phrase = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else "Other"
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    lines += [f"Content-Type: {reply.content_type}"] if reply.content_type else []
    lines += [] if reply.open_end else [f"Content-Length: {told}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    for line in lines:
        writer.write(line.encode("utf-8") + b"\r\n")
        if reply.head_drip:
            if writer.is_closing():
                return False
            await writer.drain()
            await asyncio.sleep(reply.head_drip)
    writer.write(b"\r\n")
    if reply.reset_after is not None:
        await _break_off(writer, body[: reply.reset_after])
        return False
    step = 1 if reply.drip else _CHUNK
    for place in range(0, len(body), step):
        if writer.is_closing():  # the client has left: drain() does not always tell
            return False
        writer.write(body[place : place + step])
        await writer.drain()
        if reply.drip:
            await asyncio.sleep(reply.drip)
    await writer.drain()
    return not reply.open_end and told == len(body)


async def _break_off(writer: asyncio.StreamWriter, part: bytes) -> None:
    """Send a part, then a TCP reset."""
    writer.write(part)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
