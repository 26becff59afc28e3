"""`gongkai rows`: read one saved list page or API answer and print its rows; how a family is debugged and its lists are scored."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.errors import UnreadableInput
from stages.no_list import instead_of_a_list

if TYPE_CHECKING:
    from transforms.pages.contract import ListReading, ListRequest, ListRow

_MAX_BYTES = 50_000_000


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="Address the page was read from; makes links absolute.")
@click.option("--family", default=None, help="CMS family; default: recognised from page and address, else generic.")
@click.option("--dialect", default=None, help="URL dialect of a generic page; default: recognised with the family.")
@click.option("--page", default=None, type=click.IntRange(1), help="Number of the page in its listing, from 1.")
@click.option("--body", default=None, help="What was posted for it; the next page's body is made from it.")
def rows(path: Path, url: str, family: str | None, dialect: str | None, page: int | None, body: str | None) -> None:
    """Print the rows of the saved list page PATH, the total it declares and the next page as one JSON object.

    `next` is an address, or {"url", "body"} where the next page is a POST; null on the last page, or where only a guess could name it.
    A page that shows part of a list names the whole one (更多) as `next`. A page that leads to other listings prints them under
    `leads_to`. `findings` say what the page shows about points the reference leaves open (L-…: docs/add-a-portal.md). An error answer
    is an error (exit status 2), not an empty list.
    """
    from gongkai.dialects import load_dialects
    from transforms.decode import decode
    from transforms.pages import detect, dialect_of, family_of
    from transforms.pages.contract import ListRequest

    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableInput(f"{path}: larger than {_MAX_BYTES} bytes")
    data = path.read_bytes()
    text = decode(data).text
    if family is None and dialect is None and (family := detect(text, url)) == "generic":
        dialect = dialect_of(text, url)
    if dialect is not None and dialect not in load_dialects():
        raise UnreadableInput(f"{dialect}: no dialect of that name (gongkai/data/dialects.yaml)")
    params: dict[str, str | int] = {"dialect": dialect} if dialect else {}
    list_page = family_of(family).list_page
    page = page or list_page.of(text, url, params=params).request.page
    try:
        reading = list_page.of(text, url, ListRequest(url=url, body=body, page=page), params).read()
    except UnreadableInput as error:
        raise UnreadableInput(" ".join(f"{path}: {instead_of_a_list(data, text, url) or error}".split())) from error
    out: dict[str, Any] = {
        "rows": [_row(row) for row in reading.rows],
        "declared_total": reading.declared_total,
        "declared_pages": reading.declared_pages,
        "next": _following(reading, ListRequest(url=url, body=body, page=page)),
        "findings": [{"rule": finding.rule, "message": finding.message} for finding in reading.findings],
    }
    if reading.leads_to:
        out["leads_to"] = [_address(request) for request in reading.leads_to]
    sys.stdout.buffer.write(json.dumps(out, ensure_ascii=False, indent=1).encode() + b"\n")


def _row(row: ListRow) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "title": row.title,
        "url": row.url,
        "date": row.date.isoformat() if row.date else row.period,
        "doc_number": row.doc_number,
        "index_number": row.index_number,
    }
    if row.attachments:
        printed["attachments"] = [{"name": link.name, "url": link.url} for link in row.attachments]
    return printed


def _following(reading: ListReading, request: ListRequest) -> str | dict[str, str] | None:
    """What is worth asking next: nothing behind the last page that is declared."""
    from transforms.pages.paging import page_size

    following, page = reading.next, request.page
    size = page_size(request) or len(reading.rows)
    over = (reading.declared_pages is not None and page >= reading.declared_pages) or (
        reading.declared_total is not None and page * size >= reading.declared_total
    )
    if following and reading.rows and not following.guessed and not over:
        return _address(following)
    return reading.more


def _address(request: ListRequest) -> str | dict[str, str]:
    return request.url if request.body is None else {"url": request.url, "body": request.body}
