"""docs/runbook.md and docs/upgrade.md: each status and task has its entry; each command, option, setting, file and link exists.

Their questions in SQL are asked in tests/warehouse/test_warehouse_questions.py, where there is something to ask.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from gongkai.settings import PROJECT, Settings
from gongkai.status import ReadingStatus, RunStatus
from stages.cli import gongkai

PAGES = {name: (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("runbook", "upgrade")}


def blocks(language: str) -> list[str]:
    return [found for page in PAGES.values() for found in re.findall(rf"```{language}\n(.*?)```", page, re.S)]


def in_blocks() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line.startswith("gongkai ")]


def commands() -> Iterator[str]:
    """Every `gongkai …` of the pages; what stands in a block is whole, in the text it may be cut short."""
    quoted = [found for page in PAGES.values() for found in re.findall(r"`(gongkai [^`]+)`", re.sub(r"```.*?```", "", page, flags=re.S))]
    yield from dict.fromkeys([*in_blocks(), *quoted])


@pytest.mark.parametrize("line", commands())
def test_each_command_and_option_exists(line: str) -> None:
    """Parsed, not run: an unknown command, option or a missing argument is refused."""
    words = shlex.split(re.sub(r"\s+[&|>].*$", "", line).replace("…", ""), comments=True)[1:]
    command: click.Command = gongkai
    context = click.Context(command, info_name="gongkai")
    while isinstance(command, click.Group):
        if not words:
            return  # a group that is only named
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"{line}: no command {name}"
        command, context = found, click.Context(found, parent=context, info_name=name)
    named = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    assert {word for word in words if word.startswith("-")} <= named, line
    if line in in_blocks():
        try:
            command.parse_args(context, words)
        except click.BadParameter as error:  # a placeholder for a file of the reader's
            assert re.search("does not exist|No such file", error.message), line


def section(page: str, title: str) -> str:
    _, _, rest = page.partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("status", RunStatus)
def test_each_status_has_its_entry(status: RunStatus) -> None:
    entries = re.split(r"\n### ", section(PAGES["runbook"], "Statuses of a portal"))
    (entry,) = [e for e in entries if e.startswith(f"`{status.value}`\n")]
    assert len(entry) > 60


def test_each_reading_status_that_is_no_good_end_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section(PAGES["runbook"], "Attachments that need somebody"), re.M)
    assert sorted(rows) == sorted({s.value for s in ReadingStatus} - {"read", "unpacked"})


def test_each_task_has_its_row() -> None:
    rows = "\n".join(re.findall(r"^\| (`.*?) \|", section(PAGES["runbook"], "Red tasks"), re.M))
    for dag in (PROJECT / "dags").glob("*.py"):
        source = dag.read_text(encoding="utf-8")
        tasks = re.findall(r"^@(?:portal_)?task\b[^\n]*\ndef (\w+)", source, re.M)
        if dag.stem in ("nightly", "maintenance", "portal_health"):
            assert tasks and not {t for t in tasks if f"`{t}`" not in rows}, dag.name


def test_each_link_leads_somewhere() -> None:
    for name, page in PAGES.items():
        for target in re.findall(r"\]\(([^)]+)\)", page):
            file, _, anchor = target.partition("#")
            text = page if not file else (PROJECT / "docs" / file).read_text(encoding="utf-8")
            anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
            assert not anchor or anchor in anchors, f"{name}: {target}"


def test_each_setting_and_file_is_there() -> None:
    fields = {f"GONGKAI_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES.values():
        assert set(re.findall(r"GONGKAI_[A-Z_]+[A-Z]", page)) <= fields
        for path in re.findall(r"(?<![\w/.])(?:tests|dags|docker|docs|portals|expectations)/[\w./-]+\.\w+", page):
            assert (PROJECT / path).exists(), path
