"""`gongkai archive …` as it is typed: what is printed, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from crawlers.manifest import write_manifest
from crawlers.warc import ArchiveWriter, Sent
from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.ledger import StageOutcome, record
from gongkai.status import RunStatus
from gongkai.tables import TABLES
from stages.archive_command import archive
from stages.evidence import payload_text, record_text, run_page

RUN = "20260301T183000Z"
URL = "http://lishi.example/zwgk/a.html"
PAGE = "<!DOCTYPE html><html><body><h1>例市\x1b[2J通知\x07</h1>\r\n<p>正文</p></body></html>".encode()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of one portal: a page and a picture."""
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    layout = Layout(tmp_path)
    folder = layout.raw_partial("lishi", RUN)
    folder.mkdir(parents=True)
    writer = ArchiveWriter(folder, "lishi", RUN, {})
    writer.answer(Sent("GET", URL, [("User-Agent", "t")]), 200, [("Content-Type", "text/html; charset=utf-8"), ("X-Odd", "a\x1bb")], PAGE)
    writer.answer(Sent("GET", f"{URL}.png", []), 200, [("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n" + bytes(40))
    writer.close()
    for name in ("notice", "attachment", "removal"):
        pq.write_table(TABLES[name].arrow([]), folder / f"{name}.parquet")
    write_manifest(folder, layout, "lishi", RUN)
    folder.rename(layout.raw_run("lishi", RUN))
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(archive, words, catch_exceptions=False)


def record_of(url: str) -> str:
    found = run("find", url, "--json")
    return str(json.loads(found.stdout)["record"])


def test_verify_says_whole_or_what_is_wrong(home: Path) -> None:
    done = run("verify")
    assert (done.exit_code, done.stdout.startswith("lishi: whole: 1 run, 7 records, ")) == (0, True)
    assert run("verify", "lishi", "--json").exit_code == 0
    heads = home / "heads"
    heads.write_text(run("head").stdout)
    assert run("verify", "--head", str(heads)).exit_code == 0
    (home / "raw" / "portal=lishi" / f"run={RUN}" / "removal.parquet").unlink()
    done = run("verify", "--json")
    assert done.exit_code == 1
    out = json.loads(done.stdout)
    assert (out["whole"], out["heads"]) == (False, [])
    assert out["portals"][0]["faults"] == [
        {"portal_id": "lishi", "run_id": RUN, "file": "removal.parquet", "record": None, "cause": "is missing"}
    ]
    lines = run("verify").stdout.splitlines()
    assert lines[0] == f"lishi/{RUN}/removal.parquet: is missing"
    assert lines[1].startswith("lishi: 1 fault: ")
    heads.write_text(heads.read_text().replace(RUN, "20260302T183000Z"))
    assert "was noted as the head of the chain" in run("verify", "--head", str(heads)).stdout


def test_nothing_archived_is_an_error(home: Path) -> None:
    with pytest.raises(GongkaiError, match="nothing is archived of nobody below"):
        run("verify", "nobody")


def test_find(home: Path) -> None:
    done = run("find", URL.replace("http:", "https:"))
    moment, status, kind, size, digest, record = (part for part in done.stdout.strip().split("  "))
    assert (status, kind, size, record.startswith(f"lishi/{RUN}/crawl.warc.gz@")) == ("200", "text/html", str(len(PAGE)), True)
    assert digest.startswith("sha1:")
    assert len(moment) == len("2026-03-02 02:30:00")
    assert [json.loads(line)["url"] for line in run("find", "--prefix", URL, "--json").stdout.splitlines()] == [URL, f"{URL}.png"]
    missing = run("find", f"{URL}l")
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_show(home: Path, tmp_path: Path) -> None:
    page, picture = record_of(URL), record_of(f"{URL}.png")
    assert run("show", page).stdout_bytes == PAGE, "a pipe gets the bytes"
    out = tmp_path / "out.png"
    assert run("show", picture, "--out", str(out)).stdout == ""
    assert out.read_bytes().startswith(b"\x89PNG")
    lines = run("show", page, "--headers").stdout.splitlines()
    assert "HTTP/1.1 200 OK" in lines
    assert "X-Odd: a b" in lines
    assert "GET /zwgk/a.html HTTP/1.1" in lines
    assert f"payload-bytes: {len(PAGE)}" in lines
    info = run("show", f"{page.partition('@')[0]}@0").stdout.splitlines()
    assert info[0].startswith("# warcinfo <urn:uuid:")
    assert "software: gongkai" in info


def test_a_terminal_gets_no_control_characters_and_nothing_binary(home: Path) -> None:
    assert payload_text(PAGE, "utf-8", "x") == "<!DOCTYPE html><html><body><h1>例市\ufffd[2J通知\ufffd</h1>\n<p>正文</p></body></html>"
    assert payload_text(b'{"rows": []}', None, "x") == '{"rows": []}'
    with pytest.raises(GongkaiError, match=r"x: 48 bytes that are no text: gongkai archive show x --out FILE keeps them"):
        payload_text(b"\x89PNG\r\n\x1a\n" + bytes(40), None, "x")


def test_size_and_index(home: Path) -> None:
    out = json.loads(run("size", "--json").stdout)
    assert out["months"][0] == out["total"] | {"portal_id": "lishi", "month": "2026-03"}
    assert (out["total"]["answers"], out["total"]["revisits"]) == (2, 0)
    assert "lishi" in run("size").stdout
    folder = Path(run("index").stdout.strip())
    assert [p.name for p in folder.iterdir()] == [f"lishi.{RUN}.cdxj"]


def test_the_command_hangs_on_gongkai(home: Path) -> None:
    gongkai = str(Path(sys.executable).with_name("gongkai"))
    done = subprocess.run([gongkai, "archive", "show", "no-record"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, "gongkai: 'no-record' cites no record (expected PORTAL/RUN/crawl.warc.gz@OFFSET)\n")


def test_the_evidence_page_of_a_run(home: Path) -> None:
    layout = Layout(home)
    hostile = "http://lishi.example/a.html: <script>alert(1)</script>"
    outcome = StageOutcome(
        run_id=RUN, portal_id="lishi", stage="crawl", status=RunStatus.PARTIAL, started_at="", finished_at="", reasons=[hostile]
    )
    record(layout, outcome)
    page = run_page(layout, "lishi", RUN)
    assert "2026-03-02 02:30:00 (Asia/Shanghai)" in page
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    assert '<span class="bad">partial</span>' in page
    cited = record_of(URL)
    assert f"record?place={cited}".replace("@", "%40") in page and "2 answers." in page
    assert record_text(layout, cited).startswith("<!DOCTYPE html><html><body><h1>例市\ufffd[2J")
    with pytest.raises(GongkaiError, match="48 bytes that are no text"):
        record_text(layout, record_of(f"{URL}.png"))
    for portal_id, run_id in (("../lishi", RUN), ("lishi", ".."), ("lishi", "20260302T183000Z"), ("hushi", RUN)):
        with pytest.raises(GongkaiError, match=r"no portal id and run id|nothing is known of run"):
            run_page(layout, portal_id, run_id)
