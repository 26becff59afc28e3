"""`gongkai rows`: read one saved list page or API answer and print its rows; how a family is debugged and its lists are scored."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.errors import UnreadableInput
from gongkai.ledger import printable
from stages.no_list import instead_of_a_list

if TYPE_CHECKING:
    from transforms.pages.contract import ListReading, ListRequest, ListRow

_MAX_BYTES = 50_000_000


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="Address the page was read from; makes links absolute.")
@click.option("--family", default=None, help="CMS family, or URL dialect; default: recognised from page and address, else generic.")
@click.option("--dialect", default=None, help="URL dialect of a generic page; default: recognised with the family.")
@click.option("--page", default=None, type=click.IntRange(1), help="Number of the page in its listing, from 1.")
@click.option("--body", default=None, help="What was posted for it; the next page's body is made from it.")
@click.option("--full", is_flag=True, help="Everything that was read: findings, declared pages, index numbers, attachments.")
def rows(path: Path, url: str, family: str | None, dialect: str | None, page: int | None, body: str | None, full: bool) -> None:
    """Print the rows of the saved list page PATH, the total it declares and the next page as one JSON object.

    {"rows": [{"title", "url", "date", "doc_number"}], "declared_total", "next"}; with --full more, else what else there is to say
    goes to the error output.

    `next` is an address, or {"url", "body"} where the next page is a POST; null on the last page, or where only a guess could name it.
    A page that shows part of a list names the whole one (更多) as `next`. A page that leads to other listings names the first as `next`,
    all under `leads_to`; where it holds the newest rows of such a list itself, they are printed, and `next` is what stands behind them.
    `findings` say what the page shows about points the reference leaves open (L-…: docs/add-a-portal.md). An error answer is an error
    (exit status 2), not an empty list.
    """
    from gongkai.dialects import load_dialects
    from transforms.decode import decode
    from transforms.pages import FAMILIES, detect, dialect_of, family_of
    from transforms.pages.contract import ListRequest
    from transforms.pages.paging import counter_of

    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableInput(f"{path}: larger than {_MAX_BYTES} bytes")
    data = path.read_bytes()
    text = decode(data).text
    if family is None and dialect is None and (family := detect(text, url)) == "generic":
        dialect = dialect_of(text, url)
    elif family is not None and family not in FAMILIES:
        family, dialect = _named(family)
    if dialect is not None and dialect not in load_dialects():
        raise UnreadableInput(f"{dialect}: no dialect of that name (gongkai/data/dialects.yaml)")
    params: dict[str, str | int] = {"dialect": dialect} if dialect else {}
    list_page = family_of(family).list_page
    if page is None and body and (counter := counter_of(ListRequest(url=url, body=body))) is not None:
        page = max(1, counter)
    page = page or list_page.of(text, url, params=params).request.page
    request = ListRequest(url=url, body=body, page=page)
    try:
        reading = _with_own_rows(
            list_page.of(text, url, request, params).read(), lambda own: list_page.of(text, url, own, params).read(), request
        )
    except UnreadableInput as error:
        raise UnreadableInput(" ".join(f"{path}: {instead_of_a_list(data, text, url) or error}".split())) from error
    out: dict[str, Any] = {
        "rows": [_row(row, full=full) for row in reading.rows],
        "declared_total": reading.declared_total,
        "next": _following(reading, request, list_page.page_rows),
    }
    leads = [_address(request) for request in reading.leads_to]
    said = {
        "declared_pages": reading.declared_pages,
        "findings": [{"rule": finding.rule, "message": finding.message} for finding in reading.findings],
        "leads_to": leads,
    }
    if full:
        out |= said
    else:
        notes = [f"{finding.rule}: {finding.message}" for finding in reading.findings]
        notes += [f"leads to {json.dumps(address, ensure_ascii=False)}" for address in leads]
        for note in notes:
            click.echo(printable(note), err=True)
    sys.stdout.buffer.write(json.dumps(out, ensure_ascii=False, indent=1).encode() + b"\n")


_OTHER_NAMES = {"truecms": "hanweb_truecms", "hanweb truecms": "hanweb_truecms", "trs_was5": "trs_wcm"}


def _named(name: str) -> tuple[str, str | None]:
    """(family, dialect) for a name that is no family's own: the reference's other names, or a URL dialect's. Raises UnreadableInput."""
    from gongkai.dialects import load_dialects
    from transforms.pages import FAMILIES

    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name], None
    if name in load_dialects():
        return "generic", name
    raise UnreadableInput(
        f"{name}: no family of that name; known are {', '.join(FAMILIES)}, and the dialects of gongkai/data/dialects.yaml"
    )


def _row(row: ListRow, *, full: bool) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "title": row.title,
        "url": row.url,
        "date": row.date.isoformat() if row.date else None,
        "doc_number": row.doc_number,
    }
    if full:
        printed |= {"index_number": row.index_number, "validity": row.validity, "period": row.period}
        printed["attachments"] = [{"name": link.name, "url": link.url} for link in row.attachments]
    return printed


def _with_own_rows(reading: ListReading, read: Callable[[ListRequest], ListReading], request: ListRequest) -> ListReading:
    """The reading with the rows that the page itself holds, where it is the column page of a service (crawled instead of them)."""
    from transforms.pages.datastore import next_window
    from transforms.pages.list_page import OWN_ROWS
    from transforms.pages.paging import counted_on, page_size

    if reading.rows or not reading.leads_to:
        return reading
    try:
        own = read(replace(request, column=OWN_ROWS))
    except UnreadableInput:
        return reading
    service, shown = reading.leads_to[0], len(own.rows)
    behind = next_window(service, shown) or (counted_on(service) if shown >= (page_size(service) or 1) else service)
    found = tuple(finding for finding in own.findings if finding.rule != "L-OWN-ROWS")
    return replace(own, next=behind, findings=found, leads_to=reading.leads_to) if own.rows else reading


_USUAL_SIZES = (10, 15, 20, 25, 30, 50, 100)


def _following(reading: ListReading, request: ListRequest, usual: int | None) -> str | dict[str, str] | None:
    """What is worth asking next: nothing behind the last page that is declared."""
    from transforms.pages.datastore import window_of

    following, page, shown = reading.next, request.page, len(reading.rows)
    over = reading.declared_pages is not None and page >= reading.declared_pages
    if reading.declared_total is not None and not window_of(request) and not over:
        size = _page_rows(request, shown, reading.declared_total, usual)
        behind = page * size + (shown if page > 1 and shown < size else 0)  # pages counted from 0: the last shows fewer
        over = behind >= reading.declared_total
    if following and reading.rows and not following.guessed and not over:
        return _address(following)
    if reading.leads_to and not reading.rows:
        return _address(reading.leads_to[0])
    return reading.more


def _page_rows(request: ListRequest, shown: int, total: int, usual: int | None) -> int:
    """Rows a page: as asked for, as the family gives them, as `shown`; a last page with fewer shows by what it leaves of the total."""
    from transforms.pages.paging import page_size

    size = page_size(request) or (usual if request.page > 1 else None) or shown
    if request.page > 1 and size == shown and shown not in _USUAL_SIZES:
        before, left = divmod(total - shown, request.page - 1)
        return before if not left and before in _USUAL_SIZES and before > shown else size
    return size


def _address(request: ListRequest) -> str | dict[str, str]:
    return request.url if request.body is None else {"url": request.url, "body": request.body}
