"""`gongkai parse` as a user starts it: one JSON object, or exit status 2 and one line."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def _run(*args: str) -> subprocess.CompletedProcess[str]:
    code = "from stages.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "parse", *args], capture_output=True, text=True, timeout=120, encoding="utf-8", check=False
    )


def test_prints_one_json_object(tmp_path: Path) -> None:
    file = tmp_path / "样例.txt"
    file.write_text("样例市财政局2021年政府信息公开工作年度报告\n一、总体情况\n2021年收到申请3件。\n", encoding="utf-8")
    done = _run(str(file), "--published", "2022-01-20")
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    assert parsed["title"] == "样例市财政局2021年政府信息公开工作年度报告"
    assert (parsed["genre"], parsed["report_year"], parsed["published_at"]) == ("annual_report", 2021, "2022-01-20")
    assert done.stdout.count("\n") == 1


def test_url_makes_links_absolute(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(
        "<html><body><h1>关于报送材料的通知</h1><p>各单位：</p><p>请于本月底前把有关材料报送市政府办公室。</p>"
        "<a href='b.pdf'>材料清单.pdf</a></body></html>",
        encoding="utf-8",
    )
    parsed = json.loads(_run(str(file), "--url", "http://www.example.gov.cn/x/a.html").stdout)
    assert parsed["attachments"] == [{"name": "材料清单.pdf", "url": "http://www.example.gov.cn/x/b.pdf"}]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"\x7fELF\x01\0\0\0\0", "binary"), (b"%PDF-1.4\n", "PDF"), (b"PK\x03\x04xx", "zip")]
)
def test_unreadable_files_end_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(content)
    done = _run(str(file))
    assert done.returncode == 2
    assert done.stdout == ""
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        done = _run(str(path))
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert done.stderr.count("\n") == 1


def _archive(path: Path) -> Path:
    plan = "样例市2021年政务公开工作要点\n一、公开预算。（责任单位：市财政局）\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("附件/要点.txt", plan.encode("gbk"))
        archive.writestr("附件/图.jpg", b"\xff\xd8\xff\xe0")
    return path


def test_one_file_of_an_archive_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    file = _archive(tmp_path / "附件.zip")
    for member in ("附件/要点.txt", "1"):
        done = _run(str(file), "--member", member)
        assert done.returncode == 0, done.stderr
        assert [task["lead_units"] for task in json.loads(done.stdout)["tasks"]] == [["市财政局"]]
    done = _run(str(file), "--member", "图.jpg")
    assert (done.returncode, done.stdout) == (2, "")
    assert "character recognition" in done.stderr


@pytest.mark.parametrize(("words", "why"), [((), "an archive"), (("--member", "无.txt"), "no '无.txt' in it")])
def test_without_a_choice_the_files_of_an_archive_are_listed(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    done = _run(str(_archive(tmp_path / "附件.zip")), *words)
    assert (done.returncode, done.stdout) == (2, "")
    first, second, last = done.stderr.splitlines()
    assert (first.split()[0], first.split()[2], second.split()[2]) == ("1", "附件/要点.txt", "附件/图.jpg")
    assert last.endswith(f"附件.zip: {why}: choose one of its 2 files with --member NAME")


def test_a_member_of_what_is_no_archive_and_an_old_word_file_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_text("正文", encoding="utf-8")
    assert "no zip archive, so there is no '1' in it" in _run(str(file), "--member", "1").stderr
    monkeypatch.setenv("GONGKAI_OFFICE", "")
    old = tmp_path / "a.wps"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(600))
    done = _run(str(old))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "LibreOffice" in done.stderr
