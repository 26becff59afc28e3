"""What a list page shows about the points that cms-families.md leaves *unconfirmed*, or that limit what can be read: findings L-….

One table: id, what it means, where the point stands in the reference. `actual` says which reading was met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gongkai.records.document import Finding


@dataclass(frozen=True, slots=True)
class ListRule:
    """One point: `{actual}` and `{expected}` in the message are filled in by `met`."""

    id: str
    meaning: str
    message: str
    section: str
    """Section of cms-families.md."""
    severity: Literal["info", "warning"] = "info"
    """A warning says that rows exist which cannot be read: the listing is not whole."""


LIST_RULES = {
    rule.id: rule
    for rule in (
        ListRule("L-PAGE-TWO", "number in the second page's file name, 1 or 2", "page two is {actual}", "3.6, 5, 6, 13"),
        ListRule("L-PAGE-INDEX", "whether a service counts pages from 0 or from 1", "pages are counted from {actual}", "3, 11"),
        ListRule("L-WINDOW", "rows a service gives at most", "asked for {expected} rows, the service gives {actual}", "4.1, 4.4"),
        ListRule("L-GROUP", "whether dataproxy gives a group of three pages or one page", "the proxy gives {actual} at once", "4.1"),
        ListRule("L-ENCRYPTED", "deep pages only behind encrypted group ids", "{actual}; deeper pages are encrypted and not read", "4.1"),
        ListRule(
            "L-OWN-ROWS",
            "the service behind a column page is closed or empty",
            "only the rows inside the column page: {actual}",
            "4.1, 4.4",
        ),
        ListRule("L-FILTER", "a search that is not filtered by column", "{actual} rows of other columns left out", "4.2"),
        ListRule("L-UNCOUNTED", "a built block that declares no count", "no count in the block: page {actual} is asked to be sure", "4.3"),
        ListRule("L-CLIENT-PAGES", "page one ships every row and pages in the browser", "{actual} rows on page one", "5"),
        ListRule("L-PLACEHOLDER", "rows with an empty flag: test and SEO placeholders", "{actual} placeholder rows dropped", "2.6, 5"),
        ListRule("L-NOT-JSON", "an answer that is no valid JSON and was mended", "no valid JSON, mended: {actual}", "5.1"),
        ListRule("L-TWO-TOTALS", "two totals that differ", "declares {actual} rows and {expected} as well", "3"),
        ListRule("L-OLDER", "how older rows of pc/list.html are reached", "older rows: {actual}", "10"),
        ListRule(
            "L-SHELL",
            "page one is drawn by script, later pages are files",
            "the rows of page one are drawn by script and were not read: {actual}",
            "2.6, 14",
            "warning",
        ),
        ListRule(
            "L-CAP", "a list that shows no more than so many pages", "pages after {actual} were not read: {expected}", "5, 14", "warning"
        ),
        ListRule("L-MORE", "a page that shows part of a list whose whole stands elsewhere", "the whole list stands at {actual}", "2.6"),
    )
}


def met(rule: str, actual: object, expected: object = None) -> Finding:
    """The finding that reading `actual` of a point was met. Raises KeyError for an id that the table does not have."""
    found = LIST_RULES[rule]
    message = found.message.format(actual=actual, expected=expected)
    return Finding(
        rule=rule, severity=found.severity, message=message, actual=str(actual), expected=None if expected is None else str(expected)
    )
