"""Removals and mass changes: what vanished is marked, never deleted, and a change too large to be true waits for a person.

A notice counts as removed when two whole walks in a row did not show it and its own page says so, too.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawlers.fetch import FetchFailed, Lane, LeadsAway
from crawlers.notices import placed
from crawlers.run import PortalRun
from crawlers.state import KnownNotice
from crawlers.warc import Record
from gongkai.errors import UnreadableInput
from gongkai.records.notice import Removal
from transforms.decode import decode
from transforms.pages import read_notice
from transforms.pages.contract import SoftError

MISSES = 2
NOT_THERE = frozenset({404, 410})
_FEW_REMOVALS, _REMOVED_SHARE = 5, 0.1
_FEW_CHANGES, _CHANGED_SHARE = 20, 0.3


async def mark_removals(run: PortalRun, lane: Lane, *, accept: bool) -> bool:
    """Look at the page of each notice that the listings no longer show. False where so many vanished that a person must decide."""
    vanished = {key: n for key, n in run.state.notices.items() if n.missed >= MISSES and n.gone is None}
    if len(vanished) > max(_FEW_REMOVALS, _REMOVED_SHARE * len(run.state.notices)) and not accept:
        run.reasons.append(
            f"{len(vanished)} of {len(run.state.notices)} notices vanished from whole listings: none is marked as removed "
            "until somebody looks (gongkai crawl ID --accept-mass-change)"
        )
        return False
    for key, notice in vanished.items():
        await _look(run, lane, key, notice)
    return True


async def _look(run: PortalRun, lane: Lane, key: str, notice: KnownNotice) -> None:
    record = None
    try:
        page = await lane.get(notice.url, purpose="removal")
        record = placed(page)
        read_notice(decode(page.payload, page.charset).text, page.url, run.portal.family)
        cause = "delisted"
    except LeadsAway:
        cause = "redirected"
    except FetchFailed as error:
        if error.status not in NOT_THERE:
            return  # could not see is not absent
        cause = f"http_{error.status}"
    except SoftError:
        cause = "soft_404"
    except UnreadableInput:
        return  # another layout is no sign of a removal
    notice.gone = cause
    run.removals.append(_removal(run, key, notice, cause, record))


def restored(run: PortalRun, key: str, notice: KnownNotice) -> None:
    """A notice that counted as removed is listed and readable again."""
    run.removals.append(_removal(run, key, notice, "restored", None))


def _removal(run: PortalRun, key: str, notice: KnownNotice, cause: str, record: Record | None) -> Removal:
    return Removal(
        portal_id=run.portal.id,
        run_id=run.run_id,
        notice_id=key,
        url=notice.url,
        title=notice.title,
        cause=cause,  # type: ignore[arg-type]  # the callers' literals
        missed=notice.missed,
        last_seen=notice.last_seen,
        warc_file=record.file if record else None,
        warc_offset=record.offset if record else None,
    )


def withhold_mass_change(run: PortalRun, before: Mapping[str, KnownNotice], *, accept: bool) -> bool:
    """Keep back new versions of known notices where a third of the portal changed at once: a new template, or another body's site.

    `before` holds the memory of each changed notice, which is put back, so that the next run finds the change again. True where it did.
    """
    if accept or len(before) <= max(_FEW_CHANGES, _CHANGED_SHARE * len(run.state.notices)):
        return False
    run.notices = [n for n in run.notices if n.notice_id not in before]
    run.attachments = [a for a in run.attachments if a.notice_id not in before]
    run.state.notices.update(before)
    run.reasons.append(
        f"{len(before)} of {len(run.state.notices)} notices changed at once: their new versions are archived and kept back "
        "until somebody looks (gongkai crawl ID --accept-mass-change)"
    )
    return True
