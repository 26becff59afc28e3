"""Data Docs: a page a portal with its newest verdict, what still stands from earlier nights and what is refused; and an index.

Rendered here and not by Great Expectations, whose pages load styles, scripts and a logo from other hosts and grow with every run.
These load nothing and run nothing, are bounded in rows and pages, and show titles of strangers as inert text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.completeness import GENRES
from expectations.decisions import read_decisions
from expectations.memory import Head, Memory, Standing, read_heads, read_memory
from expectations.verdict import Verdict, VerdictUnreadable, read_verdict
from gongkai.layout import Layout, write_text_atomic
from gongkai.status import RunStatus, Severity
from gongkai.words import counted

MOST_PORTALS = 2000
"""Most pages; the index says when portals were left out."""
_SHOWN_ROWS = 5
_SHOWN_STANDING = 50
_SHOWN_HELD = 30
_SHOWN_DECISIONS = 3
_GRADES = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def build_docs(layout: Layout, portal_ids: Iterable[str] | None = None, names: Mapping[str, str] | None = None) -> Path:
    """Write the pages of some portals (None: of all) and the index, drop pages of portals without verdict; returns the index.

    `names`: of portals by id, as far as they are known.
    """
    newest = dict(layout.audited())  # in order, so the last run of each portal stays
    pages, waiting = [], 0
    for portal_id, run_id in newest.items():
        try:
            pages.append(_Page(layout, read_verdict(layout.verdict(portal_id, run_id)), (names or {}).get(portal_id, "")))
        except VerdictUnreadable:  # of another release; the audit of its portal replaces it
            waiting += 1
    pages.sort(key=lambda page: page.gravity)
    left_out, pages = len(pages[MOST_PORTALS:]), pages[:MOST_PORTALS]
    environment = _environment()
    template = environment.get_template("portal.html.j2")
    wanted = set(newest if portal_ids is None else portal_ids)
    for page in pages:
        path = layout.docs / f"{page.verdict.portal_id}.html"
        if page.verdict.portal_id in wanted or not path.exists():
            write_text_atomic(path, template.render(page=page, v=page.verdict, shown=_SHOWN_ROWS), durable=False)
    keep = {f"{page.verdict.portal_id}.html" for page in pages} | {"index.html"}
    for stale in {path for path in layout.docs.glob("*.html") if path.name not in keep}:
        stale.unlink()
    index = layout.docs / "index.html"
    write_text_atomic(
        index, environment.get_template("index.html.j2").render(pages=pages, left_out=left_out, waiting=waiting), durable=False
    )
    return index


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["web_address"] = _is_web_address
    environment.filters["pairs"] = _pairs
    environment.globals["counted"] = counted
    return environment


def _is_web_address(url: object) -> bool:
    """Only such an address becomes a link: a page may claim that it came from `javascript:`."""
    try:
        parts = urlsplit(str(url))
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _pairs(key: str) -> list[tuple[str, object]]:
    """What an offender's key says; ids only where nothing else names the row."""
    try:
        named = json.loads(key)
    except ValueError:  # shortened
        return [("", key)]
    told = {name: value for name, value in named.items() if name not in ("notice_id", "document_id")}
    return list((told or named).items())


@dataclass(frozen=True)
class _Page:
    """What the templates see of a portal."""

    layout: Layout
    verdict: Verdict
    name: str

    @cached_property
    def memory(self) -> Memory:
        return read_memory(self.layout, self.verdict.portal_id)

    @cached_property
    def word(self) -> str:
        return _word(self.verdict.passed, self.verdict.decision)

    @cached_property
    def failed(self) -> dict[str, int]:
        return {grade.value: len(self.verdict.failed(grade)) for grade in _GRADES}

    @cached_property
    def _heads(self) -> list[Head]:
        return read_heads(self.layout, self.verdict.portal_id, self.memory)

    @cached_property
    def quarantined(self) -> int:
        """Refused batches that nobody decided about and that keep notices back."""
        return sum(_is_held(head) and head.decision is None and head.notices != 0 for head in self._heads)

    @cached_property
    def standing(self) -> list[Standing]:
        """Failures that earlier nights brought and no later one took away, gravest and newest first."""
        return [s for s in self.memory.standing if s.run_id != self.verdict.run_id]

    @cached_property
    def standing_grave(self) -> int:
        return sum(s.severity != "info" for s in self.standing)

    @property
    def shown_standing(self) -> Sequence[Standing]:
        return self.standing[:_SHOWN_STANDING]

    @property
    def hidden_standing(self) -> int:
        return len(self.standing) - len(self.shown_standing) + self.memory.left_out

    @cached_property
    def held(self) -> list[dict[str, Any]]:
        """Batches that are, or were, refused: why, and what was decided; newest first."""
        runs = [head for head in reversed(self._heads) if _is_held(head) or head.decision][:_SHOWN_HELD]
        return [self._held(head) for head in runs]

    def _held(self, head: Head) -> dict[str, Any]:
        verdict = read_verdict(self.layout.verdict(self.verdict.portal_id, head.run_id))
        decisions = read_decisions(self.layout, self.verdict.portal_id, head.run_id)
        shown = decisions[-_SHOWN_DECISIONS:]
        return {"v": verdict, "word": _word(verdict.passed, verdict.decision), "decisions": shown, "earlier": len(decisions) - len(shown)}

    @property
    def classes(self) -> str:
        """What the index filters by."""
        crawl = self.verdict.crawl
        facts = {
            "is-quarantined": bool(self.quarantined),
            "is-warned": bool(self.failed["critical"] or self.failed["warning"]),
            "is-standing": bool(self.standing),
            "is-not-whole": crawl not in (RunStatus.COMPLETE.value, RunStatus.EMPTY.value),
        }
        return " ".join(name for name, true in facts.items() if true)

    @property
    def gravity(self) -> tuple[int, int, int, str]:
        """Sorts the worst first."""
        return -self.quarantined, -self.failed["critical"], -self.failed["warning"] - self.standing_grave, self.verdict.portal_id

    @cached_property
    def suites(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """All rules that were asked of the newest batch, by suite."""
        columns = ["suite", "meaning", "expectation", "column", "severity", "success", "observed", "expected"]
        rows = self._silver("audit_result", columns)
        return [(suite, list(results)) for suite, results in groupby(rows, key=lambda r: r["suite"])]

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        return self._silver("completeness", ["genre", "year", "state", "published", "reason"])

    @property
    def years(self) -> list[int]:
        return sorted({cell["year"] for cell in self.cells})

    @property
    def matrix(self) -> list[tuple[str, list[dict[str, Any] | None]]]:
        by_place = {(cell["genre"], cell["year"]): cell for cell in self.cells}
        return [(genre, [by_place.get((genre, year)) for year in self.years]) for genre in GENRES]

    def _silver(self, table: str, columns: list[str]) -> list[dict[str, Any]]:
        path = self.layout.silver(table, self.verdict.portal_id, self.verdict.run_id)
        with pa.OSFile(str(path)) as source, pq.ParquetFile(source) as file:
            rows: list[dict[str, Any]] = file.read(columns, use_threads=False).to_pylist()
        return rows


def _is_held(head: Head) -> bool:
    return head.judged is not None and not head.passed


def _word(passed: bool, decision: str | None) -> str:
    return decision or ("passed" if passed else "quarantined")
