"""Hostile and broken attachments: each ends in its word, in bounded time and memory; what can be read beside them is read.

All are opened in one child process whose memory is limited, so that a bomb that goes off cannot take the test run with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bad_attachments import MAKERS

MEMORY = 1_500_000_000
"""Address space of the child, in bytes; Python with all readers takes about a third of it."""
SECONDS = 15.0
"""CPU time of one file."""

_OPEN = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from transforms.opened import open_attachment
for path in sorted(Path(sys.argv[2]).iterdir()):
    began = time.process_time()
    said = {"name": path.name, "rows": []}
    try:
        for one in open_attachment(path.read_bytes(), name=path.name):
            read = one.document
            said["rows"].append({"member": one.member, "name": one.name, "member_name": one.member_name, "kind": one.kind,
                "status": one.status, "reason": one.reason, "text": read.body_text[-200:] if read else None,
                "rules": sorted(f.rule for f in read.findings) if read else [], "tasks": len(read.tasks) if read else 0})
    except MemoryError:
        said["rows"].append({"member": -1, "status": "MEMORY", "reason": "MEMORY"})
    said["seconds"] = time.process_time() - began
    print(json.dumps(said), flush=True)
"""
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bad")
    for name, make in MAKERS.items():
        (folder / name).write_bytes(make())
    command = [sys.executable, "-c", _OPEN, str(MEMORY), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).parents[2])
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {said[-1:]}: {done.stderr[-2000:]}"
    return {one["name"]: one for one in said}


def test_every_file_ends_in_bounded_time_and_memory(opened: dict[str, dict[str, Any]]) -> None:
    assert set(opened) == set(MAKERS)
    assert {name: one["seconds"] for name, one in opened.items() if one["seconds"] > SECONDS} == {}
    assert [name for name, one in opened.items() if any(row["status"] == "MEMORY" for row in one["rows"])] == []
    assert all("\n" not in (row["reason"] or "") for one in opened.values() for row in one["rows"])


@pytest.mark.parametrize(
    ("name", "kind", "status", "reason"),
    [
        ("flat.zip", "zip", "too_large", "more than 200 MB"),
        ("ratio.zip", "zip", "too_large", "zip bomb"),
        ("members.zip", "zip", "too_large", "10000 files, more than 300"),
        ("directory.zip", "zip", "too_large", "10000 files"),
        ("none.zip", "zip", "empty", "without files"),
        ("debris.zip", "zip", "empty", "without files"),
        ("truncated.zip", "zip", "unreadable", "broken zip"),
        ("laughs.ofd", "ofd", "refused", "DTD"),
        ("external.ofd", "ofd", "refused", "DTD"),
        ("outside.ofd", "ofd", "unreadable", "passwd is missing"),
        ("no_root.ofd", "ofd", "unreadable", "names no document"),
        ("same_page.ofd", "ofd", "too_large", "parts hold more than"),
        ("elements.ofd", "ofd", "too_large", "draws more than"),
        ("crowded.ofd", "ofd", "too_large", "more than 200000 characters"),
        ("encrypted.ofd", "ofd", "encrypted", "encrypted OFD"),
        ("truncated.ofd", "zip", "unreadable", "broken zip"),
        ("laughs.ods", "ods", "refused", "DTD"),
        ("encrypted.ods", "ods", "encrypted", "encrypted workbook"),
        ("far.xls", "xls", "too_large", "too far apart"),
        ("implicit.xlsx", "xlsx", "too_large", "too far apart"),
        ("elsewhere.xlsx", "xlsx", "too_large", "too far apart"),
        ("declares_much.xls", "xls", "unreadable", "broken workbook"),
        ("declares_less.et", "xls", "unreadable", "broken workbook"),
        ("panics.xls", "xls", "unreadable", "broken workbook"),
        ("embedded.doc", "doc", "unconverted", "not read without conversion"),
        ("secret.doc", "encrypted", "encrypted", "encrypted Office file"),
        ("password.xls", "encrypted", "encrypted", "encrypted Office file"),
        ("braces.rtf", "rtf", "unconverted", "RTF"),
        ("deep.mht", "mhtml", "unreadable", "MHTML"),
        ("login.pdf", "html", "refused", "web page in place of the file"),
        ("error.xls", "html", "refused", "web page in place of the file"),
    ],
)
def test_what_is_not_read_says_why(opened: dict[str, dict[str, Any]], name: str, kind: str, status: str, reason: str) -> None:
    (row,) = opened[name]["rows"]
    assert (row["kind"], row["status"]) == (kind, status)
    assert reason in row["reason"]


@pytest.mark.parametrize(
    ("name", "kind", "rules", "words"),
    [
        ("no_pages.ofd", "ofd", {"ofd_part_missing"}, "样例市公开预算说明。"),
        ("numbers.ofd", "ofd", set(), "公开决算。"),
        ("repeated.ods", "ods", {"table_cut"}, "远"),
        ("spanned.ods", "ods", {"table_cut"}, "任务"),
        ("blanks.ods", "ods", set(), "公 开\t单位"),
        ("columns.csv", "csv", {"table_cut"}, "列255"),
        ("quote.csv", "csv", {"table_cut"}, "公开决算\t市审计局"),
        ("sheet.docx", "xlsx", {"D-TYPE"}, "公开预算\t市财政局"),
        ("saved.xls", "html", set(), "公开预算\t市财政局"),
    ],
)
def test_what_can_be_read_is_read(opened: dict[str, dict[str, Any]], name: str, kind: str, rules: set[str], words: str) -> None:
    (row,) = opened[name]["rows"]
    assert (row["kind"], row["status"]) == (kind, "read")
    assert words in row["text"]
    assert rules <= set(row["rules"])
    assert ("D-TYPE" in row["rules"]) == ("D-TYPE" in rules)


def test_turned_hidden_and_impossible_text_is_no_text(opened: dict[str, dict[str, Any]]) -> None:
    assert opened["numbers.ofd"]["rows"][0]["text"].split("\n") == ["公开预算说明。", "公开决算。"]


@pytest.mark.parametrize("name", ["picture.ofd", "deep.ofd"])
def test_a_page_without_text_waits_for_recognition(opened: dict[str, dict[str, Any]], name: str) -> None:
    (row,) = opened[name]["rows"]
    assert (row["status"], row["text"]) == ("needs_ocr", "")


def _members(opened: dict[str, dict[str, Any]], name: str) -> Rows:
    whole, *members = opened[name]["rows"]
    assert (whole["member"], whole["kind"], whole["status"]) == (0, "zip", "unpacked")
    return members


def test_an_archive_in_an_archive_is_not_opened(opened: dict[str, dict[str, Any]]) -> None:
    members = _members(opened, "nested.zip")
    assert [row["member"] for row in members] == list(range(1, 11))
    assert {(row["kind"], row["status"]) for row in members} == {("zip", "refused")}
    assert "archive inside an archive" in members[0]["reason"]


def test_entries_that_overlap_are_unpacked_within_the_bound(opened: dict[str, dict[str, Any]]) -> None:
    members = _members(opened, "overlapping.zip")
    assert len(members) == 100
    assert {row["status"] for row in members} <= {"read", "unreadable"}


def test_names_are_words_and_never_paths(opened: dict[str, dict[str, Any]]) -> None:
    members = _members(opened, "names.zip")
    assert [row["name"] for row in members[:5]] == ["passwd.txt", "abs.txt", "win.txt", "nul\ufffdbyte.txt", "new\ufffdline.txt"]
    assert [row["member_name"] for row in members[:2]] == ["../../etc/passwd.txt", "/abs.txt"]
    assert (len(members[5]["name"]), members[5]["name"][-5:]) == (300, "x.txt")
    assert {row["status"] for row in members} == {"read"}


@pytest.mark.parametrize("name", ["gbk.zip", "utf8.zip"])
def test_chinese_names_are_read_whether_or_not_the_archive_says_how(opened: dict[str, dict[str, Any]], name: str) -> None:
    first, *rest = _members(opened, name)
    assert (first["member_name"], first["name"], first["kind"]) == ("附件/责任分解表.csv", "责任分解表.csv", "csv")
    assert "2\t公开决算\t市审计局" in first["text"]
    assert [row["name"] for row in rest] == (["医药.txt"] if name == "gbk.zip" else [])


def test_one_bad_file_costs_no_other(opened: dict[str, dict[str, Any]]) -> None:
    members = _members(opened, "some.zip")
    assert [(row["name"], row["status"]) for row in members] == [
        ("link.txt", "refused"),
        ("secret.txt", "encrypted"),
        ("damaged.txt", "unreadable"),
        ("method.txt", "unreadable"),
        ("program.exe", "unreadable"),
        ("whole.txt", "read"),
    ]
    assert [row["member"] for row in members] == [1, 2, 3, 4, 5, 6]
    assert members[-1]["tasks"] == 1


def test_an_entry_that_lies_about_its_size_is_damaged(opened: dict[str, dict[str, Any]]) -> None:
    (row,) = _members(opened, "lying.zip")
    assert (row["status"], row["text"]) == ("unreadable", None)
