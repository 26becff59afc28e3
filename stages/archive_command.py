"""`gongkai archive …`: is the archive whole, what does it hold of an address, what does one record say, how large is it."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gongkai.errors import GongkaiError, UnreadableInput
from gongkai.words import counted

if TYPE_CHECKING:
    from crawlers.archive_index import Capture
    from gongkai.layout import Layout

_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
_portals_argument = click.argument("portals", nargs=-1)
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")


@click.group()
def archive() -> None:
    """The archive of what the portals said: verify it, look an address up, show a record."""


@archive.command("verify")
@_portals_argument
@click.option(
    "--head",
    "noted",
    type=click.File(encoding="utf-8"),
    help="Also compare with heads that `archive head` printed earlier (- reads stdin).",
)
@_json_option
def archive_verify(portals: tuple[str, ...], noted: Any, as_json: bool) -> None:
    """Check the archive of PORTALS (default: all): manifests, every record, revisits, rows. Exit status 1 where something is wrong."""
    from crawlers.archive_verify import run_bytes, verify_portal
    from crawlers.manifest import Fault, head_faults, read_heads
    from gongkai.ledger import printable

    layout = _layout()
    heads = read_heads(noted.read(), noted.name) if noted else []
    chosen = _chosen(layout, portals, required=not heads)

    def told(fault: Fault) -> None:
        if not as_json:
            click.echo(printable(fault.told))

    beyond = list(head_faults(layout, (h for h in heads if not portals or h.portal_id in portals)))
    for fault in beyond:
        told(fault)
    runs = [(portal, run) for portal in chosen for run in layout.raw_runs(portal)]
    with _progress("verify", sum(run_bytes(layout, *run) for run in runs)) as passed:
        results = [verify_portal(layout, portal, told, passed) for portal in chosen]
    faults = beyond + [fault for result in results for fault in result.faults]
    if as_json:
        out = {"whole": not faults, "portals": [dataclasses.asdict(r) for r in results], "heads": [dataclasses.asdict(f) for f in beyond]}
        click.echo(json.dumps(out, ensure_ascii=False))
    for result in results if not as_json else ():
        for left in result.uncommitted:
            told(left)
        word = counted(len(result.faults), "fault") if result.faults else "whole"
        held = f"{counted(result.runs, 'run')}, {counted(result.records, 'record')}, {_human(result.bytes)} of WARC"
        click.echo(f"{result.portal_id}: {word}: {held}, {counted(result.rows, 'row')}")
    if faults:
        raise click.exceptions.Exit(1)


@archive.command("head")
@_portals_argument
@_json_option
def archive_head(portals: tuple[str, ...], as_json: bool) -> None:
    """Print portal, newest run and the sha256 of its manifest.

    Kept elsewhere, these lines show with `verify --head FILE` whether a chain was cut at its end or written anew.
    """
    from crawlers.manifest import head

    layout = _layout()
    heads = [found for portal in _chosen(layout, portals) if (found := head(layout, portal))]
    if as_json:
        click.echo(json.dumps([h._asdict() for h in heads]))
        return
    for portal_id, run_id, sha256 in heads:
        click.echo(f"{portal_id} {run_id} {sha256}")


@archive.command("find")
@click.argument("url")
@click.option("--prefix", is_flag=True, help="Every address that begins with URL.")
@click.option("--portal", "portals", multiple=True, help="Only this portal's archive (may be repeated).")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), default=None, help="Only captures from then on (China time)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for machines.")
def archive_find(url: str, prefix: bool, portals: tuple[str, ...], since: datetime | None, as_json: bool) -> None:
    """List every capture of URL, whatever scheme: moment, status, type, bytes, digest, record. Exit status 1 where there is none."""
    from crawlers.archive_index import find
    from gongkai.settings import Settings

    layout, zone = _layout(), ZoneInfo(Settings().timezone)
    chosen = _chosen(layout, portals)
    moment = since.replace(tzinfo=zone).astimezone(UTC) if since else None
    count = 0
    with _progress("find", sum(len(layout.raw_runs(p)) for p in chosen)) as passed:
        for capture in find(layout, url, chosen, prefix=prefix, since=moment, opened=lambda: passed(1)):
            click.echo(_as_json(capture) if as_json else _line(capture, zone, prefix=prefix))
            count += 1
    if not count:
        click.echo(f"no capture of {url} in the archive of {', '.join(portals) or 'any portal'}", err=True)
        raise click.exceptions.Exit(1)


@archive.command("show")
@click.argument("record")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write the payload's bytes into this file.")
@click.option("--headers", is_flag=True, help="Print the request, the answer's headers and our notes instead of the payload.")
def archive_show(record: str, out: Path | None, headers: bool) -> None:
    """Print the payload of RECORD (PORTAL/RUN/crawl.warc.gz@OFFSET), its content encoding undone and a revisit followed.

    Of a record that is no answer (a request, our notes), which `verify` may name, its headers and fields are printed.

    On a terminal text is shown without control characters, and anything else needs --out; into a file or pipe the bytes go as they are.
    """
    from crawlers.archive import ANSWERS, Place, WarcRecord, walk

    place = Place.of(record)
    path = place.path(_layout())
    first = next(walk(path, place.offset), None)
    answer = not isinstance(first, WarcRecord) or first.kind in ANSWERS  # where none can be read, what reads answers says why
    if headers or not answer:
        click.echo(_exchange(path, place.offset), nl=False)
    if out or (answer and not headers):
        _payload(path, place, out)


@archive.command("index")
@_portals_argument
def archive_index(portals: tuple[str, ...]) -> None:
    """Make the CDXJ indexes that are missing, so that the next lookup need not; prints their folder, for pywb and other tools."""
    from crawlers.archive_index import index_run

    layout = _layout()
    runs = [(portal, run) for portal in _chosen(layout, portals) for run in layout.raw_runs(portal)]
    with _progress("index", len(runs)) as passed:
        for portal, run in runs:
            index_run(layout, portal, run)
            passed(1)
    click.echo(str(layout.archive_index(*runs[0]).parent))


@archive.command("size")
@_portals_argument
@_json_option
def archive_size(portals: tuple[str, ...], as_json: bool) -> None:
    """Bytes, answers, share of revisits and bytes they saved, by portal and month."""
    from rich.console import Console
    from rich.table import Table

    from crawlers.archive_size import sizes, total

    layout = _layout()
    chosen = _chosen(layout, portals)
    with _progress("size", sum(len(layout.raw_runs(p)) for p in chosen)) as passed:
        rows = sizes(layout, chosen, lambda: passed(1))
    sums = total(rows)
    if as_json:
        click.echo(json.dumps({"months": [dataclasses.asdict(row) for row in rows], "total": sums}))
        return
    table = Table("portal", "month", *("runs", "on disk", "answers", "revisits", "saved"))
    for name, month, row in [*((r.portal_id, r.month, dataclasses.asdict(r)) for r in rows), ("all", "", sums)]:
        share = f"{row['revisits'] / row['answers']:.0%}" if row["answers"] else "-"
        table.add_row(name, month, str(row["runs"]), _human(row["bytes"]), str(row["answers"]), share, _human(row["saved"]))
    Console().print(table)


def _layout() -> Layout:
    from gongkai.layout import Layout
    from gongkai.settings import Settings

    return Layout(Settings().home)


def _chosen(layout: Layout, portals: tuple[str, ...], *, required: bool = True) -> list[str]:
    """Archived portals, in the registry or not. Raises GongkaiError for one that has no committed run."""
    there = layout.archived_portals()
    missing = [portal for portal in portals if portal not in there]
    if missing:
        raise GongkaiError(f"nothing is archived of {', '.join(missing)} below {layout.home}")
    if not there and required:
        raise GongkaiError(f"nothing is archived below {layout.home}")
    return list(portals) or there


@contextmanager
def _progress(what: str, whole: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where that is a terminal; the block is given what moves it."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=whole)
        yield lambda step: progress.advance(task, step)


def _line(capture: Capture, zone: ZoneInfo, *, prefix: bool) -> str:
    from gongkai.ledger import printable

    parts = [f"{capture.moment.astimezone(zone):%Y-%m-%d %H:%M:%S}", capture.status, capture.mime, str(capture.bytes), capture.digest]
    parts += [capture.method] if capture.method != "GET" else []
    parts += [str(capture.place)] + ([capture.url] if prefix else [])
    return printable("  ".join(parts))


def _as_json(capture: Capture) -> str:
    held = dataclasses.asdict(capture) | {"moment": capture.moment.isoformat(), "record": str(capture.place)}
    place = capture.place
    return json.dumps(held | {"place": None, "portal": place.portal_id, "run": place.run_id}, ensure_ascii=False)


def _exchange(path: Path, offset: int) -> str:
    """Request, answer and notes of one exchange as text that a terminal may show."""
    from crawlers.archive import exchange_at
    from gongkai.ledger import printable

    lines: list[str] = []
    for record in exchange_at(path, offset):
        lines += [f"# {record.kind} {record.header('WARC-Record-ID')} {record.header('WARC-Date')} {record.header('WARC-Target-URI')}"]
        lines += [f"# {name}: {value}" for name, value in record.about.headers if name.startswith(("WARC-Refers", "WARC-Payload"))]
        if record.http:
            lines.append(f"{record.http.protocol} {record.http.statusline}")
            lines += [f"{name}: {value}" for name, value in record.http.headers]
        else:
            lines += [f"{name}: {value}" for name, value in record.notes.items()]
        lines.append("")
    return "".join(f"{printable(line)}\n" for line in lines)


def _payload(path: Path, place: Any, out: Path | None) -> None:
    from crawlers.warc import read_record
    from gongkai.layout import open_atomic

    try:
        exchange = read_record(path, place.offset)
    except UnreadableInput as error:
        raise UnreadableInput(f"{place}: {error}") from error
    if out:
        try:
            with open_atomic(out) as temporary:
                temporary.write_bytes(exchange.payload)
        except OSError as error:
            raise GongkaiError(f"{out}: {error.strerror or error}") from error
    elif sys.stdout.isatty():
        from stages.evidence import payload_text

        click.echo(payload_text(exchange.payload, exchange.charset, str(place)))
    else:
        sys.stdout.buffer.write(exchange.payload)


def _human(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
