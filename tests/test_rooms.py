"""The house rules that a machine can check: size, names, no path joined outside the layout, no environment read outside settings."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("gongkai", "transforms", "crawlers", "expectations", "warehouse", "stages", "samples", "dags")
FILES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def test_something_is_checked() -> None:
    assert len(FILES) > 40


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes_and_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    limit = 200 if path.parent.name == "dags" else 400
    assert lines <= limit, f"{path}: {lines} lines"
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"


def test_only_settings_read_the_environment() -> None:
    reads = re.compile(r"os\.environ(?!ment)|os\.getenv")
    readers = {str(p.relative_to(ROOT)) for p in FILES if reads.search(p.read_text(encoding="utf-8"))}
    # These hand the whole environment on to a child process; expectations switches a library's telemetry off before its import.
    known = {"stages/crawl.py", "samples/local.py", "samples/scenarios/run.py", "warehouse/dbt_process.py", "expectations/__init__.py"}
    assert readers <= known


def test_nothing_of_the_real_documents_is_in_the_project() -> None:
    documents = ROOT.parent / "shared" / "documents"
    if not documents.is_dir():
        pytest.skip("../shared/documents is not here: nothing to compare with")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    ours = "\n".join(
        (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for name in tracked
        if name.endswith((".py", ".yaml", ".md", ".html", ".txt", ".json"))
    )
    for document in sorted(documents.glob("*.txt")):
        for sentence in re.findall(r"[^。\n]{40,}", document.read_text(encoding="utf-8")):
            assert sentence.strip() not in ours, f"{document.name}: {sentence[:30]}…"
