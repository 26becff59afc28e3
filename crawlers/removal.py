"""Removals and mass changes: what vanished is marked, never deleted, and a change too large to be true waits for a person.

A notice counts as removed when two whole walks in a row did not show it and its own page says so, too.
"""

from __future__ import annotations

from crawlers.aside import read_aside
from crawlers.fetch import FetchFailed, Lane, LeadsAway
from crawlers.notices import placed
from crawlers.own_url import own_today
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
ACCEPT = "gongkai crawl ID --rewalk --accept-mass-change"
"""Lets pass what was kept back. Without `--rewalk` a walk ends at known rows: it is no whole one, and settles no removal."""
_FEW_REMOVALS, _REMOVED_SHARE = 5, 0.1
_FEW_CHANGES, _CHANGED_SHARE = 20, 0.3
_KEPT_BACK = ("kept_back", "changes")
_UNTIL = f"their new versions are archived and kept back until somebody looks ({ACCEPT})"


async def mark_removals(run: PortalRun, lane: Lane, *, whole: bool, accept: bool) -> bool:
    """Look at the page of each notice that the listings no longer show. False where so many vanished that a person must decide.

    Nights whose listings were not walked whole settle nothing, and go on saying what waits.
    """
    vanished, known = run.state.missed(MISSES), run.state.count()
    if len(vanished) > max(_FEW_REMOVALS, _REMOVED_SHARE * known) and not (accept and whole):
        run.tell(
            f"{len(vanished)} of {known} notices vanished from whole listings: none is marked as removed until somebody looks ({ACCEPT})"
        )
        return False
    for key in vanished if whole else ():
        if notice := run.state.notice(key):
            await _look(run, lane, key, notice)
    return True


async def _look(run: PortalRun, lane: Lane, key: str, notice: KnownNotice) -> None:
    record = None
    try:
        page = await lane.get(own_today(run.portal, notice.url), purpose="removal")
        record = placed(page)
        text, family = decode(page.payload, page.charset).text, run.portal.family_in(notice.section)
        await read_aside(text, lambda: read_notice(text, page.url, family))
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
    run.state.put_notice(key, notice)
    run.removals.add(_removal(run, key, notice, cause, record))
    run.counts["removed"] += 1


def restored(run: PortalRun, key: str, notice: KnownNotice) -> None:
    """A notice that counted as removed is listed and readable again."""
    run.removals.add(_removal(run, key, notice, "restored", None))


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


def settle_changes(run: PortalRun, *, looked: bool, accept: bool) -> bool:
    """Let the new versions of known notices pass, or keep them back where a third of the portal changed at once: a new template, or
    another body's site. The memory of what is kept back stays as it was, so that a later run finds the change again; until one does
    (`looked`: it asked every known page, or a person accepts what a re-walk brings), each says that it waits.

    True where nothing waits.
    """
    changed, known = run.tonight.count_held(), run.state.count()
    if accept or changed <= max(_FEW_CHANGES, _CHANGED_SHARE * known):
        for key, notice in run.tonight.held():
            before = run.state.notice(key)
            if before and before.gone:
                restored(run, key, before)
            run.state.put_notice(key, notice)
        run.notices.take(run.held_notices)
        run.attachments.take(run.held_attachments)
        if looked:
            run.state.drop(*_KEPT_BACK)
        waits = run.state.fact(*_KEPT_BACK)
        if waits:
            run.tell(f"{_told(**waits)}, in run {waits['run_id']}: {_UNTIL}")
        return waits is None
    for key, _ in run.tonight.held():
        run.tonight.done(key, owed=True)
    run.held_notices.drop()
    run.held_attachments.drop()
    waits = {"changed": changed, "known": known, "run_id": run.run_id}
    run.state.put(*_KEPT_BACK, waits)
    run.tell(f"{_told(**waits)}: {_UNTIL}")
    return False


def _told(changed: int, known: int, **_: object) -> str:
    return f"{changed} of {known} notices changed at once"
