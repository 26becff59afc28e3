"""A night over the sample town, end to end, against the town's truth; a second night. A killed one: test_airflow.py."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from samples.town import Town, running_town
from warehouse.compare import content, differences

GONGKAI = str(Path(sys.executable).with_name("gongkai"))


def environment(home: Path, town: Town) -> dict[str, str]:
    return {**os.environ, "GONGKAI_HOME": str(home), "GONGKAI_PORTALS": str(town.registry)}


def gongkai(home: Path, town: Town, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GONGKAI, *words], env=environment(home, town), capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one whole night. Exit status 1: some portals of the town are ill on purpose."""
    home = tmp_path_factory.mktemp("undisturbed")
    assert gongkai(home, town, "health", "--visit").returncode == 0
    done = gongkai(home, town, "night")
    assert done.returncode == 1, done.stderr[-3000:]
    return home


def query(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True) as snapshot:
        return snapshot.execute(sql).fetchall()


@pytest.mark.slow
def test_the_snapshot_agrees_with_the_towns_truth(undisturbed: Path, town: Town) -> None:
    score = gongkai(undisturbed, town, "samples", "score")
    assert score.returncode == 0, score.stdout + score.stderr
    kinds = dict(line.split(" ", 1) for line in score.stdout.splitlines())
    notices, _, total = kinds["notices"].partition("/")
    assert int(notices) == int(total) >= 60
    assert {"notices", "tasks", "metrics", "statuses"} <= set(kinds)


@pytest.mark.slow
def test_every_task_leads_back_to_its_sentence_and_its_archived_page(undisturbed: Path) -> None:
    rows = query(
        undisturbed,
        """select t.text, substr(d.body_text, t.span_start + 1, t.span_end - t.span_start),
                  n.warc_file, n.warc_offset, n.portal_id, n.run_id
           from silver.plan_task t join silver.document d using (document_id, extractor_version)
           join silver.notice n on n.notice_id = t.notice_id and n.version = t.version""",
    )
    assert len(rows) >= 20
    for text, slice_, warc_file, offset, portal, run in rows:
        assert text == slice_
        archive = undisturbed / "raw" / f"portal={portal}" / f"run={run}" / warc_file
        assert archive.read_bytes()[offset : offset + 2] == b"\x1f\x8b", "a gzip member starts where the row says"


@pytest.mark.slow
def test_statuses_cover_the_ways_a_portal_can_be_ill(undisturbed: Path) -> None:
    statuses = {s for (s,) in query(undisturbed, "select distinct status from mart.portal_status")}
    assert {"complete", "partial", "blocked", "unreachable", "wrong_site", "broken"} <= statuses


@pytest.mark.slow
def test_data_docs_are_there_and_ask_nobody(undisturbed: Path) -> None:
    pages = list((undisturbed / "docs").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text
        assert not re.search(r'<link[^<>]*href="http', text)


@pytest.mark.slow
def test_a_second_night_over_an_unchanged_town_adds_nothing_and_says_so(undisturbed: Path, town: Town) -> None:
    before = content(undisturbed / "published" / "current.duckdb")
    asked = len(town.requests)
    done = gongkai(undisturbed, town, "night")
    assert done.returncode == 1, done.stderr[-3000:]
    assert differences(content(undisturbed / "published" / "current.duckdb"), before) == []
    lines = json.loads(gongkai(undisturbed, town, "summary", "--json").stdout)
    assert sum(line["notices_new"] for line in lines) == 0
    assert sum(line["notices"] for line in lines) >= 60
    healthy = {line["portal_id"] for line in lines if line["status"] == "complete"}
    fetched = [seen.path for seen in town.requests[asked:] if seen.portal_id in healthy and "/content/" in seen.path and seen.status == 200]
    assert fetched == [], "a known notice was fetched again"


@pytest.mark.real
@pytest.mark.slow
def test_the_real_documents_go_the_same_way(tmp_path: Path) -> None:
    documents = Path(__file__).resolve().parents[3] / "shared" / "documents"
    if not documents.is_dir():
        pytest.skip("../shared/documents is not here")
    with running_town(tmp_path, real=documents) as town:
        portals = ["real-zhanjiang", "real-huanggang", "real-panjin", "real-longnan", "real-tongjiang"]
        done = gongkai(tmp_path, town, "night", *portals)
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    genres = dict(query(tmp_path, "select portal_id, genre from mart.document where part = 0"))
    assert genres == dict.fromkeys(portals, "work_plan") | {"real-panjin": "annual_report"}
    tasks = dict(query(tmp_path, "select portal_id, count(*) from mart.plan_commitment group by all"))
    assert tasks["real-zhanjiang"] >= 70
    assert tasks["real-longnan"] >= 36
    assert query(tmp_path, "select count(*) from mart.report_metric where portal_id = 'real-panjin'")[0][0] >= 20
