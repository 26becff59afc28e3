"""Re-extraction of one portal of the sample town, its server long gone: what is told, what is applied, what stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import stages.extract
import transforms.parse
from gongkai.errors import GongkaiError, UnreadableInput
from gongkai.layout import Layout
from gongkai.settings import Settings
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES
from samples.town import running_town
from stages.audit import audit, audit_whole
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.extract import extract
from stages.load import build_marts, load
from stages.reextract import Wanted, reextract
from stages.reextract_command import reextract as command
from stages.reextract_review import review
from transforms.pages.contract import PageFields

PORTAL, RUN, LATER = "sample-bochuan", "20260301T183000Z", "20260302T183000Z"
OLDER, TODAY = "0.0.9", stages.extract.EXTRACTOR_VERSION


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one night of the portal, crawled and extracted by today's readers."""
    home = tmp_path_factory.mktemp("archived")
    with running_town(home) as town:
        ctx = open_context(RUN, Settings(home=home, portals=town.registry))
        (outcome,) = crawl([PORTAL], ctx)
        assert outcome.counts["new"] > 5
    assert extract(PORTAL, ctx).counts["tasks"] > 10
    return home


@pytest.fixture
def ctx(archived: Path, tmp_path: Path) -> RunContext:
    """A copy of it, the day after."""
    home = tmp_path / "home"
    shutil.copytree(archived, home)
    return context(home)


def context(home: Path) -> RunContext:
    return open_context(LATER, Settings(home=home, portals=home / "sample-registry.yaml"))


def silver(layout: Layout) -> dict[str, bytes]:
    """Every file of the batch; the commit under its own name."""
    files = {t: layout.silver(t, PORTAL, RUN).read_bytes() for t in (*CRAWL_TABLES, *DOCUMENT_TABLES)}
    return files | {"_commit": layout.silver_commit(PORTAL, RUN).read_bytes()}


def rows(layout: Layout, table: str) -> list[dict[str, Any]]:
    return [dict(r) for r in pq.read_table(layout.silver(table, PORTAL, RUN), partitioning=None).to_pylist()]


@contextmanager
def other_readers(monkeypatch: pytest.MonkeyPatch, version: str = OLDER) -> Iterator[None]:
    """Readers of another version: they take a remark for a part of the title, and know no source."""
    read = transforms.parse.read_notice

    def otherwise(*given: Any) -> PageFields:
        fields = read(*given)
        return replace(fields, title=fields.title and f"{fields.title}（旧）", source=None)

    with monkeypatch.context() as patch:
        patch.setattr(transforms.parse, "read_notice", otherwise)
        patch.setattr(stages.extract, "EXTRACTOR_VERSION", version)
        yield


def read_by_older(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Silver as an older release left it; returns what today's readers had read."""
    today = silver(ctx.layout)
    with other_readers(monkeypatch):
        extract(PORTAL, replace(ctx, run_id=RUN))
    assert silver(ctx.layout)["document"] != today["document"]
    return today


def test_the_same_readers_change_nothing(ctx: RunContext) -> None:
    before = silver(ctx.layout)
    report = reextract([], ctx, Wanted(apply=True))
    assert [(b.portal_id, b.run_id, b.before, b.differs, b.applied) for b in report.batches] == [(PORTAL, RUN, TODAY, False, False)]
    assert not any(diff.differs for diff in report.tables.values())
    assert (report.failed, report.unreadable, report.examples) == ({}, [], [])
    assert silver(ctx.layout) == before
    raw = pq.read_table(ctx.layout.raw_run(PORTAL, RUN) / "notice.parquet", partitioning=None)
    assert rows(ctx.layout, "notice") == raw.to_pylist(), "read again, a page says of its notice what it said to the crawl"


def test_pages_say_which_meta_tags_they_lack(ctx: RunContext) -> None:
    """None, in this portal; attachments carry no tags, and nothing is said of them."""
    pages, files = ([r for r in rows(ctx.layout, "document") if (r["part"] == 0) is page] for page in (True, False))
    assert {(r["meta_required"], tuple(r["meta_missing"]), tuple(r["meta_dirty"])) for r in pages} == {(8, (), ())}
    assert {(r["meta_required"], r["meta_missing"]) for r in files} == {(None, None)}
    assert {(r["meta_required"], tuple(r["meta_missing"])) for r in rows(ctx.layout, "section_outcome")} == {(7, ())}


def test_silver_is_made_again_from_the_archive_alone(ctx: RunContext) -> None:
    before = silver(ctx.layout)
    shutil.rmtree(ctx.layout.home / "silver")
    report = reextract([PORTAL], ctx, Wanted(apply=True))
    assert [(b.before, b.applied) for b in report.batches] == [(None, True)]
    assert report.tables["notice"].added == len(rows(ctx.layout, "notice"))
    assert silver(ctx.layout) == before


def test_without_apply_it_only_tells(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    today = read_by_older(ctx, monkeypatch)
    older = silver(ctx.layout)
    report = reextract([], ctx, Wanted())
    notices = {n["notice_id"]: n for n in rows(ctx.layout, "notice")}
    assert silver(ctx.layout) == older
    assert [(b.before, b.after, b.differs, b.applied) for b in report.batches] == [(OLDER, TODAY, True, False)]
    assert (report.tables["notice"].changed, report.tables["notice"].added) == (len(notices), 0)
    assert report.tables["notice"].fields["title"] == len(notices)
    assert report.tables["notice"].fields.keys() <= {"title", "source"}
    example = next(e for e in report.examples if (e["table"], e["field"]) == ("notice", "title"))
    notice = notices[str(example["notice_id"])]
    assert example["portal_id"] == PORTAL
    assert (example["old"], example["url"]) == (notice["title"], notice["url"])
    assert example["old"] == f"{example['new']}（旧）"
    folder = ctx.layout.reextraction(LATER)
    assert json.loads((folder / "summary.json").read_text())["tables"]["notice"]["changed"] == len(notices)
    changes = pq.read_table(folder / "changes.parquet").to_pylist()
    assert example in changes
    assert sum(c["table"] == "notice" and c["field"] == "title" for c in changes) == len(notices)
    assert not ctx.layout.staged.home.exists()
    assert today != older


def test_applied_it_is_todays_reading_and_ids_stay(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    today = read_by_older(ctx, monkeypatch)
    names = [(n["notice_id"], n["version"]) for n in rows(ctx.layout, "notice")]
    raw = (ctx.layout.raw_run(PORTAL, RUN) / "notice.parquet").read_bytes()
    assert reextract([], ctx, Wanted(apply=True)).batches[0].applied
    assert silver(ctx.layout) == today
    assert [(n["notice_id"], n["version"]) for n in rows(ctx.layout, "notice")] == names
    assert (ctx.layout.raw_run(PORTAL, RUN) / "notice.parquet").read_bytes() == raw
    assert not reextract([], ctx, Wanted(apply=True)).batches[0].differs


def test_killed_while_it_is_applied_and_run_again(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first file, between two, before the commit: there is no batch, never a mixture that counts."""
    today = read_by_older(ctx, monkeypatch)
    older = silver(ctx.layout)
    move = Path.replace
    for most in (0, 6, len(CRAWL_TABLES) + len(DOCUMENT_TABLES)):
        left = [most]

        def until(self: Path, target: Path, left: list[int] = left) -> Path:
            if "staged" in self.parts and "staged" not in Path(target).parts:
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
            return move(self, target)

        for name, content in older.items():
            path = ctx.layout.silver_commit(PORTAL, RUN) if name == "_commit" else ctx.layout.silver(name, PORTAL, RUN)
            path.write_bytes(content)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Path, "replace", until)
            reextract([], ctx, Wanted(apply=True))
        assert ctx.layout.silver_runs(PORTAL) == [], most
        if most:
            reextract([], ctx, Wanted(apply=True))
            assert silver(ctx.layout) == today
    ctx.layout.silver_commit(PORTAL, RUN).unlink()
    extract(PORTAL, ctx)
    assert silver(ctx.layout) == today, "the night's extract mends it too"


def test_a_genre_alone(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    today = read_by_older(ctx, monkeypatch)
    plans = {d["notice_id"] for d in rows(ctx.layout, "document") if d["genre"] == "work_plan"}
    assert plans
    report = reextract([], ctx, Wanted(genre="work_plan", apply=True))
    assert report.tables["notice"].changed == len(plans) < len(rows(ctx.layout, "notice"))
    versions = {(d["notice_id"] in plans, d["extractor_version"]) for d in rows(ctx.layout, "document")}
    assert versions == {(True, TODAY), (False, OLDER)}
    assert json.loads(ctx.layout.silver_commit(PORTAL, RUN).read_text())["extractor_version"] == OLDER, "the batch still waits for the rest"
    kept = silver(ctx.layout)
    extract(PORTAL, ctx)
    assert silver(ctx.layout) == kept, "a night reads nothing anew that an older extractor read: nobody has approved it"
    reextract([], ctx, Wanted(apply=True))
    assert silver(ctx.layout) == today


def test_a_year_alone_and_only_as_approved(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    read_by_older(ctx, monkeypatch)
    older = silver(ctx.layout)
    years = {n["notice_id"]: int(str(n["published_at"] or n["list_date"])[:4]) for n in rows(ctx.layout, "notice")}
    year = max(years.values())
    of_year = {notice for notice, published in years.items() if published == year}
    assert len(of_year) < len(years)
    with pytest.raises(GongkaiError, match=f"extractor 9 was approved, but today's is {TODAY}"):
        reextract([], ctx, Wanted(year=year, apply=True, version="9"))
    assert silver(ctx.layout) == older
    report = reextract([], ctx, Wanted(year=year, apply=True, version=TODAY))
    assert report.tables["notice"].changed == len(of_year)
    assert "**notice**: " in review(report) and "（旧）` → `" in review(report)
    versions = {(d["notice_id"] in of_year, d["extractor_version"]) for d in rows(ctx.layout, "document")}
    assert versions == {(True, TODAY), (False, OLDER)}


def test_a_damaged_record_takes_nothing_away(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    read_by_older(ctx, monkeypatch)
    older = silver(ctx.layout)
    plan = next(d["notice_id"] for d in rows(ctx.layout, "document") if d["genre"] == "work_plan")
    notice = next(n for n in rows(ctx.layout, "notice") if n["notice_id"] == plan)
    path = ctx.layout.raw_run(PORTAL, RUN) / notice["warc_file"]
    content = bytearray(path.read_bytes())
    content[notice["warc_offset"] + 300] ^= 0x55
    path.write_bytes(content)
    report = reextract([], ctx, Wanted(apply=True))
    assert list(report.failed) == [f"{PORTAL}/{RUN}"]
    told = f"{notice['url']}: crawl.warc.gz@{notice['warc_offset']}: "
    assert report.failed[f"{PORTAL}/{RUN}"].startswith(told)
    assert silver(ctx.layout) == older
    outcome = extract(PORTAL, replace(ctx, run_id=RUN))
    assert (len([r for r in outcome.reasons if r.startswith(told)]), outcome.counts["batches"]) == (1, 0)
    assert silver(ctx.layout) == older, "the night's extract does not forget it either"
    path.unlink()
    assert reextract([], ctx, Wanted(apply=True)).failed
    assert silver(ctx.layout) == older


def test_runs_outside_the_bounds_and_unknown_portals(ctx: RunContext) -> None:
    with pytest.raises(GongkaiError, match="no archived run to read again"):
        reextract([], ctx, Wanted(since=LATER))
    with pytest.raises(GongkaiError, match="unknown portal nobody"):
        reextract(["nobody"], ctx, Wanted())
    shutil.copytree(ctx.layout.portal_dir(PORTAL), ctx.layout.portal_dir("nobody"))
    assert reextract([], ctx, Wanted(since=RUN, until=RUN)).unregistered == ["nobody"]


def test_the_command(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    read_by_older(ctx, monkeypatch)
    monkeypatch.setenv("GONGKAI_HOME", str(ctx.layout.home))
    monkeypatch.setenv("GONGKAI_PORTALS", str(ctx.settings.portals))
    told = CliRunner().invoke(command, [PORTAL], catch_exceptions=False)
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == f"1 batch read again (extractor {OLDER} → {TODAY}), 1 differs, nothing applied"
    count = len(rows(ctx.layout, "notice"))
    assert f"notice: same 0  moved 0  changed {count}  added 0  removed 0" in lines
    assert f"  title: {count}" in lines
    assert lines[-1].endswith("changes.parquet")
    applied = json.loads(CliRunner().invoke(command, ["--apply", "--json"], catch_exceptions=False).stdout)
    assert [b["applied"] for b in applied["batches"]] == [True]
    with pytest.raises(GongkaiError, match="'yesterday' is no run id"):
        CliRunner().invoke(command, ["--since", "yesterday"], catch_exceptions=False)


@pytest.mark.slow
def test_both_readings_are_in_the_warehouse_and_the_marts_show_the_new_one(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page is read by the older readers alone: what they read of it is history too, and what the new ones say of it is shown."""
    read_by_older(ctx, monkeypatch)
    audit([PORTAL], ctx)
    load(ctx)
    before = ask(ctx, "SELECT count(*) FROM silver.document")[0][0]
    read, refused = transforms.parse.read_notice, next(d for d in rows(ctx.layout, "document") if d["genre"] == "work_plan")
    address = next(n["url"] for n in rows(ctx.layout, "notice") if n["notice_id"] == refused["notice_id"])

    def refuse(html: str, url: str | None, family: str | None = None) -> PageFields:
        if url == address:
            raise UnreadableInput("no page of ours")
        return read(html, url, family)

    with monkeypatch.context() as patch:
        patch.setattr(transforms.parse, "read_notice", refuse)
        report = reextract([], ctx, Wanted(apply=True))
    assert [told.partition(": ")[2] for told in report.unreadable] == [f"{address}: no page of ours"]
    audit([PORTAL], ctx)
    load(ctx)
    build_marts(ctx)
    audit_whole(ctx)

    versions = ask(ctx, "SELECT extractor_version, count(*) FROM silver.document GROUP BY 1 ORDER BY 1")
    assert versions == [(OLDER, before), (TODAY, len(rows(ctx.layout, "document")))]
    assert ask(ctx, "SELECT DISTINCT extractor_version FROM silver.plan_task ORDER BY 1") == [(OLDER,), (TODAY,)]
    for mart in ("document", "plan_commitment", "plan_unit", "plan_deadline", "report_metric"):
        assert ask(ctx, f"SELECT DISTINCT extractor_version FROM mart.{mart}") == [(TODAY,)]  # noqa: S608  our own names
    titles = dict(ask(ctx, "SELECT notice_id, title FROM mart.notice"))
    assert titles == {n["notice_id"]: n["title"] for n in rows(ctx.layout, "notice")}
    assert ask(ctx, "SELECT count(*) FROM mart.document WHERE document_id = ?", refused["document_id"]) == [(0,)]
    shown = ask(ctx, "SELECT rule, extractor_version FROM mart.finding WHERE document_id = ?", refused["document_id"])
    assert shown == [("D-READ", TODAY)]


def ask(ctx: RunContext, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(ctx.layout.warehouse), read_only=True) as connection:
        return connection.execute(query, values or None).fetchall()
