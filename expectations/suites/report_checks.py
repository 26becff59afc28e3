"""Report checks (报告校验): each rule of annual-reports.md section 3 that a single report can break, one expectation a rule.

A contradiction is the source's own and quarantines nothing; here it has a name, and the report a place where it says what is wrong.
Rules between years and between bodies are not of a batch: `silver.series_finding`.
"""

from __future__ import annotations

from expectations.chunk import BATCH, Chunk
from expectations.suites.contract import Check
from expectations.suites.evidence import with_findings
from expectations.suites.rules import INFO, WARNING, absent
from transforms.reports.catalogue import CHECKS

RULES = {rule: info.formula for rule, info in CHECKS.items() if info.needs == "report"}
_OURS = {"Q-FULL", "Q-READ", "Q-LABEL"}
"""Where a break says first of all that our reading is incomplete."""
_PREFIXES = ("T2-", "T3-", "T4-", "S-", "N-", "X-", "R-", "Q-")
_NOTICE = [BATCH, "notice_id"]


def checks(chunk: Chunk) -> list[Check]:
    documents = chunk.frame("document")
    reports = documents[documents["genre"] == "annual_report"].drop_duplicates(_NOTICE)
    frame = with_findings(chunk, reports[[*_NOTICE, "title"]], tuple(RULES))
    findings = chunk.frame("finding")
    unnamed = findings[findings["rule"].str.startswith(_PREFIXES, na=False) & ~findings["rule"].isin(CHECKS)]
    unnamed = unnamed.drop_duplicates(_NOTICE)[[*_NOTICE, "rule"]].rename(columns={"rule": "unnamed"})
    frame = frame.merge(unnamed, on=_NOTICE, how="left").astype({"unnamed": object})
    return [
        Check(
            "report_checks",
            frame,
            ("notice_id", "title"),
            (),
            (
                *(absent(WARNING if rule in _OURS else INFO, f"{rule}: {formula}", rule) for rule, formula in RULES.items()),
                absent(WARNING, "every finding's rule stands in the catalogue of checks", "unnamed"),
            ),
            may_be_empty="most nights bring no annual report; report_metrics asks for those of a report section",
        )
    ]
