"""Every family's dialect crawled as a portal: complete, with exactly the notices it published, and quiet on the second night."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from gongkai.ledger import StageOutcome
from gongkai.settings import Settings
from gongkai.status import RunStatus
from samples.dialects import ALL_DIALECTS, BROKEN_DIALECTS, DIALECTS
from samples.district import district, running_district
from samples.town import Town
from stages.context import RunContext, open_context
from stages.crawl import crawl

NIGHTS = ("20260303T183000Z", "20260304T183000Z")
Crawled = tuple[Town, list[RunContext], list[dict[str, StageOutcome]]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Two nights over one portal of every family."""
    home = tmp_path_factory.mktemp("district")
    with running_district(home, list(ALL_DIALECTS)) as town:
        contexts = [open_context(night, Settings(home=home, portals=town.registry)) for night in NIGHTS]
        yield town, contexts, [{o.portal_id: o for o in crawl([p.id for p in ctx.portals()], ctx)} for ctx in contexts]


@pytest.mark.parametrize("family", DIALECTS)
def test_a_portal_of_each_family_is_complete(crawled: Crawled, family: str) -> None:
    _, (context, _), (outcomes, again) = crawled
    ((portal, content),) = district([family])
    assert (outcomes[portal.id].status, outcomes[portal.id].reasons) == (RunStatus.COMPLETE, [])
    rows = pq.read_table(context.layout.raw_run(portal.id, context.run_id) / "notice.parquet").to_pylist()
    assert sorted((r["title"], (r["published_at"] or "")[:10], r["doc_number"], r["section"]) for r in rows) == sorted(
        (n.title, n.published.date().isoformat(), n.doc_number, n.section) for n in content.notices
    )
    counts = again[portal.id].counts
    assert (again[portal.id].status, counts["new"], counts["changed"]) == (RunStatus.COMPLETE, 0, 0)
    assert counts["requests"] <= outcomes[portal.id].counts["requests"] - len(rows)


def test_a_list_that_a_script_draws_is_broken_and_says_so(crawled: Crawled) -> None:
    outcome = _outcome(crawled, "generic.x_glist")
    assert outcome.status is RunStatus.BROKEN
    assert len(outcome.reasons) == 2
    assert outcome.reasons[0].startswith("规范性文件: rows are drawn by script ($.ajax()")
    assert outcome.reasons[0].endswith("; glist.html draws its rows by script, and the service behind it is unknown")


def test_a_page_one_that_a_script_draws_leaves_the_section_partial(crawled: Crawled) -> None:
    """江阴: index.shtml is a shell, index_2.shtml is a file."""
    (portal, content), *_ = district(["generic.x_intertid.shell"])
    outcome = _outcome(crawled, "generic.x_intertid.shell")
    assert outcome.status is RunStatus.PARTIAL
    address = crawled[0].addresses[portal.id]
    shell = f"L-SHELL: the rows of page one are drawn by script and were not read: {address}/xxgk/lm1/index.shtml"
    assert outcome.reasons[0] == f"规范性文件: {shell}"
    context = crawled[1][0]
    rows = pq.read_table(context.layout.raw_run(portal.id, context.run_id) / "notice.parquet").to_pylist()
    newest_first = [[n.title for n in content.notices if n.section == section.name] for section in portal.sections]
    assert sorted(r["title"] for r in rows) == sorted(titles[5] for titles in newest_first)  # six a section, five of them on page one


def test_days_that_no_row_prints_come_from_the_address(crawled: Crawled) -> None:
    ((portal, content),) = district(["generic.x_intertid"])
    context = crawled[1][0]
    entries = pq.read_table(context.layout.raw_run(portal.id, context.run_id) / "list_entry.parquet").to_pylist()
    assert sorted((e["title"], e["date"]) for e in entries) == sorted((n.title, n.published.date()) for n in content.notices)


def test_no_dialect_is_both_whole_and_broken() -> None:
    assert not DIALECTS.keys() & BROKEN_DIALECTS.keys()


def _outcome(crawled: Crawled, family: str) -> StageOutcome:
    ((portal, _),) = district([family])
    return crawled[2][0][portal.id]
