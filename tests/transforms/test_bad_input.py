"""Hostile and broken input: bounded time and memory, a finding or a refusal that says why, no crash, no invented text.

Every file is read in one child process whose memory is limited, so that a bomb that goes off cannot take the test run with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bad_files import MAKERS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from work_spent import assert_grows

from transforms.parse import parse

MEMORY = 1_500_000_000
"""Address space of the child, in bytes; Python with all readers takes about a third of it."""
SECONDS = 25.0
"""CPU time of one file; the slowest takes about 6 s alone on one core."""

_READ = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from gongkai.errors import UnreadableInput
from transforms.parse import parse
for path in sorted(Path(sys.argv[2]).iterdir()):
    began = time.process_time()
    said = {"name": path.name}
    try:
        read = parse(path.read_bytes(), name=path.name)
        said |= {"title": read.title, "text": read.body_text[-200:], "length": len(read.body_text), "tasks": len(read.tasks),
                 "genre": read.genre, "rules": sorted({f.rule for f in read.findings}),
                 "quoted": all(read.body_text[t.start:t.end] == t.text for t in read.tasks)}
        read.body_text.encode()
    except UnreadableInput as error:
        said["refused"] = str(error)
    except MemoryError:
        said["refused"] = "MEMORY"
    said["seconds"] = time.process_time() - began
    print(json.dumps(said), flush=True)
"""

# --- what must come of them ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bad")
    for name, make in MAKERS.items():
        (folder / name).write_bytes(make())
    command = [sys.executable, "-c", _READ, str(MEMORY), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).parents[2])
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {said[-1:]}: {done.stderr[-2000:]}"
    return {one["name"]: one for one in said}


def test_every_file_is_read_or_refused_in_bounded_time_and_memory(readings: dict[str, dict[str, Any]]) -> None:
    assert set(readings) == set(MAKERS)
    assert {name: one["seconds"] for name, one in readings.items() if one["seconds"] > SECONDS} == {}
    assert [name for name, one in readings.items() if one.get("refused") == "MEMORY"] == []
    assert all(one["quoted"] for one in readings.values() if "refused" not in one)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ratio.docx", "zip bomb"),
        ("entries.docx", "10000 files"),
        ("entities.docx", "broken Word file"),
        ("lying.docx", "broken Word file"),
        ("truncated.docx", "broken zip"),
        ("damaged.docx", "broken Word file"),
        ("encrypted.docx", "encrypted Office file"),
        ("strings.xlsx", "zip bomb"),
        ("far.xlsx", "too far apart"),
        ("truncated.xlsx", "broken zip"),
        ("binary.xlsb", "not read"),
        ("encrypted.pdf", "encrypted PDF"),
        ("truncated.pdf", "broken PDF"),
        ("tree.pdf", "broken PDF"),
        ("stream.pdf", "unpacks to more than 64 MB"),
        ("twice.pdf", "unpacks to more than 64 MB"),
        ("forms.pdf", "draws more than"),
    ],
)
def test_refusals_say_why(readings: dict[str, dict[str, Any]], name: str, reason: str) -> None:
    assert reason in readings[name]["refused"]
    assert "\n" not in readings[name]["refused"]


@pytest.mark.parametrize(
    ("name", "rules", "words"),
    [
        ("big.html", set(), "全文到此为止。"),
        ("rows.html", set(), "公开第10000项信息。"),
        ("nested.html", set(), "表后文字。"),
        ("spans.html", {"table_cut"}, "表后文字。"),
        ("deep.html", {"html_too_deep"}, "深处之前。"),
        ("spans.docx", {"table_cut"}, "表后文字。"),
        ("inside.docx", set(), "正文，其余在附件中。"),
        ("dimension.xlsx", set(), "公开预算\t市财政局"),
        ("line.txt", set(), "市审计局配合，"),
        ("brackets.txt", set(), "）"),
        ("marks.txt", set(), "结束"),
        ("surrogates.html", {"D-DECODE"}, "结束。"),
        ("nul.html", set(), "公开预算，发布说明。结束。"),
        ("utf16.txt", set(), "一、公开预算。（市财政局负责）"),
        ("utf16.html", set(), "一、公开预算，发布说明。（市财政局负责）"),
    ],
)
def test_what_can_be_read_is_read(readings: dict[str, dict[str, Any]], name: str, rules: set[str], words: str) -> None:
    assert words in readings[name]["text"]
    assert rules <= set(readings[name]["rules"])


@pytest.mark.parametrize("name", ["scan.pdf", "itself.pdf", "pages.pdf", "images.html"])
def test_what_has_no_text_needs_recognition_and_gets_no_invented_text(readings: dict[str, dict[str, Any]], name: str) -> None:
    assert (readings[name]["length"], readings[name]["tasks"]) == (0, 0)
    assert "needs_ocr" in readings[name]["rules"]


def test_large_plans_are_read_to_the_end(readings: dict[str, dict[str, Any]]) -> None:
    assert readings["rows.html"]["tasks"] == 10_000
    assert readings["big.html"]["tasks"] == 1_500
    assert [readings[name]["tasks"] for name in ("utf16.txt", "utf16.html", "nested.html")] == [1, 1, 1]
    assert "pdf_cut" in readings["pages.pdf"]["rules"]


@pytest.mark.parametrize("name", ["encrypted.pdf", "forms.pdf", "far.xlsx", "ratio.docx"])
def test_the_command_refuses_in_one_line_with_status_2(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(MAKERS[name]())
    code = "from stages.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "parse", str(file)], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(file) in done.stderr


_PIECES = (
    "责任单位：市财政局；", "（责任单位：", "（", "）", "《", "》", "〔2020〕", "2020年", "6月底前", "每季度", "印发后20个工作日内",
    "待方案出台后", "市财政局、", "各县（市、区）", "等部门", "牵头", "配合", "由市财政局会同", "第一条", "一、", "1.", "（一）", "附件1：",
    "废止", "受理3件，", "行政复议", "同比增长", "0 ", "1\t", " ", "\u3000", "“", "<a ", "<td>", "&#x", "①", "同上", "〃", "…", "抄送：",
    "市人民政府办公室", "关于印发", "的通知", "http://", "2014月9月", "十", "\n",
)  # fmt: skip
_HEADS = ("样例市2021年政务公开工作要点\n一、任务\n", "样例市财政局2021年政府信息公开工作年度报告\n一、总体情况\n")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3).map("".join), st.sampled_from(_HEADS), st.booleans())
@example("牵头\n", _HEADS[0], False)
@example("（", _HEADS[0], False)
def test_work_grows_with_the_size_of_an_adversarial_text(piece: str, head: str, page: bool) -> None:
    def read(size: int) -> None:
        text = head + piece * (size // len(piece))
        data = f"<html><body><h1>{text[:20]}</h1><div>{text}</div></body></html>" if page else text
        parse(data.encode())

    assert_grows(read, 2_000, 8_000, at_most=8)  # four times the text; a square would be sixteen
