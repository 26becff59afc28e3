"""What the store holds of a portal, in units: what one stage wrote of one run, listed by one receipt, which is sent last.

Files keep their place below the home folder as their key, so that silver can be queried in the store as it lies. Receipts:
receipts/portal=ID/run=TS.STAGE.json, an object {"files": {key: sha256}}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crawlers.manifest import MANIFEST_NAME, sha256_of
from gongkai.errors import StoreError
from gongkai.layout import Layout, is_run_id, write_text_atomic
from gongkai.tables import AUDIT_TABLES, CRAWL_TABLES, DOCUMENT_TABLES

STAGES = ("crawl", "extract", "audit", "load")
_RECEIPT = re.compile(r"run=(\d{8}T\d{6}Z)\.(crawl|extract|audit|load)\.json")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One stage's files of one portal's run."""

    portal_id: str
    run_id: str
    stage: str

    @property
    def receipt(self) -> str:
        """Key of its receipt."""
        return f"{receipts_of(self.portal_id)}/run={self.run_id}.{self.stage}.json"

    def marker(self, layout: Layout) -> Path:
        """The file that stages write last: without it the others do not count, here as there."""
        match self.stage:
            case "crawl":
                return layout.raw_run(self.portal_id, self.run_id) / MANIFEST_NAME
            case "extract":
                return layout.silver_commit(self.portal_id, self.run_id)
            case "audit":
                return layout.verdict(self.portal_id, self.run_id)
        return layout.outcome(self.run_id, self.portal_id, self.stage)

    def files(self, layout: Layout) -> list[Path]:
        """What lies here of it and counts, the marker last."""
        marker, outcome = self.marker(layout), layout.outcome(self.run_id, self.portal_id, self.stage)
        told = [outcome] if outcome.exists() and outcome != marker else []
        if not marker.exists():
            return told
        rest = sorted(marker.parent.iterdir()) if self.stage == "crawl" else [p for p in self._fixed(layout) if p.exists()]
        return [*(p for p in rest if p != marker), *told, marker]

    def _fixed(self, layout: Layout) -> list[Path]:
        tables = {"extract": (*CRAWL_TABLES, *DOCUMENT_TABLES), "audit": AUDIT_TABLES}.get(self.stage, ())
        paths = [layout.silver(table, self.portal_id, self.run_id) for table in tables]
        return [*paths, layout.decisions(self.portal_id, self.run_id)] if self.stage == "audit" else paths

    def holds(self, layout: Layout, key: str) -> bool:
        """Whether a file of this key may belong to it: a receipt names no other place."""
        path, run = layout.home / key, layout.raw_run(self.portal_id, self.run_id)
        if self.stage == "crawl" and path.parent == run:
            return bool(_FILE_NAME.fullmatch(path.name))
        return path in (self.marker(layout), layout.outcome(self.run_id, self.portal_id, self.stage), *self._fixed(layout))


def receipts_of(portal_id: str) -> str:
    return f"receipts/portal={portal_id}"


def units_of(portal_id: str, names: Iterable[str]) -> dict[Unit, str]:
    """Units by the names of their receipts; other names are not ours."""
    found = ((name, _RECEIPT.fullmatch(name)) for name in names)
    return {Unit(portal_id, match[1], match[2]): name for name, match in found if match and is_run_id(match[1])}


class Held(BaseModel):
    """A file in the store; size and time of our copy when it was last found equal, None where there is none."""

    model_config = ConfigDict(extra="forbid")
    sha256: str
    size: int | None = None
    mtime_ns: int | None = None

    def is_here(self, path: Path) -> bool:
        """Whether the file at `path` is this one. Read only where size or time are not those of the last look."""
        try:
            found = path.stat()
        except FileNotFoundError:
            self.size = self.mtime_ns = None
            return False
        if (found.st_size, found.st_mtime_ns) != (self.size, self.mtime_ns):
            if sha256_of(path) != self.sha256:
                return False
            self.size, self.mtime_ns = found.st_size, found.st_mtime_ns
        return True


class Receipt(BaseModel):
    """A receipt as the store had it, and what of it is here."""

    model_config = ConfigDict(extra="forbid")
    version: str = ""
    files: dict[str, Held] = {}

    def told(self) -> bytes:
        """As it lies in the store."""
        return json.dumps({"files": {key: held.sha256 for key, held in sorted(self.files.items())}}, indent=1).encode() + b"\n"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")
    files: dict[str, str]


def read_receipt(unit: Unit, content: bytes, version: str, layout: Layout) -> Receipt:
    """Raises StoreError where it is no receipt of this unit."""
    try:
        files = _Told.model_validate_json(content).files
    except ValidationError as error:
        raise StoreError(f"{unit.receipt}: no receipt ({error.errors()[0]['msg']})") from error
    strange = [key for key in files if not unit.holds(layout, key)]
    if strange:
        raise StoreError(f"{unit.receipt}: names {strange[0]!r}, which is no file of its unit")
    return Receipt(version=version, files={key: Held(sha256=sha256) for key, sha256 in files.items()})


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")
    store: str
    receipts: dict[str, Receipt]


@dataclass
class Book:
    """What the store held of one portal when we last asked. A cache: without it every receipt is read and every file compared again."""

    layout: Layout
    portal_id: str
    store: str
    receipts: dict[Unit, Receipt] = field(default_factory=dict)

    @classmethod
    def opened(cls, layout: Layout, portal_id: str, store: str) -> Book:
        """The book that lies here; an empty one where none lies, or one about another store."""
        path = layout.store_book(portal_id)
        try:
            written = _Written.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return cls(layout, portal_id, store)
        if written.store != store:
            return cls(layout, portal_id, store)
        units = units_of(portal_id, written.receipts)
        return cls(layout, portal_id, store, {unit: written.receipts[name] for unit, name in units.items()})

    def write(self) -> None:
        names = {f"run={unit.run_id}.{unit.stage}.json": receipt for unit, receipt in sorted(self.receipts.items())}
        text = _Written(store=self.store, receipts=names).model_dump_json(exclude_none=True)
        write_text_atomic(self.layout.store_book(self.portal_id), text, durable=False)
