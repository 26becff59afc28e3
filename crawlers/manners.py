"""How gently and how far: robots.txt (RFC 9309), Retry-After, and the budget of a portal's run."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from protego import Protego

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})
"""Statuses that may pass; everything else is an answer."""
_LONGEST_WAIT = 60.0  # seconds; a portal that asks for more is left for the next night
_LONGEST_CRAWL_DELAY = 10.0  # seconds; more would not finish a night
_ROBOTS_BYTES = 500 * 1024  # RFC 9309 section 2.5
_VERSION = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[a-z_-]{1,100})/[^\r\n]*", re.IGNORECASE | re.MULTILINE)
"""A product with its version, `Gongkai/0.1`: whoever writes that means us (RFC 9309 compares the product alone)."""


@dataclass(frozen=True)
class Robots:
    """A portal's robots.txt for our product name; without rules everything is allowed."""

    rules: Protego | None
    agent: str

    def allows(self, url: str) -> bool:
        """Whether we may fetch `url`."""
        return self.rules is None or bool(self.rules.can_fetch(url, self.agent))

    @property
    def asked_delay(self) -> float:
        """Crawl-delay in seconds; 0 where none is asked."""
        return max((self.rules.crawl_delay(self.agent) if self.rules else None) or 0.0, 0.0)

    @property
    def delay(self) -> float:
        """The delay that we keep: what is asked, bounded."""
        return min(self.asked_delay, _LONGEST_CRAWL_DELAY)


def read_robots(status: int, payload: bytes, user_agent: str) -> Robots | None:
    """Rules from the answer to /robots.txt; None where everything is to be left alone: server errors (RFC 9309, 2.3.1.4), and 429, which is
    no word about the file either.
    """
    agent = user_agent.partition("/")[0]
    if status == 429 or 500 <= status < 600:
        return None
    if status != 200:
        return Robots(None, agent)
    return Robots(Protego.parse(_VERSION.sub(r"\1", _robots_text(payload[:_ROBOTS_BYTES]))), agent)


def _robots_text(payload: bytes) -> str:
    """UTF-8 with a mark or without; editors on Windows write either, and UTF-16. Protego would not know a first line behind a mark."""
    if payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return payload.decode("utf-16", "replace")
    return payload.decode("utf-8-sig", "replace")


def wait_before_retry(attempt: int, delay: float, retry_after: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait before attempt number `attempt` (2, 3, …); None where the portal asks for more than we give it.

    Retry-After is seconds or an HTTP date (RFC 9110 section 10.2.3).
    """
    wait = max(delay, 0.5) * 2 ** (attempt - 2)
    asked = _retry_after(retry_after, now or datetime.now(UTC)) if retry_after else 0.0
    return None if asked > _LONGEST_WAIT else min(max(wait, asked), _LONGEST_WAIT)


def _retry_after(value: str, now: datetime) -> float:
    if (seconds := value.strip()).isascii() and seconds.isdigit():  # a superscript is a digit as well
        return float(seconds[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # neither form: as if it were absent
        return 0.0
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
