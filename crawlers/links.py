"""A few links of a home page, tried: which still lead somewhere. Only the portal's own, as the guard lets nothing else pass, each asked
once, by the lane's robots.txt, pace, guard and budget.

Which ones is the day's lot, so that a run and its repetition try the same and each day others. What did not answer well on its newest look
within `LOOK_BACK` visits is asked again first, up to half of the number: one look proves little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from crawlers.aside import read_aside
from crawlers.blocking import RunEnded
from crawlers.fetch import FetchFailed, Forbidden, Lane, LeadsAway, NoAnswer, TooBig, TurnedAway
from crawlers.own_url import own_url
from crawlers.removal import NOT_THERE
from crawlers.run import PortalRun
from crawlers.warc import Exchange, Record
from gongkai.identity import digest
from gongkai.layout import Layout, run_day
from gongkai.records.notice import LinkVisit
from gongkai.registry import Portal
from gongkai.status import RunStatus
from gongkai.tables import LINK_VISIT, row
from transforms.decode import decode
from transforms.pages.contract import SoftError
from transforms.pages.links import links_of, refuse_error_page

LOOK_BACK = 14
"""Visits."""
_UNWELL = frozenset({"gone", "error_page", "failed", "silent"})
_KINDS: tuple[tuple[type[FetchFailed], str], ...] = (
    (Forbidden, "refused"),
    (TurnedAway, "refused"),
    (LeadsAway, "leads_away"),
    (TooBig, "too_large"),
    (NoAnswer, "silent"),
)
_TOO_OFTEN = 429
_ERROR_PAGE = 100_000  # bytes; a larger page is more than an error text
_LONGEST_CAUSE = 300  # characters


@dataclass(frozen=True)
class Look:
    """What came of one link."""

    outcome: str
    status: int | None = None
    cause: str | None = None
    record: Record | None = None


async def try_links(run: PortalRun, lane: Lane, home: Exchange, most: int) -> None:
    """Try at most `most` links of the home page and write down what came (`link_visit.parquet` of the run).

    It changes nothing of the visit's status: the home page has answered. Where the portal turns us away the rest is left.
    """
    text = decode(home.payload, home.charset).text
    links = own_links(run.portal, await read_aside(text, lambda: links_of(text, home.url)), home.url)
    unwell = unwell_links(run.layout, run.portal.id, run.run_id)
    looks: list[tuple[str, bool, Look]] = [(url, False, Look("unlinked")) for url in unwell if url not in links]
    for url, drawn in chosen(links, unwell, str(run_day(run.run_id)), most):
        try:
            look: Look | None = await _look(lane, url)
            left = False
        except RunEnded as end:
            look, left = _at_the_end(end), True
        looks += [(url, drawn, look)] if look else []
        if left:
            break
    rows = [row(_visit(run, place, url, look, drawn, len(links))) for place, (url, drawn, look) in enumerate(looks)]
    pq.write_table(LINK_VISIT.arrow(rows), _file(run.layout.raw_partial(run.portal.id, run.run_id)), compression="zstd")


def own_links(portal: Portal, links: Sequence[str], home: str) -> list[str]:
    """Links to the portal's own host in its own transport, each once, without the home page itself."""
    own = dict.fromkeys(url for link in links if (url := own_url(portal, link)))
    return [url for url in own if url not in {home, own_url(portal, portal.base_url), own_url(portal, portal.base_url.rstrip("/") + "/")}]


def chosen(links: Sequence[str], unwell: Sequence[str], seed: str, most: int) -> list[tuple[str, bool]]:
    """The links to try, each with whether it was drawn: of `unwell` ones half of the number at most, then the lot of `seed`."""
    lot = sorted(links, key=lambda url: digest(seed, url))
    again = [url for url in lot if url in unwell][: most // 2]
    drawn = [url for url in lot if url not in again][: most - len(again)]
    return [(url, False) for url in again] + [(url, True) for url in drawn]


def unwell_links(layout: Layout, portal_id: str, run_id: str) -> list[str]:
    """Links that did not answer well when the last visits before this one looked at them for the last time."""
    newest: dict[str, str] = {}
    for earlier in [other for other in layout.raw_runs(portal_id) if other < run_id][-LOOK_BACK:]:
        path = _file(layout.raw_run(portal_id, earlier))
        if path.exists():
            table = pq.read_table(path, columns=["url", "outcome"], partitioning=None)
            newest |= {found["url"]: found["outcome"] for found in table.to_pylist()}
    return [url for url, outcome in newest.items() if outcome in _UNWELL]


async def _look(lane: Lane, url: str) -> Look:
    """Ask once. Raises RunEnded."""
    try:
        page = await lane.get(url, purpose="link", retries=0)
    except FetchFailed as error:
        return _failure(error)
    if page.content_type.endswith("html") and len(page.payload) <= _ERROR_PAGE:
        try:
            refuse_error_page(decode(page.payload, page.charset).text)
        except SoftError as error:
            return Look("error_page", page.status, str(error), page.record)
    return Look("answers", page.status, None, page.record)


def _failure(error: FetchFailed) -> Look:
    if error.status in NOT_THERE:
        outcome = "gone"
    elif error.status == _TOO_OFTEN:
        outcome = "refused"
    else:
        outcome = next((name for kind, name in _KINDS if isinstance(error, kind)), "failed")
    return Look(outcome, error.status, error.cause[:_LONGEST_CAUSE], error.record)


def _at_the_end(end: RunEnded) -> Look | None:
    """What the last request says of its link; nothing where none was sent because a budget was spent."""
    if isinstance(end.__cause__, FetchFailed):
        return _failure(end.__cause__)
    return Look("refused", cause=end.cause[:_LONGEST_CAUSE]) if end.status is RunStatus.BLOCKED else None


def _visit(run: PortalRun, position: int, url: str, look: Look, drawn: bool, page_links: int) -> LinkVisit:
    return LinkVisit(
        portal_id=run.portal.id,
        run_id=run.run_id,
        position=position,
        url=url,
        outcome=look.outcome,  # type: ignore[arg-type]  # the literals above
        http_status=look.status,
        cause=look.cause,
        drawn=drawn,
        page_links=page_links,
        warc_file=look.record.file if look.record else None,
        warc_offset=look.record.offset if look.record else None,
    )


def _file(folder: Path) -> Path:
    return folder / f"{LINK_VISIT.name}.parquet"
