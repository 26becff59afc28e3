"""Scrapy's settings from ours: the one place that says what Scrapy does for us and what the lanes do themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from crawlers.guard import private_hosts
from gongkai.registry import Portal, load_registry
from gongkai.settings import Settings

registry_at = cache(load_registry)
"""The registry, read once a process: its YAML takes longer than a portal's first page."""
_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"}
_NOT_FOR_US = dict.fromkeys(
    (
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",  # GuardMiddleware, by the portal's own host
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",  # nothing we read has a password
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware",  # each request carries its portal's timeout
    )
)
"""Middlewares that every request would pass for nothing."""


def scrapy_settings(settings: Settings, portals: Iterable[Portal]) -> dict[str, Any]:
    """Settings of a crawl process. Portals of one host share a download slot, which is named by the host."""
    registry = list(portals)
    return {
        "BOT_NAME": "gongkai",
        "SPIDER_MODULES": ["crawlers"],
        "USER_AGENT": settings.user_agent,
        "DEFAULT_REQUEST_HEADERS": _HEADERS,
        "DOWNLOAD_SLOTS": _slots(registry),
        "CONCURRENT_REQUESTS": 0,  # lanes bound themselves; a common bound would let slow portals hold up the others
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_MAXSIZE": settings.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": 5,
        "REACTOR_THREADPOOL_MAXSIZE": 20,  # names are resolved in threads
        "TWISTED_DNS_RESOLVER": "crawlers.guard.GuardedResolver",
        "GUARD_PRIVATE_HOSTS": private_hosts(registry),
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "crawlers.download.BoundedDownloadHandler"),
        "DOWNLOADER_MIDDLEWARES": _NOT_FOR_US | {"crawlers.guard.GuardMiddleware": 50, "crawlers.fetch.LaneMiddleware": 950},
        # done by the lane, so that each attempt is archived and each refusal has a reason
        "ROBOTSTXT_OBEY": False,  # crawlers/manners.py obeys it, at every redirect hop
        "RETRY_ENABLED": False,  # crawlers/fetch.py, with Retry-After
        "COMPRESSION_ENABLED": False,  # the archive keeps bytes as received; crawlers/content.py undoes the encoding
        "COOKIES_ENABLED": False,  # a jar a lane, see crawlers/fetch.py
        "METAREFRESH_ENABLED": False,
        "DOWNLOADER_STATS": False,  # requests and bytes are counted by the archive, a portal at a time
        # never
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names behind the guard's back
        "EXTENSIONS": {"scrapy.extensions.telnet.TelnetConsole": None, "scrapy.extensions.remote_control.RemoteControl": None},
        "LOG_LEVEL": "INFO",
        "FEED_EXPORT_ENCODING": "utf-8",
    }


def _slots(registry: Iterable[Portal]) -> dict[str, dict[str, float]]:
    """Delay and concurrency of each host: those of its most careful portal."""
    slots: dict[str, dict[str, float]] = {}
    for portal in registry:
        slot = slots.setdefault(portal.host, {"delay": 0.0, "concurrency": 8, "jitter": 0.0})
        slot["delay"] = max(slot["delay"], portal.manners.delay)
        slot["concurrency"] = min(slot["concurrency"], portal.manners.concurrency)
    return slots
