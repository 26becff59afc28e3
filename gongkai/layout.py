"""Every path the pipeline writes (design.md section 5). Nothing else joins paths below the home folder.

raw/portal=ID/run=TS/*.warc.gz, TABLE.parquet (list_entry, section_outcome, notice, attachment, removal), state.jsonl.gz, manifest.json
raw/portal=ID/state.sqlite                     a cache of what the runs' state.jsonl.gz say
silver/TABLE/portal=ID/run=TS.parquet          verdicts/portal=ID/run=TS.json          ledger/run=TS/portal=ID/STAGE.json
decisions/portal=ID/run=TS.json, commitments.json, appeals.json          decisions/scorecards/day=2026-03-01.json
warehouse/gongkai.duckdb     published/current.duckdb, run=TS.duckdb     docs/ (Data Docs; marts/)     site/     export/run=TS/     lake/
cdx/ID.TS.cdxj     reextract/run=TS/changes.parquet, summary.json     reextract/staged/silver/…     store/portal=ID.json, portal=ID.lock
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gongkai.errors import DiskFull

_RUN_ID = "%Y%m%dT%H%M%SZ"
_CHINA = ZoneInfo("Asia/Shanghai")


def is_run_id(text: str) -> bool:
    """Whether `text` is a run's name: a moment that the calendar has, since marts and states reckon with it."""
    try:
        return datetime.strptime(text, _RUN_ID).replace(tzinfo=UTC).strftime(_RUN_ID) == text
    except ValueError:
        return False


def run_moment(run_id: str) -> datetime:
    """The moment, in UTC, that names a run."""
    return datetime.strptime(run_id, _RUN_ID).replace(tzinfo=UTC)


def run_day(run_id: str) -> date:
    """The calendar day in China on which a run began: what depends on the day depends on it, not on the clock, so a rerun decides alike."""
    return run_moment(run_id).astimezone(_CHINA).date()


def run_id_of(moment: datetime) -> str:
    """`20260301T183000Z`: a run's name sorts by time; `moment` must carry a zone."""
    return moment.astimezone(UTC).strftime(_RUN_ID)


def record_name(portal_id: str, run_id: str, file: str, offset: int) -> str:
    """How a record of the archive is cited, and what `gongkai archive show` takes."""
    return f"{portal_id}/{run_id}/{file}@{offset}"


@dataclass(frozen=True)
class Layout:
    """Paths below one home folder."""

    home: Path

    # raw: what the portal said, when
    def portal_dir(self, portal_id: str) -> Path:
        return self.home / "raw" / f"portal={portal_id}"

    def raw_run(self, portal_id: str, run_id: str) -> Path:
        """A committed crawl. It appears whole, by one rename of `raw_partial`."""
        return self.portal_dir(portal_id) / f"run={run_id}"

    def raw_partial(self, portal_id: str, run_id: str) -> Path:
        """A crawl in progress, or one that was killed: kept as evidence, never read as data."""
        return self.portal_dir(portal_id) / f"partial={run_id}"

    def crawl_lock(self, portal_id: str) -> Path:
        return self.portal_dir(portal_id) / ".lock"

    def state(self, portal_id: str) -> Path:
        """What the crawl remembers of the portal; made again from the committed runs where it is missing."""
        return self.portal_dir(portal_id) / "state.sqlite"

    def raw_runs(self, portal_id: str) -> list[str]:
        """Committed run ids of a portal, oldest first."""
        return sorted(p.name[4:] for p in self.portal_dir(portal_id).glob("run=*"))

    def raw_partials(self, portal_id: str) -> list[str]:
        """Run ids of crawls that are not committed, oldest first."""
        return sorted(p.name[8:] for p in self.portal_dir(portal_id).glob("partial=*"))

    def archived_portals(self) -> list[str]:
        """Portals with at least one committed run, in the registry or not."""
        return sorted({p.parent.name[7:] for p in (self.home / "raw").glob("portal=*/run=*")})

    def archive_index(self, portal_id: str, run_id: str) -> Path:
        """CDXJ of one run's WARC files. Derived: outside `raw`, whose folders are closed by their manifests; pywb reads one flat folder."""
        return self.home / "cdx" / f"{portal_id}.{run_id}.cdxj"

    # silver: what we read in it
    def silver(self, table: str, portal_id: str, run_id: str) -> Path:
        return self.home / "silver" / table / f"portal={portal_id}" / f"run={run_id}.parquet"

    def silver_commit(self, portal_id: str, run_id: str) -> Path:
        """Written last by extract: the batch is whole. Holds counts and extractor version (JSON)."""
        return self.home / "silver" / "_commit" / f"portal={portal_id}" / f"run={run_id}.json"

    def silver_runs(self, portal_id: str) -> list[str]:
        """Run ids of a portal whose extraction is whole, oldest first."""
        return sorted(p.stem[4:] for p in (self.home / "silver" / "_commit" / f"portal={portal_id}").glob("run=*.json"))

    # re-extraction: what today's readers would read otherwise
    @property
    def staged(self) -> Layout:
        """Where `reextract` puts silver that is not applied."""
        return Layout(self.home / "reextract" / "staged")

    def reextraction(self, run_id: str) -> Path:
        """Folder of one re-extraction's report: summary.json, changes.parquet."""
        return self.home / "reextract" / f"run={run_id}"

    def verdict(self, portal_id: str, run_id: str) -> Path:
        """The audit's decision on one batch (JSON: passed, results, digest of the audited batch)."""
        return self.home / "verdicts" / f"portal={portal_id}" / f"run={run_id}.json"

    def audit_memory(self, portal_id: str) -> Path:
        """What the audit remembers of a portal's batches; made again from silver where it is missing or does not fit them."""
        return self.home / "verdicts" / f"portal={portal_id}" / "memory.json"

    def decisions(self, portal_id: str, run_id: str) -> Path:
        """What people decided about one refused batch (JSON list, oldest first)."""
        return self.home / "decisions" / f"portal={portal_id}" / f"run={run_id}.json"

    def commitment_decisions(self, portal_id: str) -> Path:
        """What people decided about evidence of one portal's commitments (JSON, oldest first)."""
        return self.home / "decisions" / f"portal={portal_id}" / "commitments.json"

    def appeals(self, portal_id: str) -> Path:
        """What people put beside indicators of a portal's scorecards."""
        return self.home / "decisions" / f"portal={portal_id}" / "appeals.json"

    def scorecards(self, day: date) -> Path:
        """Indicators of scorecards that were another on that day than before; below `decisions`, which is kept and backed up."""
        return self.home / "decisions" / "scorecards" / f"day={day}.json"

    def scorecard_days(self) -> list[date]:
        """Days that have such a file, the oldest first."""
        return sorted(date.fromisoformat(p.stem[4:]) for p in (self.home / "decisions" / "scorecards").glob("day=????-??-??.json"))

    def decided(self) -> list[tuple[str, str]]:
        """(portal id, run id) of every batch that somebody decided about, in order."""
        return sorted((p.parent.name[7:], p.stem[4:]) for p in (self.home / "decisions").glob("portal=*/run=*.json"))

    def audited(self) -> list[tuple[str, str]]:
        """(portal id, run id) of every verdict, in order."""
        return sorted((p.parent.name[7:], p.stem[4:]) for p in (self.home / "verdicts").glob("portal=*/run=*.json"))

    def outcome(self, run_id: str, portal_id: str, stage: str) -> Path:
        return self.home / "ledger" / f"run={run_id}" / f"portal={portal_id}" / f"{stage}.json"

    def ledger_runs(self) -> list[str]:
        """Run ids that have at least one outcome, oldest first."""
        return sorted(p.name[4:] for p in (self.home / "ledger").glob("run=*"))

    def outcomes(self, run_id: str) -> list[Path]:
        return sorted((self.home / "ledger" / f"run={run_id}").glob("portal=*/*.json"))

    def crawl_log(self, run_id: str, portal_ids: Sequence[str]) -> Path:
        """Log of the process that crawls a batch, named by the batch's first portal."""
        return self.home / "logs" / f"crawl-{run_id}-{portal_ids[0]}.log"

    def portal_runs(self, portal_id: str) -> list[str]:
        """Run ids of which anything of the portal lies here: archive, silver, verdict or ledger; oldest first."""
        told = {p.parent.name[4:] for p in (self.home / "ledger").glob(f"run=*/portal={portal_id}")}
        judged = {p.stem[4:] for p in (self.home / "verdicts" / f"portal={portal_id}").glob("run=*.json")}
        return sorted({*self.raw_runs(portal_id), *self.silver_runs(portal_id), *judged, *told})

    # the store that several machines share (docs/cluster.md)
    def store_book(self, portal_id: str) -> Path:
        """What the store held of a portal when it was last asked, and which of its files lie here as they lie there."""
        return self.home / "store" / f"portal={portal_id}.json"

    def store_lock(self, portal_id: str) -> Path:
        return self.home / "store" / f"portal={portal_id}.lock"

    # warehouse and what is shown
    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "gongkai.duckdb"

    @property
    def published(self) -> Path:
        return self.home / "published" / "current.duckdb"

    def published_run(self, run_id: str) -> Path:
        """An older snapshot that is kept."""
        return self.published.with_name(f"run={run_id}.duckdb")

    def export(self, run_id: str) -> Path:
        return self.home / "export" / f"run={run_id}"

    @property
    def lake(self) -> Path:
        """Silver as files for an engine that works on many machines, where no address elsewhere is given."""
        return self.home / "lake"

    @property
    def docs(self) -> Path:
        return self.home / "docs"

    @property
    def mart_docs(self) -> Path:
        """The page of the marts: models, columns, tests, lineage; `manifest.json` and `catalog.json` of dbt beside it."""
        return self.docs / "marts" / "index.html"

    @property
    def health(self) -> Layout:
        """A home of its own for the daily visits to home pages: archive and ledger as here."""
        return Layout(self.home / "health")

    @property
    def growth(self) -> Path:
        """What the home folder weighed, one JSON line a day."""
        return self.home / "growth.jsonl"

    @property
    def alerts_sent(self) -> Path:
        """Which digest was sent last to which channel (JSON: severity and channel → digest of the text)."""
        return self.home / "alerts.json"

    @property
    def heartbeat(self) -> Path:
        """The newest published night (JSON: run_id, at)."""
        return self.home / "heartbeat.json"

    @property
    def site(self) -> Path:
        """Static pages for people: index.html and what it leads to (report site), morning/ (this morning), portal/ID.html."""
        return self.home / "site"

    @property
    def airflow_home(self) -> Path:
        return self.home / "airflow"

    @property
    def superset_home(self) -> Path:
        """Superset's metadata database, secrets and logs (docker/superset/bi.py)."""
        return self.home / "superset"

    @property
    def dbt(self) -> Path:
        return self.home / "dbt"


@contextmanager
def open_atomic(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary file beside `path`; on success it is synced and renamed over `path`, on error removed.

    `durable=False` leaves the sync out: for files that are made again where they are missing or torn.

    Raises:
        DiskFull: no room is left.
    """
    with _room(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    with _room(path), _renamed(temporary, path, durable):
        yield temporary


@contextmanager
def _room(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"{path}: no room is left on the disk ({shutil.disk_usage(_standing(path)).free:,} bytes); make room and run again"
        ) from error


def _standing(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(folder for folder in path.parents if folder.is_dir())


@contextmanager
def _renamed(temporary: Path, path: Path, durable: bool) -> Iterator[None]:
    try:
        yield
        if durable:
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text_atomic(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace `path` by `text` (UTF-8) in one step."""
    with open_atomic(path, durable=durable) as temporary:
        temporary.write_text(text, encoding="utf-8")
