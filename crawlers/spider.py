"""The one spider: a lane a portal, all lanes at once; `scrapy crawl portal -a portals=ID,ID [-a run=TS] [-a rewalk=1] [-O out.jsonl]`."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider

from crawlers.budget import Budget
from crawlers.config import registry_at
from crawlers.fetch import Lane
from crawlers.lane import PortalCrawl
from crawlers.memory import Memory
from crawlers.run import PortalRun, committed_outcome, locked, opened_run
from gongkai.errors import GongkaiError
from gongkai.layout import Layout, is_run_id, run_id_of
from gongkai.ledger import StageOutcome, record
from gongkai.records.notice import Notice
from gongkai.registry import Portal
from gongkai.settings import Settings
from gongkai.status import RunStatus


class PortalSpider(Spider):
    """Crawls portals of the registry into the archive; the notices read are its items."""

    name = "portal"

    def __init__(
        self,
        portals: str = "",
        run: str | None = None,
        rewalk: str = "",
        accept: str = "",
        sample: str = "",
        links: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rewalk, self.accept = bool(rewalk), bool(accept)
        self.sample = int(sample) if sample else None
        self.links = int(links or 0)
        self.conf = Settings()
        self.layout = Layout(self.conf.home)
        self.run_id = run or run_id_of(datetime.now(UTC))
        registry = registry_at(self.conf.portals)
        wanted = list(dict.fromkeys(i.strip() for i in portals.split(",") if i.strip()))
        unknown = [i for i in wanted if i not in registry]
        if not wanted or unknown or not is_run_id(self.run_id):
            cause = f"unknown portal {', '.join(unknown)}" if unknown else "expected -a portals=ID,ID and a run id like 20260301T183000Z"
            raise GongkaiError(f"{cause} (registry: {self.conf.portals})")
        self.portals = [registry[i] for i in wanted]
        self._quiet_until: dict[str, float] = {}

    async def start(self) -> AsyncIterator[Notice]:
        """Run all lanes; yield notices as they are read."""
        read: asyncio.Queue[Notice | None] = asyncio.Queue()

        async def lanes() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for portal in self.portals:
                        group.create_task(self._guarded(portal, read))
            finally:
                read.put_nowait(None)

        work = asyncio.ensure_future(lanes())
        try:
            while (notice := await read.get()) is not None:
                yield notice
            await work
        finally:
            work.cancel()

    async def _guarded(self, portal: Portal, read: asyncio.Queue[Notice | None]) -> None:
        """One portal's crawl, whose trouble never reaches its neighbours."""
        started = datetime.now(UTC).isoformat()
        try:
            async with locked(self.layout, portal, Budget.of(portal, self.conf).seconds):
                outcome = committed_outcome(self.layout, portal.id, self.run_id) or await self._crawl(portal, read)
        except GongkaiError as error:  # a busy lock, unreadable state, a family without strategy
            outcome = self._ledger(portal, started, [str(error)])
        except Exception as error:  # a mistake of ours on one portal's page must not cost the others their night;
            # it is neither hidden nor swallowed: status broken, the traceback in ledger and log, nothing committed
            self.logger.exception("%s: unexpected error", portal.id)
            outcome = self._ledger(portal, started, [f"{type(error).__name__}: {error}", traceback.format_exc(limit=-12)])
        self.logger.info("%s: %s %s %s", portal.id, outcome.status.value, dict(outcome.counts), "; ".join(outcome.reasons[:5]))

    async def _crawl(self, portal: Portal, read: asyncio.Queue[Notice | None]) -> StageOutcome:
        with opened_run(self.layout, portal, self.run_id, teaches=self.sample is None) as run:
            status = await PortalCrawl(
                run=run,
                lane=self._lane(run),
                user_agent=self.conf.user_agent,
                slow_down=lambda delay: self._slow_down(portal, delay),
                publish=read.put_nowait,
                memory=Memory(run.state, run.tonight, self.conf.rewalk_days, self.rewalk, self.sample),
                accept=self.accept,
                links=self.links,
            ).crawl()
            return await run.commit(status)

    def _lane(self, run: PortalRun) -> Lane:
        return Lane(
            portal=run.portal,
            download=self.crawler.engine.download_async,
            archive=run.archive,
            budget=Budget.of(run.portal, self.conf),
            max_bytes=self.conf.max_body_bytes,
            quiet_until=self._quiet_until,
            max_page_bytes=min(self.conf.max_page_bytes, self.conf.max_body_bytes),
            folder_of=lambda run_id: (self.layout.raw_run if run_id != run.run_id else self.layout.raw_partial)(run.portal.id, run_id),
        )

    def _slow_down(self, portal: Portal, delay: float) -> None:
        """Crawl-delay of robots.txt: raise the lane's delay (as Scrapy's own AutoThrottle does, on the slot)."""
        downloader = self.crawler.engine.downloader
        settings = downloader.per_slot_settings[portal.host]
        settings["delay"] = max(settings["delay"], delay)  # for the slot that Scrapy makes again after an idle minute
        if portal.host in downloader.slots:
            downloader.slots[portal.host].delay = settings["delay"]

    def _ledger(self, portal: Portal, started: str, reasons: list[str]) -> StageOutcome:
        outcome = StageOutcome(
            run_id=self.run_id,
            portal_id=portal.id,
            stage="crawl",
            status=RunStatus.BROKEN,
            started_at=started,
            finished_at=datetime.now(UTC).isoformat(),
            reasons=reasons,
        )
        record(self.layout, outcome)
        return outcome
