"""Edits that no list shows, removals, mass changes, dead links: nights over small portals that lose and change things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_servers import Servers, Site

from gongkai.ledger import StageOutcome
from gongkai.status import RunStatus
from stages.crawl import crawl

pytestmark = pytest.mark.slow  # each crawl is a process of its own
_ROWS = 12


def _list(site: Site, rows: list[int]) -> None:
    shown = "".join(site.row(i) for i in rows)
    site.html("/zwgk/gzyd/", f'<ul class="list">{shown}</ul><script>createPageHTML({len(rows)}, 1, 0, "index", "html");</script>')


@dataclass
class Nights:
    """Portals and what their nights gave."""

    servers: Servers
    outcomes: dict[str, list[StageOutcome]] = field(default_factory=dict)

    def night(self, *, accept: bool = False, rewalk: bool = True) -> None:
        number = len(next(iter(self.outcomes.values()), [])) + 1
        context = self.servers.context(f"202603{number:02d}T183000Z")
        for outcome in crawl([], context, rewalk=rewalk, accept_mass_change=accept):
            self.outcomes.setdefault(outcome.portal_id, []).append(outcome)

    def rows(self, portal: str, table: str, night: int) -> list[dict[str, Any]]:
        folder = self.servers.context().layout.raw_run(portal, f"202603{night:02d}T183000Z")
        found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet", partitioning=None).to_pylist()
        return found


@pytest.fixture(scope="module")
def nights(servers: Servers) -> Iterator[Nights]:
    """Night 1 whole; 2 edits, gone and returning rows, half the portals shaken; 3 the same again; 4 a row comes back, a person accepts."""
    sites = {name: servers.add(name) for name in ("edited", "shrunk", "emptied", "rebuilt", "linked")}
    for site in sites.values():
        site.trs(_ROWS, 20)
    del sites["linked"].paths["/zwgk/gzyd" + sites["linked"].path(3)]
    many = sites["rebuilt"]
    many.trs(40, 50)
    servers.start()
    made = Nights(servers)
    made.night()
    for i in (2, 5, 7):
        sites["edited"].detail(i, text="按照新的分工，要点作如下调整。")
    _list(sites["shrunk"], [i for i in range(_ROWS) if i not in (4, 6)])
    del sites["shrunk"].paths["/zwgk/gzyd" + sites["shrunk"].path(4)]
    _list(sites["emptied"], [0, 1])
    for i in range(40):
        many.detail(i, text="换了模板以后的正文，每一页都不一样了。")
    made.night()
    made.night()
    sites["shrunk"].trs(_ROWS, 20)
    made.night(accept=True)
    yield made


def test_edits_that_no_list_shows_become_versions(nights: Nights) -> None:
    night = nights.outcomes["edited"][1]
    assert (night.status, night.counts["changed"], night.counts["rechecked"]) == (RunStatus.COMPLETE, 3, _ROWS)
    versions = {n["notice_id"]: n["version"] for n in nights.rows("edited", "notice", 1)}
    fresh = nights.rows("edited", "notice", 2)
    assert len(fresh) == 3
    assert all(versions[n["notice_id"]] != n["version"] for n in fresh)
    assert nights.outcomes["edited"][2].counts["changed"] == 0


def test_a_removal_needs_two_whole_walks_and_the_page_itself(nights: Nights) -> None:
    assert nights.rows("shrunk", "removal", 2) == []
    causes = {r["url"].rpartition("_")[2]: (r["cause"], r["missed"]) for r in nights.rows("shrunk", "removal", 3)}
    assert causes == {"1004.html": ("http_404", 2), "1006.html": ("delisted", 2)}
    back = {r["url"].rpartition("_")[2]: r["cause"] for r in nights.rows("shrunk", "removal", 4)}
    assert back == {"1004.html": "restored", "1006.html": "restored"}
    assert [o.status for o in nights.outcomes["shrunk"]] == [RunStatus.COMPLETE] * 4


def test_a_mass_removal_waits_for_a_person(nights: Nights) -> None:
    third, fourth = nights.outcomes["emptied"][2:]
    assert (third.status, third.counts["removed"]) == (RunStatus.PARTIAL, 0)
    (told,) = (reason for reason in third.reasons if f"10 of {_ROWS} notices vanished" in reason)
    assert told.endswith("until somebody looks (gongkai crawl ID --rewalk --accept-mass-change)")
    assert (fourth.status, fourth.counts["removed"]) == (RunStatus.COMPLETE, 10)
    assert {r["cause"] for r in nights.rows("emptied", "removal", 4)} == {"delisted"}


def test_a_mass_change_is_kept_back_until_a_person_accepts_it(nights: Nights) -> None:
    _, second, third, fourth = nights.outcomes["rebuilt"]
    for night in (second, third):
        assert night.status is RunStatus.PARTIAL
        assert any("40 of 40 notices changed at once" in reason for reason in night.reasons)
    assert nights.rows("rebuilt", "notice", 2) == nights.rows("rebuilt", "notice", 3) == []
    assert (fourth.status, len(nights.rows("rebuilt", "notice", 4))) == (RunStatus.COMPLETE, 40)


def test_a_dead_link_does_not_keep_its_portal_partial_for_ever(nights: Nights) -> None:
    statuses = [o.status for o in nights.outcomes["linked"]]
    assert statuses == [RunStatus.PARTIAL, RunStatus.PARTIAL, RunStatus.COMPLETE, RunStatus.COMPLETE]
    assert any("a dead link" in reason for reason in nights.outcomes["linked"][2].reasons)
    assert nights.outcomes["linked"][2].counts["dead"] == 1
