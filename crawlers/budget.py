"""What one run of one portal may cost: seconds, requests, bytes. A spent budget ends the run as `partial`; the next one goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from gongkai.registry import Portal
from gongkai.settings import Settings

LISTS = 0.5
"""Part of each budget that lists may use: a portal too large for one night must get some of its notices read, the newest first."""


@dataclass(frozen=True)
class Budget:
    """Of one run, from its begin on."""

    seconds: float
    requests: int
    bytes: int
    """As received, before their encoding is undone."""
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, portal: Portal, settings: Settings) -> Budget:
        """The portal's own where the registry gives one, else the settings'."""
        manners = portal.manners
        return cls(
            manners.budget_seconds or settings.portal_budget,
            manners.budget_requests or settings.portal_requests,
            manners.budget_bytes or settings.portal_bytes,
        )

    @property
    def deadline(self) -> float:
        """time.monotonic() at which the time is spent."""
        return self.begun + self.seconds

    def spent(self, requests: int, received: int, part: float = 1.0) -> str | None:
        """The budget of which `part` is used up: `time`, `request` or `byte`; None while there is something of each."""
        if time.monotonic() >= self.begun + part * self.seconds:
            return "time"
        if requests >= part * self.requests:
            return "request"
        return "byte" if received >= part * self.bytes else None
