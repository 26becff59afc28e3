"""What nights make of a portal that changes under them: edits behind a failed page, samples, removals, early ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_process import Nights, night_id
from small_servers import Answer, Site
from warcio.archiveiterator import ArchiveIterator

from crawlers.manifest import verify_manifest
from crawlers.warc import read_record
from gongkai.errors import PortalError
from gongkai.status import RunStatus

_COUNT, _PER_PAGE = 2000, 50


def _validity(i: int, flag: str) -> str:
    return f"<table><tr><th>文号</th><td>例政发〔2025〕{i}号</td><th>有效性</th><td>{flag}</td></tr></table>"


def _detail(site: Site, i: int, *, title: str = "", flag: str = "有效", link: str = "", text: str = "请认真贯彻落实。") -> None:
    title = title or f"例市第{i}号工作要点"
    main = f'<h1>{title}</h1>{_validity(i, flag)}<div class="TRS_Editor"><p>{text * 8}（第{i}号）</p>{link}</div>'
    site.html(
        f"/zwgk/gzyd{site.path(i)}",
        main,
        extra=f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{site.day(i)}">',
    )


@pytest.mark.slow
def test_edits_behind_a_failed_list_page_are_all_kept_and_nothing_counts_as_removed(tmp_path: Path) -> None:
    """2,000 notices; 20 titles, 20 validity flags, 20 attachments and 20 bodies change, and a list page answers 404 the same night."""
    nights = Nights(tmp_path, {"manners": {"delay": 0, "concurrency": 8, "retries": 0}})
    site = nights.site
    site.trs(_COUNT, _PER_PAGE)
    for i in range(_COUNT):
        _detail(site, i)
    assert (nights.night().status, nights.outcomes[0].counts["new"]) == (RunStatus.COMPLETE, _COUNT)
    edited = [25 * n for n in range(80)]  # all over the list, most of them behind the failed page
    for n, i in enumerate(edited):
        if n % 4 == 0:
            _detail(site, i, title=f"例市第{i}号工作要点（修订）")
        elif n % 4 == 1:
            _detail(site, i, flag="废止")
        elif n % 4 == 2:
            _detail(site, i, link='<p><a href="./202503/fujian.docx">附件：分工表.docx</a></p>')
        else:
            _detail(site, i, text="各单位要按照新的分工抓好落实。")
    site.paths["/zwgk/gzyd/202503/fujian.docx"] = Answer(b"PK\x03\x04" + bytes(600), headers={"Content-Type": "application/msword"})
    whole = site.paths.pop("/zwgk/gzyd/index_7.html")
    second = nights.night(rewalk=True)
    assert (second.status, second.counts["changed"], second.counts["removed"], second.counts["missing"]) == (RunStatus.PARTIAL, 80, 0, 0)
    assert second.reasons == ["工作要点: page 8: HTTP 404", "工作要点: 350 rows seen, 2000 declared"]
    versions = {n["notice_id"]: n["version"] for n in nights.rows("notice", 1)}
    fresh = nights.rows("notice", 2)
    numbers = sorted(int(n["url"].rpartition("_")[2][:-5]) - 1000 for n in fresh)
    assert numbers == edited
    assert all(versions[n["notice_id"]] != n["version"] for n in fresh)
    assert sum(n["validity"] == "abolished" for n in fresh) == sum("修订" in n["title"] for n in fresh) == 20
    assert nights.rows("removal", 2) == []
    site.paths["/zwgk/gzyd/index_7.html"] = whole
    third = nights.night()
    assert (third.status, third.counts["changed"], third.counts["requests"]) == (RunStatus.COMPLETE, 0, 2)
    assert verify_manifest(nights.layout, "p") == []


def test_a_sample_teaches_the_next_night_nothing(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.site.trs(12, 5)
    look = nights.night(sample=1)
    assert (look.counts["new"], look.counts["listed"]) == (1, 5)
    first = nights.night()
    assert (first.status, first.counts["new"], first.counts["known"], first.counts["listed"]) == (RunStatus.COMPLETE, 12, 0, 12)
    look = nights.night(sample=1)
    assert look.counts["new"] == 0
    assert nights.night().counts["requests"] == 2
    assert verify_manifest(nights.layout, "p") == []


def test_what_an_early_stop_left_unread_is_not_missing(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.site.trs(12, 5)
    nights.night()
    quiet = nights.night()
    assert (quiet.counts["listed"], quiet.counts["missing"]) == (5, 0)


def test_a_removal_is_looked_at_as_the_sections_own_system(tmp_path: Path) -> None:
    """The portal's index is gkmlpt, this column an older system's: its page is still there, but no list shows it any more."""
    nights = Nights(tmp_path, {"family": "gkmlpt", "params": {"sid": 990001}})
    nights.portal_values["sections"] = [{"name": "工作要点", "kind": "work_plan", "entry": "/zwgk/gzyd/", "family": "trs_wcm"}]
    site = nights.site
    site.trs(12, 20)
    shell = f'<h1>例市第3号工作要点</h1><div class="TRS_Editor"><p>{"各部门要抓好落实。" * 30}</p></div>'
    site.html(f"/zwgk/gzyd{site.path(3)}", shell)
    nights.night()
    rows = "".join(site.row(i) for i in range(12) if i != 3)
    site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><script>createPageHTML(11, 1, 0, "index", "html");</script>')
    families = []
    import crawlers.removal as removal

    read = removal.read_notice

    def reading(text: str, url: str, family: str) -> object:
        families.append(family)
        return read(text, url, family)

    removal.read_notice = reading  # type: ignore[assignment]
    try:
        nights.night(rewalk=True)
        nights.night(rewalk=True)
    finally:
        removal.read_notice = read
    assert families == ["trs_wcm"]
    assert [r["cause"] for r in nights.rows("removal", 3)] == ["delisted"]


def test_a_budget_spent_in_the_middle_does_not_let_a_mass_change_pass(tmp_path: Path) -> None:
    nights = Nights(tmp_path, {"manners": {"delay": 0, "concurrency": 1, "retries": 0}})
    site = nights.site
    site.trs(60, 60)
    nights.night()
    for i in range(60):
        _detail(site, i, text="换了模板以后的正文。")
    second = nights.night(rewalk=True, portal_requests=50)
    assert second.status is RunStatus.PARTIAL
    assert "request budget is spent" in second.reasons[0]
    assert second.reasons[1].startswith("48 of 60 notices changed at once")
    assert nights.rows("notice", 2) == []
    third = nights.night(rewalk=True, accept=True)
    assert (third.status, len(nights.rows("notice", 3))) == (RunStatus.COMPLETE, 60)


def test_what_waits_for_a_person_is_told_every_night_until_somebody_looks(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(60, 20)
    nights.night()
    for i in range(60):
        _detail(site, i, text="换了模板以后的正文。")
    waits = "60 of 60 notices changed at once"
    assert nights.night(rewalk=True).reasons[0].startswith(f"{waits}: their new versions")
    quiet = nights.night()
    assert (quiet.status, quiet.counts["requests"]) == (RunStatus.PARTIAL, 2)
    assert quiet.reasons[0].startswith(f"{waits}, in run 20260302T183000Z: their new versions are archived and kept back until")
    assert nights.night(sample=1).status is RunStatus.COMPLETE, "a look is not asked for anything"
    assert nights.night(accept=True).status is RunStatus.PARTIAL, "a night that does not ask the pages again accepts nothing"
    assert nights.night(rewalk=True, accept=True).counts["changed"] == 60
    assert nights.night().status is RunStatus.COMPLETE

    shown = "".join(site.row(i) for i in range(20))
    site.html("/zwgk/gzyd/", f'<ul class="list">{shown}</ul><script>createPageHTML(20, 1, 0, "index", "html");</script>')
    for i in range(20, 60):
        del site.paths[f"/zwgk/gzyd{site.path(i)}"]
    statuses = [nights.night(rewalk=again).status for again in (True, True, False)]
    assert statuses == [RunStatus.COMPLETE, RunStatus.PARTIAL, RunStatus.PARTIAL]
    assert nights.outcomes[-1].reasons[0].startswith("40 of 60 notices vanished from whole listings")
    assert nights.night(rewalk=True, accept=True).counts["removed"] == 40
    assert {r["cause"] for r in nights.rows("removal", len(nights.outcomes))} == {"http_404"}
    assert nights.night().status is RunStatus.COMPLETE


@pytest.mark.parametrize("base", ["https://127.0.0.1:80", "http://127.0.0.2:80"])
def test_a_portal_that_moved_keeps_its_notices_and_is_asked_where_it_is_now(tmp_path: Path, base: str) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(12, 20)
    nights.night()
    nights.portal_values["base_url"] = base
    shown = "".join(site.row(i) for i in range(12) if i != 4)
    site.html("/zwgk/gzyd/", f'<ul class="list">{shown}</ul><script>createPageHTML(11, 1, 0, "index", "html");</script>')
    del site.paths[f"/zwgk/gzyd{site.path(4)}"]
    second, third = nights.night(rewalk=True), nights.night(rewalk=True)
    assert [(o.counts["new"], o.counts["changed"], o.status) for o in (second, third)] == [(0, 0, RunStatus.COMPLETE)] * 2
    (removal,) = nights.rows("removal", 3)
    assert removal["cause"] == "http_404"
    asked = [str(r["WARC-Target-URI"]) for r in _requests(nights, 3)]
    assert {url.partition("/zwgk")[0] for url in asked if "/zwgk" in url} == {base}


def _requests(nights: Nights, number: int) -> list[dict[str, str]]:
    with (nights.layout.raw_run("p", night_id(number)) / "crawl.warc.gz").open("rb") as file:
        return [dict(record.rec_headers.headers) for record in ArchiveIterator(file) if record.rec_type == "request"]


def test_attachments_of_a_notice_that_a_budget_cut_off_are_not_left_without_it(tmp_path: Path) -> None:
    nights = Nights(tmp_path, {"manners": {"delay": 0, "concurrency": 1, "retries": 0}})
    site = nights.site
    site.trs(2, 5)
    links = "".join(f'<p><a href="./202503/f{n}.docx">附件{n}.docx</a></p>' for n in range(4))
    _detail(site, 0, link=links)
    for n in range(4):
        site.paths[f"/zwgk/gzyd/202503/f{n}.docx"] = Answer(b"PK\x03\x04" + bytes(300 + n), headers={"Content-Type": "application/msword"})
    nights.night(portal_requests=5)
    assert nights.rows("notice", 1) == nights.rows("attachment", 1) == []
    second = nights.night()
    assert (second.status, len(nights.rows("notice", 2)), len(nights.rows("attachment", 2))) == (RunStatus.COMPLETE, 2, 4)


def test_a_column_names_the_archived_page_of_its_list(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.site.trs(12, 10)
    for night in (1, 2):  # the second night's answer is archived anew, whatever it confirms
        nights.night()
        (section,) = nights.rows("section_outcome", night)
        run = nights.layout.raw_run("p", section["run_id"])
        page = read_record(run / section["list_warc_file"], section["list_warc_offset"])
        assert page.url == section["list_url"] == f"{nights.site.base}/zwgk/gzyd/"
        assert section["list_seen_at"] is not None
        assert (section["meta_required"], section["meta_dirty"]) == (7, [])
        assert section["meta_missing"] == ["SiteDomain", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"]


def test_a_list_that_does_not_come_has_no_archived_page(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    nights.night()
    (section,) = nights.rows("section_outcome", 1)
    assert (section["complete"], section["list_url"], section["list_warc_file"]) == (False, None, None)
    assert (section["meta_required"], section["meta_missing"]) == (None, None)


def test_a_kept_finding_changes_no_status(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    site = nights.site
    site.trs(6, 10)
    rows = "".join(site.row(i) for i in range(6))
    site.html("/zwgk/gzyd/", f'<ul class="list">{rows}</ul><p>共2条</p>')
    outcome = nights.night()
    (section,) = nights.rows("section_outcome", 1)
    assert (outcome.status, outcome.reasons, outcome.counts["new"]) == (RunStatus.COMPLETE, [], 6)
    assert (section["declared_total"], section["findings"]) == (None, ["L-TOTAL: 2 rows declared, 6 seen: the total is not believed"])


def test_a_run_before_the_newest_one_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """As when the clock was set back between two nights."""
    nights = Nights(tmp_path)
    nights.site.trs(2)
    nights.night()
    nights.night()
    files = {p: p.read_bytes() for p in (tmp_path / "raw").rglob("*") if p.is_file()}
    nights.outcomes.pop()  # the third night is named as the second was, and the second as one that is later still
    nights.layout.raw_run("p", "20260302T183000Z").rename(nights.layout.raw_run("p", "20260309T183000Z"))
    with pytest.raises(PortalError, match="run 20260309T183000Z is later than this one"):
        nights.night()
    nights.layout.raw_run("p", "20260309T183000Z").rename(nights.layout.raw_run("p", "20260302T183000Z"))
    assert {p: p.read_bytes() for p in (tmp_path / "raw").rglob("*") if p.is_file()} == files
