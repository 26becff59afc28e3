"""A run's manifest: sha256 of every file, chained to the manifest of the run before, so that a later change of either shows.

The chain's head (portal, newest run, sha256 of its manifest) noted elsewhere also shows a chain that was cut at its end or written anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from gongkai.errors import GongkaiError
from gongkai.layout import Layout

MANIFEST_NAME = "manifest.json"
_HEAD = re.compile(r"(?P<portal>[a-z0-9][a-z0-9-]{0,80})\s+(?P<run>\d{8}T\d{6}Z)\s+(?P<sha256>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in the archive that is not as it was written, or not as a row says."""

    portal_id: str
    run_id: str | None
    file: str | None
    record: int | None
    """Offset of a WARC record in `file`."""
    cause: str

    @property
    def told(self) -> str:
        """Place and cause on one line; a record as it is cited: PORTAL/RUN/FILE@OFFSET."""
        place = "/".join(part for part in (self.portal_id, self.run_id, self.file) if part)
        return f"{place}{'' if self.record is None else f'@{self.record}'}: {self.cause}"


class Head(NamedTuple):
    """The newest link of a portal's chain."""

    portal_id: str
    run_id: str
    sha256: str
    """Of the run's manifest."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Previous(_Strict):
    run_id: str
    sha256: str


class _File(_Strict):
    sha256: str
    bytes: int


class Manifest(_Strict):
    """What manifest.json holds."""

    portal_id: str
    run_id: str
    previous: _Previous | None
    files: dict[str, _File]


def write_manifest(folder: Path, layout: Layout, portal_id: str, run_id: str) -> None:
    """sha256 of every file of the run, chained to the previous run's manifest."""
    runs = layout.raw_runs(portal_id)
    previous = {"run_id": runs[-1], "sha256": sha256_of(layout.raw_run(portal_id, runs[-1]) / MANIFEST_NAME)} if runs else None
    files = {p.name: {"sha256": sha256_of(p), "bytes": p.stat().st_size} for p in sorted(folder.iterdir()) if p.name != MANIFEST_NAME}
    body = {"portal_id": portal_id, "run_id": run_id, "previous": previous, "files": files}
    (folder / MANIFEST_NAME).write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def verify_manifest(layout: Layout, portal_id: str) -> list[str]:
    """What does not agree with the manifests of a portal's committed runs; empty where the chain is whole."""
    return [fault.told for run_id, before in links(layout, portal_id) for fault in manifest_faults(layout, portal_id, run_id, before)]


def links(layout: Layout, portal_id: str) -> list[tuple[str, str | None]]:
    """Each committed run with the one before it, oldest first."""
    runs = layout.raw_runs(portal_id)
    return list(zip(runs, [None, *runs[:-1]], strict=True))


def manifest_faults(layout: Layout, portal_id: str, run_id: str, before: str | None) -> Iterator[Fault]:
    """Where one run is not what its manifest says, or does not follow the run `before` it."""
    folder = layout.raw_run(portal_id, run_id)
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        yield Fault(portal_id, run_id, MANIFEST_NAME, None, f"cannot be read: {_first_line(error)}")
        return
    if (manifest.portal_id, manifest.run_id) != (portal_id, run_id):
        yield Fault(portal_id, run_id, MANIFEST_NAME, None, f"is that of {manifest.portal_id}/{manifest.run_id}: the folder was swapped")
    yield from _link_faults(layout, portal_id, run_id, before, manifest.previous)
    for name, stated in manifest.files.items():
        cause = _changed(folder, name, stated)
        if cause:
            yield Fault(portal_id, run_id, name, None, cause)
    for name in sorted({p.name for p in folder.iterdir()} - manifest.files.keys() - {MANIFEST_NAME}):
        yield Fault(portal_id, run_id, name, None, "is not in the manifest: it came after the run was committed")


def _link_faults(layout: Layout, portal_id: str, run_id: str, before: str | None, stated: _Previous | None) -> Iterator[Fault]:
    follows = stated.run_id if stated else None
    if follows != before:
        cause = f"follows {follows or 'no run'}, but the run before it here is {before or 'none'}: a run was taken out or put in"
        yield Fault(portal_id, run_id, MANIFEST_NAME, None, cause)
    elif stated and before:
        path = layout.raw_run(portal_id, before) / MANIFEST_NAME
        if not path.exists() or sha256_of(path) != stated.sha256:
            yield Fault(portal_id, before, MANIFEST_NAME, None, f"was changed: run {run_id} states another sha256 of it")


def _changed(folder: Path, name: str, stated: _File) -> str | None:
    path = folder / name
    if Path(name).name != name or path.is_symlink():
        return "is no file of the run's own folder"
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != stated.bytes:
        return f"was changed: {path.stat().st_size} bytes, the manifest states {stated.bytes}"
    return None if sha256_of(path) == stated.sha256 else "was changed: its sha256 is not the one in the manifest"


def head(layout: Layout, portal_id: str) -> Head | None:
    """The newest link of a portal's chain; None where nothing is committed."""
    runs = layout.raw_runs(portal_id)
    if not runs:
        return None
    path = layout.raw_run(portal_id, runs[-1]) / MANIFEST_NAME
    if not path.is_file():
        raise GongkaiError(
            f"{portal_id}: run {runs[-1]} has no {MANIFEST_NAME}; `gongkai archive verify {portal_id}` says what else is wrong"
        )
    return Head(portal_id, runs[-1], sha256_of(path))


def read_heads(text: str, name: str) -> list[Head]:
    """Heads noted earlier, one a line as `gongkai archive head` prints them; empty lines and `#` comments are passed over.

    Raises:
        GongkaiError: another line, or none; names file and line.
    """
    noted = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _HEAD.fullmatch(line.strip())
        if not found:
            raise GongkaiError(f"{name}:{number}: no head of a chain (expected: PORTAL RUN SHA256)")
        noted.append(Head(found["portal"], found["run"], found["sha256"]))
    if not noted:
        raise GongkaiError(f"{name}: no heads in it")
    return noted


def head_faults(layout: Layout, noted: Iterable[Head]) -> Iterator[Fault]:
    """Noted heads that the archive does not hold any more. Runs that came after a noted one are no fault."""
    for portal_id, run_id, sha256 in noted:
        path = layout.raw_run(portal_id, run_id) / MANIFEST_NAME
        if not path.is_file():
            yield Fault(portal_id, run_id, MANIFEST_NAME, None, "is missing, but was noted as the head of the chain: the chain was cut")
        elif sha256_of(path) != sha256:
            yield Fault(portal_id, run_id, MANIFEST_NAME, None, "is not the one that was noted: the chain was written anew")


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
