"""Every family's dialect crawled as a portal: complete, with exactly the notices it published, and quiet on the second night."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from gongkai.ledger import StageOutcome
from gongkai.settings import Settings
from gongkai.status import RunStatus
from samples.dialects import DIALECTS
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
    with running_district(home, list(DIALECTS)) as town:
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
