"""A full portal crawl (archive, state, notices, completeness) beside a bare Scrapy spider that only saves bytes.

`python benchmarks/crawl.py`: one server in its own process, one portal of PAGES notices of about 40 kB, two thirds of it the same on every
page, an element each 115 bytes (the eight large real pages we have: 58 to 193, median 150); the same concurrency and no delay for both;
from Scrapy's spider_opened to spider_closed: our commit counts, start-up does not. Two ratios: of the wall clock, which is the target's,
and of the crawling process's own CPU, which hardly changes when others use the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydispatch import dispatcher
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawlers.__main__ import main as run_crawl
from gongkai.layout import Layout
from gongkai.ledger import read_outcome
from gongkai.settings import PROJECT
from gongkai.status import RunStatus

RUN = "20260301T183000Z"
PAGES, CONCURRENCY, ROUNDS = 500, 8, 3
SID, COLUMN, PER_PAGE = 990001, 10001, 100
_SENTENCES = (
    "推进重点领域信息公开，完善政策解读机制，",
    "各部门要按照职责分工，抓好任务落实，",
    "加强政务公开平台建设，及时回应社会关切，",
)


def _page(i: int) -> bytes:
    body = "".join(f"<p>{n}. {_SENTENCES[(i + n) % 3]}第{i * 31 + n}项。</p>" for n in range(110))
    detail = json.dumps({"title": f"例市第{i}号文件", "content": body}, ensure_ascii=False).replace("<", "\\u003C")
    menu = "".join(f'<li class="menu-{n}"><a href="/c/{n}/index.html" title="栏目{n}">栏目{n}</a></li>\n' for n in range(170))
    style = "".join(f".menu-{n} {{ float: left; padding: 0 {n}px; background: url(/images/{n}.png) no-repeat; }}\n" for n in range(180))
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>例市第{i}号文件</title>
<meta name="SiteName" content="例市人民政府"><meta name="SiteIDCode" content="9900000001">
<meta name="ArticleTitle" content="例市第{i}号文件"><meta name="PubDate" content="2025-03-04 09:05">
<style>{style}</style></head><body><ul class="menu">{menu}</ul><h1 class="title">例市第{i}号文件</h1><div class="article-content"></div>
<script>window._CONFIG = {{SID: '{SID}', DETAIL: {detail}}}</script></body></html>""".encode()


def _paths(base: str) -> dict[str, bytes]:
    tree = [{"id": COLUMN, "name": "文件", "post_count": PAGES, "children": []}]
    paths = {
        "/robots.txt": b"User-agent: *\nDisallow:\n",
        "/gkmlpt/index": f"<script>window._CONFIG = {{SID: '{SID}', TREE: {json.dumps(tree)}}}</script>".encode(),
    }
    for page in range(1, -(-PAGES // PER_PAGE) + 1):
        articles = [
            {"id": 9000000 + i, "title": f"例市第{i}号文件", "url": f"{base}/gkmlpt/content/9/9000/post_{9000000 + i}.html"}
            for i in range((page - 1) * PER_PAGE, min(PAGES, page * PER_PAGE))
        ]
        body = {"classify": {"id": COLUMN, "post_count": PAGES}, "total": PAGES, "articles": articles}
        paths[f"/gkmlpt/api/all/{COLUMN}?page={page}&sid={SID}"] = json.dumps(body).encode()
    return paths | {f"/gkmlpt/content/9/9000/post_{9000000 + i}.html": _page(i) for i in range(PAGES)}


async def _serve() -> None:
    """A keep-alive HTTP/1.1 server of prepared answers; prints its address."""
    paths: dict[str, bytes] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            body = paths.get(head.split(b" ", 2)[1].decode())
            status = "200 OK" if body else "404 Not Found"
            body = body or b""
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    paths.update(_paths(base))
    print(base, flush=True)
    await server.serve_forever()


class Spent(NamedTuple):
    """Milliseconds a page."""

    wall: float
    cpu: float


def _watch() -> None:
    """Print, when this process's spider closes, the seconds and CPU seconds since it opened."""
    begun: list[float] = []

    def opened() -> None:
        begun.extend((time.monotonic(), time.process_time()))

    def closed() -> None:
        print(json.dumps([time.monotonic() - begun[0], time.process_time() - begun[1]]), flush=True)

    dispatcher.connect(opened, signal=signals.spider_opened, weak=False)
    dispatcher.connect(closed, signal=signals.spider_closed, weak=False)


def _measured(command: list[str], **env: str) -> Spent:
    """Run a part of this file in a process of its own; what `_watch` says there."""
    process = subprocess.run(
        [sys.executable, __file__, *command], cwd=PROJECT, env=os.environ | env, capture_output=True, text=True, check=True, timeout=300
    )
    if not process.stdout.strip():
        raise RuntimeError(f"the spider did not close:\n{process.stderr[-2000:]}")
    return Spent(*(1000 * seconds / PAGES for seconds in json.loads(process.stdout)))


class BareSpider(Spider):
    """Lists, fetches, saves bytes."""

    name = "bare"

    def __init__(self, base: str, folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base, self.folder = base, Path(folder)

    async def start(self) -> AsyncIterator[Request]:
        for page in range(1, -(-PAGES // PER_PAGE) + 1):
            yield Request(f"{self.base}/gkmlpt/api/all/{COLUMN}?page={page}&sid={SID}", callback=self.listed)

    def listed(self, response: Response) -> Iterator[Request]:
        for article in json.loads(response.body)["articles"]:
            yield Request(article["url"], callback=self.saved)

    def saved(self, response: Response) -> None:
        (self.folder / response.url.rpartition("/")[2]).write_bytes(response.body)


def _bare(base: str, folder: str) -> None:
    settings = {"CONCURRENT_REQUESTS": CONCURRENCY, "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY, "LOG_LEVEL": "INFO"}
    process = AsyncCrawlerProcess(settings)
    process.crawl(BareSpider, base=base, folder=folder)
    process.start()


@contextmanager
def _server() -> Iterator[str]:
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def bare(base: str, folder: Path) -> Spent:
    """The bare spider."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    spent = _measured(["bare", base, str(pages)])
    assert len(list(pages.iterdir())) == PAGES
    return spent


def full(base: str, folder: Path) -> Spent:
    """Our crawl into an empty home, in the process that the stage starts."""
    folder.mkdir(parents=True)
    portal = {
        "id": "bench",
        "name": "例市人民政府",
        "level": "city",
        "province": "例省",
        "division_code": "990000",
        "base_url": base,
        "family": "gkmlpt",
        "params": {"sid": SID},
        "site_id_code": "9900000001",
        "sections": [{"name": "文件", "kind": "normative", "entry": str(COLUMN)}],
        "manners": {"delay": 0, "concurrency": CONCURRENCY},
        "allow_private": True,
    }
    registry = folder / "registry.yaml"
    registry.write_text(yaml.safe_dump({"portals": [portal]}, allow_unicode=True), encoding="utf-8")
    home = folder / "home"
    spent = _measured(["full", "--run", RUN, "--portals", "bench"], GONGKAI_HOME=str(home), GONGKAI_PORTALS=str(registry))
    outcome = read_outcome(Layout(home).outcome(RUN, "bench", "crawl"))
    assert (outcome.status, outcome.counts["new"]) == (RunStatus.COMPLETE, PAGES), outcome
    return spent


def main() -> None:
    """Alternate both, so that a busy machine is busy for both; print the ratios of the medians."""
    with _server() as base, tempfile.TemporaryDirectory() as scratch:
        rounds = [(bare(base, Path(scratch) / f"bare{n}"), full(base, Path(scratch) / f"full{n}")) for n in range(ROUNDS)]
    theirs, ours = (Spent(*map(statistics.median, zip(*column, strict=True))) for column in zip(*rounds, strict=True))
    print(
        f"crawl: {theirs.wall / ours.wall:.2f} (pages per second of a full portal crawl with archive, state and notices against a bare "
        f"Scrapy spider that only saves bytes: {1000 / ours.wall:.0f} and {1000 / theirs.wall:.0f}; {PAGES} pages, {CONCURRENCY} at a "
        f"time, median of {ROUNDS}; by the crawling process's CPU: {theirs.cpu / ours.cpu:.2f}, {ours.cpu:.1f} and {theirs.cpu:.1f} "
        "ms a page)"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(_serve())
        case ["bare", address, target]:
            _watch()
            _bare(address, target)
        case ["full", *_]:
            _watch()
            del sys.argv[1]
            sys.exit(run_crawl())
        case _:
            main()
