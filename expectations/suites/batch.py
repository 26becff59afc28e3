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
    crawled = (sections, notices, attachments, removals, fill_rates)
    read = (documents, plan_tasks, report_metrics, report_checks, facts)
    whole = (portal_year, freshness)
    return [check for suite in (*crawled, *read, *whole) for check in suite.checks(chunk)]
