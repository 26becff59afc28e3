"""All suites that judge a batch, in the order in which their results are kept."""

from __future__ import annotations

from expectations.chunk import Chunk
from expectations.suites import (
    attachments,
    documents,
    facts,
    fill_rates,
    freshness,
    notices,
    plan_tasks,
    portal_year,
    removals,
    report_checks,
    report_metrics,
    sections,
)
from expectations.suites.contract import Check


def checks(chunk: Chunk) -> list[Check]:
    suites = (
        sections, notices, attachments, removals, fill_rates, documents, plan_tasks, report_metrics, report_checks, facts, portal_year, freshness,
    )  # fmt: skip
    return [check for suite in suites for check in suite.checks(chunk)]
