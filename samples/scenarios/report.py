"""What the scenarios say: a table of a run, and the page of the documentation that is generated from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from samples.scenarios.catalogue import ROOMS
from samples.scenarios.model import REWALK, Night, Scenario
from samples.scenarios.run import Result

PAGE = "docs/scenarios.md"
_HEAD = f"""# Scenarios

Written by `gongkai samples scenarios --markdown > {PAGE}`; a test compares.

Each scenario is a portal of the sample town with one fault. `make scenarios` serves them all at once and crawls each night in one process,
with healthy portals between them, so that a fault that harmed a neighbour would show. A scenario passes where the crawl ends in the
expected status (complete, partial, empty, blocked, unreachable, broken, wrong_site), its reasons say why, and exactly the expected
notices were written; besides, nothing may ever connect to the trap, an address on loopback to which links, redirects and lists lead.

`→` separates nights. Night {REWALK + 1} is a re-walk: every listing is walked whole, every known page asked again.
"""


def expected(night: Night) -> str:
    """A night's expectation in a few words."""
    want = night.expected
    count = len(night.notices) if want.read is None else len(want.read)
    parts = [f"{want.status.value}, {count} read"]
    parts += [f"attachments {', '.join(want.attachments)}"] if want.attachments and len(set(want.attachments)) > 1 else []
    parts += [f"attachment {want.attachments[0]}"] if want.attachments and len(set(want.attachments)) == 1 else []
    parts += [f"{number} {cause}" for number, cause in want.removals.items()]
    parts += [f"says “{want.says}”"] if want.says else []
    return "; ".join(parts)


def markdown() -> str:
    """The page of the documentation."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for room, scenarios in ROOMS.items():
        yield f"## {room}\n"
        yield "| scenario | what the portal does | status and rows |\n|---|---|---|"
        for scenario in scenarios:
            yield f"| `{scenario.name}` | {scenario.does} | {' → '.join(expected(n) for n in scenario.nights)} |"
        yield ""


def by_scenario(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Results of all nights by the scenario's name, in the catalogue's order."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.scenario.name, []).append(result)
    return found


def table(results: dict[str, list[Result]]) -> Table:
    """Scenario, expected, got; what failed says how."""
    shown = Table("", "scenario", "expected", "got", box=None, pad_edge=False)
    for name, nights in results.items():
        passed = all(r.passed for r in nights)
        got = " → ".join(r.got for r in nights)
        wrongs = [f"night {r.night + 1}: {wrong}" for r in nights for wrong in r.wrongs]
        shown.add_row("ok" if passed else "FAILED", name, _told(nights[0].scenario), "\n".join([got, *wrongs]))
    return shown


def _told(scenario: Scenario) -> str:
    return " → ".join(expected(n) for n in scenario.nights)
