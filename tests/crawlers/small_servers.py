"""A small server of our own making: one port per portal, answers by path, a log of what was asked."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from gongkai.settings import Settings
from stages.context import RunContext, open_context

RUNS = ("20260301T183000Z", "20260302T183000Z", "20260303T183000Z")


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    delay: float = 0


Maker = Callable[["Request"], Answer]


@dataclass
class Request:
    port: int
    path: str
    headers: dict[str, str]
    at: float


@dataclass
class Site:
    """One portal on one port; `paths` maps path?query to an answer or to what makes one."""

    port: int
    paths: dict[str, Answer | Maker] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, part: str = "/t20") -> list[str]:
        """Paths asked that hold `part`: by default those of details."""
        return [r.path for r in self.log if part in r.path]

    def html(self, path: str, main: str, *, code: str = "9900000001", extra: str = "", **answer: Any) -> None:
        head = f'<meta charset="utf-8"><meta name="SiteName" content="例市人民政府"><meta name="SiteIDCode" content="{code}">{extra}'
        self.paths[path] = Answer(f"<!DOCTYPE html><html><head>{head}</head><body>{main}</body></html>".encode(), **answer)

    def trs(self, count: int = 12, per_page: int = 5, *, code: str = "9900000001", declared: int | None = None, pager: bool = True) -> None:
        """A trs_wcm section /zwgk/gzyd/ of `count` notices; `declared` rows where the pager names a total."""
        pages = max(1, -(-count // per_page))
        for page in range(pages):
            shown = range(page * per_page, min(count, (page + 1) * per_page))
            rows = "".join(self.row(i) for i in shown) or "<p>暂无信息</p>"
            first = f"{declared if declared is not None else count}, {pages}" if pager else ""
            call = f'<script>createPageHTML({first}, {page}, "index", "html");</script>' if pager else ""
            main = f'<h2>工作要点</h2><ul class="list">{rows}</ul>{call}'
            for name in ("", "index.html") if page == 0 else (f"index_{page}.html",):
                self.html(f"/zwgk/gzyd/{name}", main, code=code)
        for i in range(count):
            self.detail(i, code=code)

    def row(self, i: int, title: str | None = None, href: str | None = None) -> str:
        title = title or f"例市第{i}号工作要点"
        return f'<li><a href="{href or "." + self.path(i)}" title="{title}">{title}</a><span>{self.day(i)}</span></li>'

    @staticmethod
    def day(i: int) -> str:
        return f"2025-03-{28 - i % 28:02d}"

    def path(self, i: int) -> str:
        return f"/202503/t{self.day(i).replace('-', '')}_{1000 + i}.html"

    def detail(
        self, i: int, *, text: str = "为做好政务公开工作，现提出以下要点，请认真贯彻落实。", code: str = "9900000001", **answer: Any
    ) -> None:
        title = f"例市第{i}号工作要点"
        extra = f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{self.day(i)} 09:05">'
        main = f'<h1>{title}</h1><div class="TRS_Editor"><p>{text}（第{i}号）</p><p>{"各部门要按照职责分工抓好落实。" * 8}</p></div>'
        self.html(f"/zwgk/gzyd{self.path(i)}", main, code=code, extra=extra, **answer)


class _Application:
    def __init__(self, sites: dict[int, Site]) -> None:
        self.sites = sites

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        site = self.sites[scope["server"][1]]
        query = scope["query_string"].decode()
        request = Request(
            site.port,
            scope["path"] + (f"?{query}" if query else ""),
            {k.decode().lower(): v.decode() for k, v in scope["headers"]},
            time.monotonic(),
        )
        site.log.append(request)
        found = site.paths.get(request.path, Answer(b"<h1>404 Not Found</h1>", 404))
        answer = found(request) if callable(found) else found
        if answer.delay:
            await asyncio.sleep(answer.delay)
        headers = [(k.lower().encode(), v.encode()) for k, v in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


@dataclass
class Servers:
    """Sites on loopback and the registry that lists them."""

    home: Path
    sites: dict[str, Site] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    running: list[uvicorn.Server] = field(default_factory=list)

    def add(self, portal_id: str, *, listen: bool = True, **changes: Any) -> Site:
        """A new portal; `changes` are registry values."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        site = self.sites[portal_id] = Site(bound.getsockname()[1])
        self.sockets.append(bound)
        if listen:
            bound.listen(128)
        else:
            self.sites.pop(portal_id)
        entry = {
            "id": portal_id,
            "name": "例市人民政府",
            "level": "city",
            "province": "例省",
            "division_code": "990000",
            "base_url": site.base,
            "family": "trs_wcm",
            "sections": [{"name": "工作要点", "kind": "work_plan", "entry": "/zwgk/gzyd/"}],
            "site_id_code": "9900000001",
            "manners": {"delay": 0, "concurrency": 4, "timeout": 5, "retries": 0},
            "allow_private": True,
            "status": "verified 2026-03-01",
        }
        self.entries.append(entry | changes)
        return site

    @property
    def registry(self) -> Path:
        path = self.home / "registry.yaml"
        path.write_text(yaml.safe_dump({"portals": self.entries}, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return path

    def context(self, run_id: str = RUNS[0], **settings: Any) -> RunContext:
        return open_context(run_id, Settings(home=self.home, portals=self.registry, **settings))

    def start(self) -> None:
        by_port = {site.port: site for site in self.sites.values()}
        listening = [s for s in self.sockets if s.getsockname()[1] in by_port]
        server = uvicorn.Server(uvicorn.Config(_Application(by_port), log_level="error", lifespan="off", timeout_graceful_shutdown=1))
        threading.Thread(target=server.run, kwargs={"sockets": listening}, daemon=True).start()
        while not server.started:
            time.sleep(0.01)
        self.running.append(server)

    def stop(self) -> None:
        for server in self.running:
            server.should_exit = True
        for bound in self.sockets:
            bound.close()


def gkmlpt_index(sid: str, tree: list[dict[str, Any]]) -> bytes:
    config = f"window._CONFIG = {{SID: '{sid}', TREE: {json.dumps(tree, ensure_ascii=False)}}}"
    return f"<!DOCTYPE html><html><head><script>{config}</script></head><body></body></html>".encode()
