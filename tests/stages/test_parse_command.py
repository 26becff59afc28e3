"""`gongkai parse` as a user starts it: one JSON object, or exit status 2 and one line."""

from __future__ import annotations

import json
import subprocess
import sys
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
