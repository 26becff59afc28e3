"""`gongkai parse`: read one local file and print one JSON object."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.errors import GongkaiError, UnreadableInput
from gongkai.status import ReadingStatus

if TYPE_CHECKING:
    from gongkai.registry import Portal

_MAX_BYTES = 200_000_000


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--url", default=None, help="Address the file was read from; makes links absolute.")
@click.option("--published", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day of publication, where the file does not say it.")
@click.option("--portal", "portal_id", default=None, help="Registry id; chooses the page reader and the base address.")
@click.option("--member", default=None, help="Which file of a zip archive: its name there, or its number.")
@click.option("--explain", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Also write a page that shows the reading.")
def parse(path: Path, url: str | None, published: datetime | None, portal_id: str | None, member: str | None, explain: Path | None) -> None:
    """Read the file PATH (html, txt, csv, pdf, ofd, docx, xlsx, xls, et, ods, WARC record) and print what is in it as one JSON object.

    Of a zip archive one file is read (--member). Old Word files (doc, wps, rtf) need LibreOffice.
    """
    from gongkai.records.document import to_json
    from transforms.parse import parse_with_body

    portal = _portal(portal_id) if portal_id else None
    try:
        data, name = _document(path, member)
        parsed, body = parse_with_body(
            data,
            url=url or (f"{portal.base_url}/" if portal else None),
            name=name,
            published=published.date() if published else None,
            family=portal.family if portal else None,
        )
    except UnreadableInput as error:
        raise UnreadableInput(" ".join(f"{path}: {error}".split()), error.status) from error
    if explain:
        from stages.explain import explain_page

        _write(explain, explain_page(parsed, body, name))
    text = json.dumps(asdict(parsed), ensure_ascii=False, default=to_json)
    sys.stdout.buffer.write(text.encode() + b"\n")  # UTF-8 whatever the terminal's encoding


def _document(path: Path, member: str | None) -> tuple[bytes, str]:
    """The file's bytes and name, or those of a file in it; converted where it must be."""
    from transforms.formats.sniff import sniff
    from transforms.opened import CONVERTIBLE

    data, name = _read(path), path.name
    kind = sniff(data, name)
    if kind == "zip":
        data, name = _member(data, member)
        kind = sniff(data, name)
    elif member is not None:
        raise UnreadableInput(f"no zip archive, so there is no {member!r} in it")
    if kind in CONVERTIBLE:
        from gongkai.settings import Settings
        from stages.convert import Office

        data = Office(Settings().office)(data, kind).data
    return data, name


def _member(data: bytes, wanted: str | None) -> tuple[bytes, str]:
    """The chosen file of an archive. Without a choice, or without such a file, the list goes to stderr."""
    from transforms.formats.zips import member_bytes, members, open_zip

    with open_zip(data) as archive:
        listed = members(archive)
        for one in listed:
            if wanted in (one.name, one.base_name, str(one.number)):
                return member_bytes(archive, one), one.base_name
        for one in listed:
            click.echo(f"{one.number:5} {one.entry.file_size:11} {one.name}", err=True)
        why = "an archive" if wanted is None else f"no {wanted!r} in it"
        raise UnreadableInput(f"{why}: choose one of its {len(listed)} files with --member NAME")


def _portal(portal_id: str) -> Portal:
    from gongkai.registry import load_registry
    from gongkai.settings import Settings

    settings = Settings()
    registry = load_registry(settings.portals)
    if portal_id not in registry:
        raise GongkaiError(f"unknown portal {portal_id}: not in {settings.portals}")
    return registry[portal_id]


def _write(path: Path, page: str) -> None:
    try:
        path.write_bytes(page.encode(errors="replace"))
    except OSError as error:
        raise GongkaiError(f"{path}: {error.strerror or error}") from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UnreadableInput(f"larger than {_MAX_BYTES // 1_000_000} MB", ReadingStatus.TOO_LARGE)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableInput(str(error.strerror or error)) from error
