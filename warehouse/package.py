"""`datapackage.json` and `README.md` of an export: what it holds, as of when, from where, under which licence, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gongkai.errors import WarehouseError
from gongkai.layout import write_text_atomic
from gongkai.words import counted
from warehouse.dictionary import Column, Mart
from warehouse.engines.contract import Connection

if TYPE_CHECKING:
    from warehouse.export import Exported

LICENCE = {"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
"""Of the compilation. The texts are the issuing bodies'; documents of state organs carry no copyright (著作权法, article 5)."""
_STATES = "SELECT genre, state, count(*) FROM mart.portal_completeness WHERE state IN ('cannot_see', 'missing') GROUP BY 1, 2 ORDER BY 1, 2"
_STATUSES = """
SELECT status, count(*) FROM mart.portal_status WHERE status IS NULL OR status NOT IN ('complete', 'empty') GROUP BY 1 ORDER BY 1 NULLS LAST
"""
_UNDECIDED = {
    "verdict": (
        "SELECT count(*), count(CASE verdict WHEN 'uncertain' THEN 1 END), count(CASE verdict WHEN 'not_assessable' THEN 1 END) "
        "FROM mart.verdict",
        "of {} verdicts {} are uncertain and {} not assessable (neither pass nor fail)",
    ),
    "commitment": (
        "SELECT count(*), count(CASE WHEN status = 'not_assessable' THEN 1 END) FROM mart.commitment",
        "of {} commitments {} are not assessable (neither kept nor overdue)",
    ),
    "scorecard": (
        "SELECT count(*), count(CASE WHEN comparable THEN NULL ELSE 1 END) FROM mart.scorecard",
        "of {} scorecards {} rest on too little to be compared",
    ),
}
"""What assessments could not say, by mart: how many rows, of these the undecided, in words. A snapshot of an older release may lack one."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """Which snapshot an export shows."""

    run_id: str
    published_at: datetime
    as_of: date
    extractor_versions: list[str]

    @property
    def name(self) -> str:
        return f"gongkai-{self.run_id.lower()}"


def release_of(connection: Connection) -> Release:
    """The published snapshot. Raises WarehouseError where there is none."""
    found = connection.query("SELECT run_id, published_at, as_of, extractor_versions FROM meta.snapshot")
    if not found:
        raise WarehouseError("export: nothing is published")
    run_id, published_at, as_of, versions = found[0]
    return Release(run_id=run_id, published_at=published_at, as_of=as_of, extractor_versions=list(versions))


def describe(
    connection: Connection, folder: Path, marts: Sequence[Mart], files: Sequence[Exported], release: Release, *, bom: bool
) -> None:
    """Write `datapackage.json` and `README.md` into `folder`."""
    gaps = known_gaps(connection)
    package = {
        "profile": "data-package",
        "name": release.name,
        "id": f"urn:gongkai:snapshot:{release.run_id}",
        "title": f"Gongkai 公开: disclosure of Chinese city governments, snapshot {release.run_id}",
        "description": "Work plans and annual reports as published on municipal portals; every value leads to its page and sentence.",
        "version": release.run_id,
        "created": release.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "homepage": "https://github.com/gongkai-project/gongkai",
        "licenses": [LICENCE],
        "sources": [
            {"title": name, "path": url} for name, url in connection.query("SELECT name_zh, base_url FROM mart.dim_portal ORDER BY 1, 2")
        ],
        "gongkai:as_of": release.as_of.isoformat(),
        "gongkai:extractor_versions": release.extractor_versions,
        "gongkai:known_gaps": gaps,
        "resources": [_resource(file, next(m for m in marts if m.name == file.table), files, bom=bom) for file in files],
    }
    write_text_atomic(folder / "datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    write_text_atomic(folder / "README.md", _readme(release, files, gaps, bom=bom))


def known_gaps(connection: Connection) -> list[str]:
    """What this snapshot does not hold, one sentence each."""
    gaps = [
        f"{counted(n, 'portal ended its newest run', 'portals ended their newest run')} as {status}"
        if status
        else f"{counted(n, 'portal was', 'portals were')} never run"
        for status, n in connection.query(_STATUSES)
    ]
    words = {"cannot_see": "could not be seen (not seen is not absent)", "missing": "were not there though the whole listing was seen"}
    gaps += [f"{n} of the expected {genre} documents {words[state]}" for genre, state, n in connection.query(_STATES)]
    held = connection.query("SELECT count(*) FROM meta.batch WHERE NOT passed")[0][0]
    gaps += [f"{counted(held, 'batch is', 'batches are')} held back by the audit"] if held else []
    waiting, unfetched = connection.query("SELECT sum(waiting), sum(failed) FROM mart.attachment_coverage")[0]
    if waiting or unfetched:
        waits = counted(waiting, "attachment waits", "attachments wait")
        gaps.append(f"{waits} for a converter or character recognition, {unfetched} could not be fetched")
    return gaps + _undecided(connection)


def _undecided(connection: Connection) -> list[str]:
    held = {name for _, name in connection.tables("mart")}
    found = [(connection.query(question)[0], words) for mart, (question, words) in _UNDECIDED.items() if mart in held]
    return [words.format(*counts) for counts, words in found if any(counts[1:])]


def _resource(file: Exported, mart: Mart, files: Sequence[Exported], *, bom: bool) -> dict[str, Any]:
    here = {f.table for f in files if f.form == file.form}
    resource: dict[str, Any] = {
        "name": _name(mart.name, file.form),
        "title": f"{mart.zh} {mart.name}",
        "description": mart.en,
        "path": file.path,
        "format": file.form,
        "mediatype": "text/csv" if file.form == "csv" else "application/vnd.apache.parquet",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "gongkai:rows": file.rows,
    }
    if file.form == "parquet":
        resource["type"] = "file"  # it holds its own schema, and frictionless 5 cannot read lists out of it
    if file.form == "csv":
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8-sig" if bom else "utf-8"}
        resource |= {"dialect": {"csv": {"lineTerminator": "\n"}}, "schema": _schema(mart, here)}
    return resource


def _name(table: str, form: str) -> str:
    return f"{table}-parquet".replace("_", "-") if form == "parquet" else table.replace("_", "-")


def _schema(mart: Mart, here: set[str]) -> dict[str, Any]:
    foreign = [c for c in mart.columns if c.refers_to and c.refers_to[0] in here]
    keys = [
        {
            "fields": [c.name],
            "reference": {"resource": _name(c.refers_to[0], "csv") if c.refers_to[0] != mart.name else "", "fields": [c.refers_to[1]]},
        }
        for c in foreign
        if c.refers_to
    ]
    schema: dict[str, Any] = {"fields": [_field(c) for c in mart.columns], "missingValues": [""]}
    return schema | ({"primaryKey": list(mart.key)} if _strict(mart) else {}) | ({"foreignKeys": keys} if keys else {})


def _strict(mart: Mart) -> bool:
    """A primary key may hold no empty cell; some marts are keyed by columns that may be unknown."""
    return bool(mart.key) and not {"unit", "quarter_start", "plan_year"} & set(mart.key)


def _field(column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {"name": column.name, "type": _frictionless(column.kind), "title": column.zh, "description": column.en}
    if column.values and not pa.types.is_list(column.kind):
        made["constraints"] = {"enum": list(column.values)}
    return made


def _frictionless(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return "array"
    if pa.types.is_timestamp(kind):
        return "datetime"
    names = {pa.string(): "string", pa.int64(): "integer", pa.bool_(): "boolean", pa.date32(): "date"}
    return names.get(kind, "number")


def _readme(release: Release, files: Sequence[Exported], gaps: Sequence[str], *, bom: bool) -> str:
    lines = [
        f"# Gongkai 公开, snapshot {release.run_id}",
        "",
        f"As of {release.as_of}; published {release.published_at:%Y-%m-%d %H:%M} UTC.",
        f"Read by extractor {', '.join(release.extractor_versions)}.",
        "Columns: dictionary.csv. Types, keys, hashes: datapackage.json. Copy proved by `sha256sum --check CHECKSUMS`.",
        "",
        f"Cite as: Gongkai, snapshot {release.run_id} (urn:gongkai:snapshot:{release.run_id}), {release.published_at:%Y}.",
        f"Licence: {LICENCE['title']} ({LICENCE['name']}).",
        "",
        "An empty cell is unknown or not stated, never zero; `state` says which. In CSV an apostrophe stands before a text that begins",
        "with = + - @ a tab, a line end or an apostrophe, so that no spreadsheet runs it: take one away to have it as published.",
        f"CSV is UTF-8 {'with' if bom else 'without'} a byte order mark; lists are JSON; moments are UTC.",
        "",
        "## Known gaps",
        "",
        *(f"* {gap}" for gap in gaps or ["none known"]),
        "",
        "## Files",
        "",
        *(f"* {file.path}: {counted(file.rows, 'row')}" for file in files),
        "",
    ]
    return "\n".join(lines)
