"""Data Docs: a page a portal with its newest verdict, and an index.

Rendered here and not by Great Expectations, whose pages load styles, scripts and a logo from other hosts and grow with every run.
These load nothing, hold the newest verdict only, and show titles of strangers as inert text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.completeness import GENRES
from expectations.verdict import Verdict, read_verdict
from gongkai.layout import Layout, write_text_atomic
from gongkai.status import Severity

MOST_PORTALS = 2000
"""Most pages; the index says when portals were left out."""
_SHOWN_KEYS = 5


def build_docs(layout: Layout) -> Path:
    """Write the pages into `layout.docs` and drop those of portals without verdict; returns the index."""
    newest = dict(layout.audited())  # in order, so the last run of each portal stays
    pages = sorted((_Page.of(read_verdict(layout.verdict(p, r))) for p, r in newest.items()), key=lambda page: page.gravity)
    left_out, pages = len(pages[MOST_PORTALS:]), pages[:MOST_PORTALS]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    portal = environment.get_template("portal.html.j2")
    for page in pages:
        cells = _cells(layout, page.portal_id, page.run_id)
        years = sorted({cell["year"] for cell in cells})
        by_place = {(cell["genre"], cell["year"]): cell for cell in cells}
        matrix = [(genre, [by_place.get((genre, year)) for year in years]) for genre in GENRES]
        suites = [(suite, list(results)) for suite, results in groupby(page.results, key=lambda r: r.suite)]
        text = portal.render(v=page, years=years, matrix=matrix, suites=suites, shown=_SHOWN_KEYS)
        write_text_atomic(layout.docs / f"{page.portal_id}.html", text)
    keep = {f"{page.portal_id}.html" for page in pages} | {"index.html"}
    for stale in {path for path in layout.docs.glob("*.html") if path.name not in keep}:
        stale.unlink()
    index = layout.docs / "index.html"
    refused = sum(page.word == "quarantined" for page in pages)
    write_text_atomic(index, environment.get_template("index.html.j2").render(verdicts=pages, refused=refused, left_out=left_out))
    return index


@dataclass(frozen=True)
class _Page:
    """What the templates see of a verdict."""

    portal_id: str
    run_id: str
    digest: str
    thresholds: str
    crawl: str
    word: str
    results: tuple[Any, ...]
    failed: dict[str, int]

    @classmethod
    def of(cls, verdict: Verdict) -> _Page:
        failed = {s.value: len(verdict.failed(s)) for s in (Severity.CRITICAL, Severity.WARNING, Severity.INFO)}
        word = "passed" if verdict.passed else "quarantined"
        return cls(verdict.portal_id, verdict.run_id, verdict.digest, verdict.thresholds, verdict.crawl, word, verdict.results, failed)

    @property
    def gravity(self) -> tuple[int, int, str]:
        """Sorts the worst first."""
        return -self.failed["critical"], -self.failed["warning"], self.portal_id


def _cells(layout: Layout, portal_id: str, run_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(layout.silver("completeness", portal_id, run_id), partitioning=None).to_pylist()
    return rows
