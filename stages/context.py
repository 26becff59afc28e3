"""What every stage is given: never a global, never read from the environment twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from gongkai.errors import GongkaiError
from gongkai.layout import Layout, is_run_id, run_id_of
from gongkai.registry import Portal, load_registry
from gongkai.settings import Settings
from stages.store import Store
from warehouse.engines import Engine, engine_of


@dataclass(frozen=True)
class RunContext:
    """One night's settings, places, portals, name and clock."""

    settings: Settings
    layout: Layout
    registry: dict[str, Portal]
    run_id: str
    now: datetime

    @cached_property
    def engine(self) -> Engine:
        """Where the warehouse stands; opened by whoever uses it."""
        return engine_of(self.layout, self.settings.warehouse.get_secret_value())

    @cached_property
    def store(self) -> Store | None:
        """Where machines share their files; None where this one works alone. Raises StoreError for a bad address."""
        return Store(self.settings.store) if self.settings.store else None

    @property
    def today(self) -> date:
        """The day, in the pipeline's zone, against which commitments are due and data is old."""
        return self.now.astimezone(ZoneInfo(self.settings.timezone)).date()

    @property
    def names(self) -> dict[str, str]:
        """Names of all portals of the registry by id."""
        return {portal.id: portal.name for portal in self.registry.values()}

    def portals(self, ids: Iterable[str] = ()) -> list[Portal]:
        """Registry entries by id; without ids those that somebody reached: an `unverified` one is crawled only when it is named.

        Raises GongkaiError for an unknown id, and where none is left.
        """
        wanted = list(ids) or [p.id for p in self.registry.values() if p.followed]
        if not wanted:
            raise GongkaiError(f"no portal to follow: {self.settings.portals} lists none that is verified; name one")
        unknown = [i for i in wanted if i not in self.registry]
        if unknown:
            raise GongkaiError(f"unknown portal {', '.join(unknown)}: not in {self.settings.portals}")
        return [self.registry[i] for i in wanted]


def open_context(run_id: str | None = None, settings: Settings | None = None) -> RunContext:
    """Context of a run; without `run_id` a new run that is named by the present second.

    Raises:
        RegistryError: the registry is wrong (names file and line).
        GongkaiError: `run_id` has not the form 20260301T183000Z.
    """
    settings = settings or Settings()
    now = datetime.now(UTC)
    run_id = run_id or run_id_of(now)
    if not is_run_id(run_id):
        raise GongkaiError(f"{run_id!r} is no run id (expected a moment of the form 20260301T183000Z)")
    return RunContext(settings, Layout(settings.home), load_registry(settings.portals), run_id, now)
