"""All suites that judge a batch, in the order in which their results are kept."""

from __future__ import annotations

from expectations.suites import documents, notices, plan_tasks, portal_year, report_metrics, sections
from expectations.suites.contract import Case, Check


def checks(case: Case) -> list[Check]:
    suites = (sections, notices, documents, plan_tasks, report_metrics, portal_year)
    return [check for suite in suites for check in suite.checks(case)]
