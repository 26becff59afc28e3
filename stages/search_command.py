"""`gongkai search WORDS`: full text search over what is published."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

import click

from gongkai.ledger import printable
from gongkai.records.document import Genre

if TYPE_CHECKING:
    from warehouse.search import Found
    from warehouse.search_sql import Hit


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--portal", default=None, help="Id of a portal.")
@click.option("--place", default=None, help="Part of a city's or province's name, or the first digits of its division code (GB/T 2260).")
@click.option("--year", type=click.IntRange(1900, 9999), default=None, help="Year a plan is for or a report about; else of publication.")
@click.option("--genre", type=click.Choice(get_args(Genre)), default=None)
@click.option("--agency", default=None, help="Part of the name of its issuer or of a unit of its tasks, or an id of agencies.yaml.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many results at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
def search(
    words: tuple[str, ...],
    portal: str | None,
    place: str | None,
    year: int | None,
    genre: str | None,
    agency: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find documents whose titles, tasks and text hold all WORDS, best first. A phrase keeps its blanks in double quotes: '"a b"'."""
    from stages.context import open_context
    from warehouse.search import Filters
    from warehouse.search import search as ask

    filters = Filters(portal=portal, place=place, year=year, genre=genre, agency=agency)
    found = ask(open_context().engine, " ".join(words), filters, limit=limit)
    if as_json:
        click.echo(json.dumps([_fields(hit, found.words) for hit in found.hits], ensure_ascii=False, default=lambda day: day.isoformat()))
    else:
        _print(found)


def _fields(hit: Hit, words: Sequence[str]) -> dict[str, object]:
    """A hit with every word marked, and with the name of its archived page."""
    from warehouse.search import marked_html

    return dataclasses.asdict(hit) | {"snippet_html": marked_html(hit.snippet, words), "archived": hit.archived}


def _print(found: Found) -> None:
    for number, hit in enumerate(found.hits, 1):
        gone = f", removed {hit.gone_at:%Y-%m-%d} ({hit.gone_cause})" if hit.gone_at else ""
        day = "no date" if hit.published_date is None else hit.published_date.isoformat()
        click.echo(f"{number}. {_bright(hit.title, found.words)}")
        click.echo(printable(f"   {hit.portal_name} ({hit.portal_id}), {day}, {hit.genre or 'page not read'}{gone}"))
        if hit.found_in != "title":
            click.echo(f"   {hit.found_in}: {_bright(hit.snippet, found.words)}")
        click.echo(printable(f"   {hit.url}  archived as {hit.archived or '?'}"))
    if found.more:
        click.echo(f"more than {len(found.hits)} found; --limit shows more")
    elif not found.hits:
        click.echo("nothing found")


def _bright(text: str, words: Sequence[str]) -> str:
    """Marks for a terminal; click leaves them out where the output is none."""
    from warehouse.search import marked

    return "".join(click.style(printable(p), fg="yellow", bold=True) if hit else printable(p) for p, hit in marked(text, words))
