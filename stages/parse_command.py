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

if TYPE_CHECKING:
    from gongkai.registry import Portal

_MAX_BYTES = 200_000_000


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--url", default=None, help="Address the file was read from; makes links absolute.")
@click.option("--published", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day of publication, where the file does not say it.")
@click.option("--portal", "portal_id", default=None, help="Registry id; chooses the page reader and the base address.")
@click.option("--explain", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Also write a page that shows the reading.")
def parse(path: Path, url: str | None, published: datetime | None, portal_id: str | None, explain: Path | None) -> None:
    """Read the file PATH (html, txt, pdf, docx, xlsx, WARC record) and print what is in it as one JSON object."""
    from gongkai.records.document import to_json
    from transforms.parse import parse_with_body

    portal = _portal(portal_id) if portal_id else None
    data = _read(path)
    try:
        parsed, body = parse_with_body(
            data,
            url=url or (f"{portal.base_url}/" if portal else None),
            name=path.name,
            published=published.date() if published else None,
            family=portal.family if portal else None,
        )
    except UnreadableInput as error:
        raise UnreadableInput(" ".join(f"{path}: {error}".split())) from error
    if explain:
        from stages.explain import explain_page

        _write(explain, explain_page(parsed, body, path.name))
    text = json.dumps(asdict(parsed), ensure_ascii=False, default=to_json)
    sys.stdout.buffer.write(text.encode() + b"\n")  # UTF-8 whatever the terminal's encoding


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
            raise UnreadableInput(f"{path}: larger than {_MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror or error}") from error
