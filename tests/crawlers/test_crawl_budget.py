"""Budgets: a night that spends one keeps what it read, says which, and the next goes on; the newest rows never wait."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from one_process import Nights

from crawlers.budget import Budget
from gongkai.registry import Portal
from gongkai.settings import Settings
from gongkai.status import RunStatus


def _with(tmp_path: Path, **manners: float) -> Nights:
    return Nights(tmp_path, {"manners": {"delay": 0, "concurrency": 1, "retries": 0} | manners})


def test_three_small_nights_complete_a_portal(tmp_path: Path) -> None:
    nights = _with(tmp_path, budget_requests=20)
    nights.site.trs(40, 10)
    first, second, third = nights.night(), nights.night(), nights.night()
    assert [o.status for o in nights.outcomes] == [RunStatus.PARTIAL, RunStatus.PARTIAL, RunStatus.COMPLETE]
    assert [o.counts["new"] for o in nights.outcomes] == [14, 18, 8]  # robots.txt, four list pages and page one again; then one list page
    assert first.reasons[0].endswith("the portal's request budget is spent")
    assert second.reasons == [f"http://127.0.0.1:80/zwgk/gzyd{nights.site.path(32)}: the portal's request budget is spent"]
    assert third.reasons == []
    details = nights.site.asked()
    assert details == [f"/zwgk/gzyd{nights.site.path(i)}" for i in range(40)], "first come, first served, and each once"
    (section,) = nights.rows("section_outcome", 3)
    assert (section["rows_seen"], section["rows_known"], section["complete"]) == (10, 40, True)
    assert nights.night().counts["requests"] == 2, "and then it is quiet"


def test_the_newest_rows_go_before_what_an_earlier_night_left(tmp_path: Path) -> None:
    nights = _with(tmp_path, budget_requests=20)
    nights.site.trs(40, 10)
    nights.night()
    rows = nights.site.row(90) + "".join(nights.site.row(i) for i in range(9))
    nights.site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(41, 4, 0, "index", "html");</script>')
    nights.site.detail(90)
    nights.night()
    details = [path for path in nights.asked(2) if "/t20" in path]
    assert details[:2] == [f"/zwgk/gzyd{nights.site.path(i)}" for i in (90, 14)]


def test_what_failed_waits_behind_what_was_never_tried(tmp_path: Path) -> None:
    nights = _with(tmp_path, budget_requests=20)
    nights.site.trs(30, 10)
    for i in (0, 1):
        nights.site.html(f"/zwgk/gzyd{nights.site.path(i)}", "oops", status=500)
    nights.night()
    nights.night()
    details = [path for path in nights.asked(2) if "/t20" in path]
    assert details[0] == f"/zwgk/gzyd{nights.site.path(15)}"
    assert details[-2:] == [f"/zwgk/gzyd{nights.site.path(i)}" for i in (0, 1)]


def test_rechecks_begin_with_the_pages_read_longest_ago(tmp_path: Path) -> None:
    nights = _with(tmp_path)
    nights.site.trs(30, 30)
    nights.night()
    for _ in range(2):
        assert nights.night(rewalk=True, portal_requests=20).status is RunStatus.PARTIAL
    asked = [{p for p in nights.asked(n) if "/t20" in p} for n in (2, 3)]
    assert [len(paths) for paths in asked] == [18, 18]
    assert len(asked[0] | asked[1]) == 30
    assert nights.night().counts["requests"] == 2, "rechecks left over are no debt"


def test_a_byte_budget(tmp_path: Path) -> None:
    nights = _with(tmp_path, budget_bytes=12_000)
    nights.site.trs(30, 30)
    outcome = nights.night()
    assert outcome.status is RunStatus.PARTIAL
    assert outcome.reasons[0].endswith("the portal's byte budget is spent")
    assert 12_000 <= outcome.counts["bytes"] < 13_500
    assert 0 < outcome.counts["new"] < 30


def test_lists_longer_than_a_nights_budget_come_to_their_end(tmp_path: Path) -> None:
    """Sixty notices on twelve list pages, sixteen requests a night, eight of them for lists."""
    nights = _with(tmp_path, budget_requests=16)
    nights.site.trs(60, 5)
    while nights.night().status is not RunStatus.COMPLETE and len(nights.outcomes) < 15:
        assert nights.outcomes[-1].counts["new"] >= 5, "every night reads something"
    assert [len([p for p in nights.asked(n) if "/t20" not in p]) for n in (1, 2, 3)] == [8, 9, 2]  # page one again is one more
    assert "the lists' part of the request budget is spent at page 7" in " ".join(nights.outcomes[0].reasons)
    assert sorted(nights.site.asked()) == sorted(f"/zwgk/gzyd{nights.site.path(i)}" for i in range(60))
    assert len(nights.outcomes) == 6
    assert nights.rows("section_outcome", 2)[0]["rows_known"] == 60


def test_a_portals_own_budget_goes_before_the_settings() -> None:
    values = {"id": "p", "name": "例市", "level": "city", "province": "例省", "base_url": "http://x.example", "family": "trs_wcm"}
    portal = Portal.model_validate(values | {"manners": {"budget_requests": 7}})
    made = Budget.of(portal, Settings(portal_budget=60, portal_requests=50, portal_bytes=900))
    assert (made.seconds, made.requests, made.bytes) == (60, 7, 900)
    assert [made.spent(*spent) for spent in ((0, 0), (6, 899), (7, 0), (0, 900), (4, 0, 0.5))] == [None, None, "request", "byte", "request"]
    late = replace(made, begun=made.begun - 40)
    assert (late.spent(0, 0), late.spent(0, 0, 0.5), replace(made, begun=made.begun - 61).spent(0, 0)) == (None, "time", "time")
