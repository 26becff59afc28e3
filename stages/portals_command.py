"""`gongkai portals …`: what the registry knows, and what a portal answers when it is asked politely."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.words import counted

if TYPE_CHECKING:
    from gongkai.registry import Portal


@click.group()
def portals() -> None:
    """The portal registry."""


@portals.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.option("--followed", is_flag=True, help="Only those that the night crawls unasked.")
def portals_list(as_json: bool, followed: bool) -> None:
    """All registered portals."""
    from rich.console import Console
    from rich.table import Table

    from stages.context import open_context

    chosen = [p for p in open_context().registry.values() if p.followed or not followed]
    if as_json:
        click.echo(json.dumps([p.model_dump(mode="json") for p in chosen], ensure_ascii=False))
        return
    table = Table("id", "name", "level", "family", "sections", "status", "base url")
    for p in chosen:
        table.add_row(p.id, p.name, p.level, p.family, str(len(p.sections)), p.status, p.base_url)
    Console().print(table)


@portals.command("show")
@click.argument("portal_id")
def portals_show(portal_id: str) -> None:
    """One portal's entry as JSON."""
    click.echo(_portal(portal_id).model_dump_json(indent=2))


@portals.command("schema")
def portals_schema() -> None:
    """The JSON Schema of a registry file, for editors (docs/portals.schema.json)."""
    from gongkai.registry import registry_schema

    click.echo(json.dumps(registry_schema(), ensure_ascii=False, indent=1))


@portals.command("detect")
@click.argument("target")
@click.option("--url", default=None, help="Address a saved page was read from.")
def portals_detect(target: str, url: str | None) -> None:
    """Name the CMS family of TARGET, and its URL dialect: an address, asked politely, or a saved page.

    Give the address of a section: a front page shows little.
    """
    from stages.probe import family_at, family_of_file

    path = Path(target)
    found = family_of_file(path, url) if path.is_file() else family_at(target)
    click.echo(found.told if found else "unknown")
    if found is None:
        click.echo("nothing here tells the system: try the address of a section's list or of a notice", err=True)
        raise click.exceptions.Exit(1)


@portals.command("check")
@click.argument("portal_id")
@click.option("--details", default=3, show_default=True, type=click.IntRange(1, 20), help="Notices read of each section.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def portals_check(portal_id: str, details: int, as_json: bool) -> None:
    """Read one list page and a few notices of each section of PORTAL_ID and say what works; nothing is kept."""
    from stages.probe import check

    found = check(_portal(portal_id), details)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(found)
    if found["status"] not in ("complete", "empty"):
        raise click.exceptions.Exit(1)


@portals.command("new")
@click.argument("portal_id")
@click.argument("url")
@click.option("--name", required=True, help="The body's name in Chinese.")
@click.option(
    "--level",
    default="city",
    show_default=True,
    type=click.Choice(["central", "province", "city", "county", "township", "department"]),
)
@click.option("--province", required=True, help="In Chinese: 广东省.")
def portals_new(portal_id: str, url: str, name: str, level: str, province: str) -> None:
    """Print a registry entry for the portal whose section page is at URL, its family, dialect and parameters recognised there."""
    from stages.probe import new_entry

    sys.stdout.buffer.write(new_entry(portal_id, url, name=name, level=level, province=province).encode())


def _portal(portal_id: str) -> Portal:
    from stages.context import open_context

    (portal,) = open_context().portals([portal_id])
    return portal


def _print(found: dict[str, Any]) -> None:
    from gongkai.ledger import printable

    click.echo(f"{found['portal']}: {found['status']} ({counted(found['requests'], 'request')}, family {found['family']})")
    click.echo(f"  {found['meaning']}")
    for reason in found["reasons"]:
        click.echo(f"  {printable(reason)}")
    if found["sections"]:
        click.echo(f"  {printable(found['identity']['meaning'])}")
    for section in found["sections"]:
        declared = "declares no total" if section["declared_total"] is None else f"declares {section['declared_total']}"
        click.echo(f"  {printable(section['name'])}: {counted(section['rows'], 'row')} on page one, {declared}")
        for notice in section["notices"]:
            said = f"{notice['published'] or 'no date'}  {notice['genre'] or 'unread'}  {notice['characters']} characters"
            click.echo(f"    {printable(notice['title'])}\n      {said}  {counted(notice['attachments'], 'attachment')}")
