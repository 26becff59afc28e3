"""Nights over a `Site` without server and process: the real crawl, archive, state and files; only the bytes come from memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from scrapy.http import Request as Asked
from scrapy.http import Response
from small_servers import Answer, Request, Site

from crawlers.budget import Budget
from crawlers.fetch import Lane, LaneMiddleware
from crawlers.lane import PortalCrawl
from crawlers.memory import Memory
from crawlers.run import opened_run
from gongkai.layout import Layout
from gongkai.ledger import StageOutcome
from gongkai.registry import Portal
from gongkai.settings import Settings


def night_id(number: int) -> str:
    return f"202603{number:02d}T183000Z"


@dataclass
class Nights:
    """One portal, its site, and what its nights gave."""

    home: Path
    portal_values: dict[str, Any] = field(default_factory=dict)
    site: Site = field(default_factory=lambda: Site(80))
    outcomes: list[StageOutcome] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        return Layout(self.home)

    @property
    def portal(self) -> Portal:
        values: dict[str, Any] = {
            "id": "p",
            "name": "例市人民政府",
            "level": "city",
            "province": "例省",
            "base_url": "http://127.0.0.1:80",
            "family": "trs_wcm",
            "sections": [{"name": "工作要点", "kind": "work_plan", "entry": "/zwgk/gzyd/"}],
            "site_id_code": "9900000001",
            "manners": {"delay": 0, "concurrency": 4, "retries": 0},
            "allow_private": True,
        }
        return Portal.model_validate(values | self.portal_values)

    def night(self, *, rewalk: bool = False, accept: bool = False, sample: int | None = None, **settings: Any) -> StageOutcome:
        """The next night."""
        self.outcomes.append(asyncio.run(self._night(night_id(len(self.outcomes) + 1), rewalk, accept, sample, settings)))
        return self.outcomes[-1]

    async def _night(self, run_id: str, rewalk: bool, accept: bool, sample: int | None, settings: dict[str, Any]) -> StageOutcome:
        conf = Settings(home=self.home, **settings)
        with opened_run(self.layout, self.portal, run_id, teaches=sample is None) as run:
            lane = Lane(
                portal=self.portal,
                download=self._download,
                archive=run.archive,
                budget=Budget.of(self.portal, conf),
                max_bytes=conf.max_body_bytes,
                max_page_bytes=conf.max_page_bytes,
                folder_of=lambda earlier: (self.layout.raw_run if earlier != run_id else self.layout.raw_partial)("p", earlier),
            )
            crawl = PortalCrawl(
                run=run,
                lane=lane,
                user_agent="Gongkai/0.1",
                slow_down=lambda delay: None,
                publish=lambda notice: None,
                memory=Memory(run.state, run.tonight, conf.rewalk_days, rewalk, sample),
                accept=accept,
            )
            return await run.commit(await crawl.crawl())

    async def _download(self, asked: Asked) -> Response:
        await asyncio.sleep(0)
        parts = urlsplit(asked.url)
        headers = {name.decode().lower(): values[0].decode() for name, values in asked.headers.items()}
        request = Request(80, parts.path + (f"?{parts.query}" if parts.query else ""), headers, 0)
        self.site.log.append(request)
        found = self.site.paths.get(request.path, Answer(b"<h1>404 Not Found</h1>", 404))
        answer = found(request) if callable(found) else found
        response = Response(asked.url, answer.status, dict(answer.headers), answer.body, request=asked)
        return LaneMiddleware().process_response(asked, response)

    def asked(self, number: int) -> list[str]:
        """Paths asked in a night, in order."""
        before = sum(o.counts["requests"] for o in self.outcomes[: number - 1])
        return [r.path for r in self.site.log[before : before + self.outcomes[number - 1].counts["requests"]]]

    def rows(self, table: str, number: int) -> list[dict[str, Any]]:
        folder = self.layout.raw_run("p", night_id(number))
        found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet", partitioning=None).to_pylist()
        return found
