"""A file that is replaced under its name leaves its page as it was: asking the page again asks for its files, too, and keeps both."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_process import Nights, night_id
from small_servers import Answer

from crawlers.archive_verify import verify_portal
from crawlers.warc import read_record
from gongkai.status import RunStatus

_FILE = "/zwgk/gzyd/202503/a.csv"


def _table(task: str) -> Answer:
    return Answer(f"序号,任务,责任单位\n1,{task},市财政局\n".encode() * 9, 200, {"Content-Type": "text/csv"})


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """A portal of two notices; the first has an attachment. One night has passed."""
    nights = Nights(tmp_path)
    nights.site.trs(2)
    page = nights.site.paths["/zwgk/gzyd" + nights.site.path(0)]
    assert isinstance(page, Answer)
    page.body = page.body.replace(b"</p></div>", b'</p><p><a href="./a.csv">a.csv</a></p></div>')
    nights.site.paths[_FILE] = _table("公开预算")
    assert nights.night().counts["attachments"] == 1
    return nights


def _stored(nights: Nights, number: int) -> list[tuple[str, bytes]]:
    """Version and bytes of the attachments that a night wrote."""
    folder = nights.layout.raw_run("p", night_id(number))
    rows = nights.rows("attachment", number)
    return [(r["version"], read_record(folder / r["warc_file"], r["warc_offset"]).payload) for r in rows]


def test_the_replaced_file_is_a_new_version_and_the_old_one_is_kept(nights: Nights) -> None:
    ((first, old),) = _stored(nights, 1)
    assert nights.night(rewalk=True).counts["changed"] == 0
    assert (nights.asked(2).count(_FILE), nights.rows("attachment", 2)) == (1, [])
    nights.site.paths[_FILE] = _table("公开决算")
    assert nights.night().counts["changed"] == 0  # no list shows it
    outcome = nights.night(rewalk=True)
    assert (outcome.status, outcome.counts["changed"], outcome.counts["attachments"]) == (RunStatus.COMPLETE, 1, 1)
    ((second, new),) = _stored(nights, 4)
    assert (old, new) == (_table("公开预算").body, _table("公开决算").body)
    assert first in {r["version"] for r in nights.rows("notice", 1)} - {second}
    assert [r["version"] for r in nights.rows("notice", 4)] == [second]
    assert nights.night(rewalk=True).counts["changed"] == 0, "the version of a replaced file is remembered"
    nights.site.paths[_FILE] = _table("公开预算")
    assert nights.night(rewalk=True).counts["changed"] == 1
    assert _stored(nights, 6)[0] not in [(first, old), (second, old)]
    assert verify_portal(nights.layout, "p").faults == []


def test_a_file_that_fails_or_is_gone_when_it_is_only_asked_again_changes_nothing(nights: Nights) -> None:
    nights.site.paths[_FILE] = Answer(b"", 503)
    failed = nights.night(rewalk=True)
    assert (failed.status, failed.counts["changed"], failed.counts["failed"]) == (RunStatus.PARTIAL, 0, 1)
    del nights.site.paths[_FILE]
    gone = nights.night(rewalk=True)
    assert (gone.status, gone.counts["changed"], nights.rows("attachment", 3)) == (RunStatus.COMPLETE, 0, [])
    nights.site.paths[_FILE] = _table("公开预算")
    assert nights.night(rewalk=True).counts["changed"] == 0


def test_files_are_asked_conditionally(nights: Nights) -> None:
    whole, tagged = _table("公开预算"), '"1"'
    nights.site.paths[_FILE] = Answer(whole.body, 200, whole.headers | {"ETag": tagged})
    assert nights.night(rewalk=True).counts["not_modified"] == 0
    nights.site.paths[_FILE] = Answer(b"", 304, {"ETag": tagged})
    outcome = nights.night(rewalk=True)
    assert (outcome.counts["not_modified"], outcome.counts["changed"], outcome.counts["failed"]) == (1, 0, 0)


def test_a_page_that_was_changed_back_and_confirmed_leads_to_its_first_payload(nights: Nights) -> None:
    """Its third answer is a revisit, so that the 304 after it confirms a revisit."""
    path = "/zwgk/gzyd" + nights.site.path(1)
    page = nights.site.paths[path]
    assert isinstance(page, Answer)
    first, other = (Answer(body, 200, page.headers | {"ETag": tag}) for body, tag in
                    ((page.body, '"a"'), (page.body.replace("认真".encode(), "坚决".encode()), '"b"')))  # fmt: skip
    for answer in (first, other, first, Answer(b"", 304, {"ETag": '"a"'})):
        nights.site.paths[path] = answer
        outcome = nights.night(rewalk=True)
    assert outcome.counts["not_modified"] == 1
    assert [fault.told for fault in verify_portal(nights.layout, "p").faults] == []
