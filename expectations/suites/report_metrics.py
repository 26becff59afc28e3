"""Report metrics (指标): every annual report has some, states and values agree, each stands at its place in the text."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from expectations.evidence import facts_per_notice, has_finding, readable_notices, stands_in_text
from expectations.suites.contract import Case, Check
from expectations.suites.rules import CRITICAL, INFO, WARNING, between, holds, one_of, present, rows_at_least, rows_exactly, unique
from gongkai.records.document import ValueState

_ZERO = ["zero_printed", "zero_phrase"]


def checks(case: Case) -> list[Check]:
    return [_reports(case), _metrics(case)]


def _reports(case: Case) -> Check:
    batch, limits = case.batch, case.limits
    frame = facts_per_notice(batch, "annual_report", "metric_value")
    frame["whole_form"] = ~has_finding(batch, frame, rule="Q-FULL")
    frame["adds_up"] = ~has_finding(batch, frame, severity="error")
    probe = 1 if readable_notices(batch, "annual_report") >= limits.reader_probe else 0
    return Check(
        "report_metrics.reports",
        frame,
        ("notice_id", "title"),
        (
            rows_at_least(CRITICAL, "new notices in report sections hold at least one annual report", probe),
            between(CRITICAL, "most reports have a figure", "facts", low=1, mostly=limits.reports_with_metrics),
            between(WARNING, "every report has a figure", "facts", low=1),
            present(WARNING, "every report's pages and attachments could be seen", "facts"),
            holds(WARNING, "every cell of the report's form was found (Q-FULL)", "whole_form"),
            # The source's own mistakes are findings for its readers, not a fault of the batch.
            holds(INFO, "the report's own arithmetic holds", "adds_up"),
        ),
    )


def _metrics(case: Case) -> Check:
    batch = case.batch
    frame = batch.table("metric_value").copy()
    frame["in_text"] = stands_in_text(batch, "metric_value", "raw")
    frame["of_a_document"] = frame["document_id"].isin(batch.table("document")["document_id"])
    frame["state_holds"] = _state_holds(frame)
    return Check(
        "report_metrics.metrics",
        frame,
        ("document_id", "seq", "code"),
        (
            rows_exactly(CRITICAL, "as many figures as extract committed", batch.committed("metrics")),
            unique(CRITICAL, "one row a figure", "document_id", "extractor_version", "seq"),
            holds(CRITICAL, "each figure belongs to a document of the batch", "of_a_document"),
            one_of(CRITICAL, "states are of the vocabulary", "state", get_args(ValueState)),
            holds(CRITICAL, "a value stands exactly where the state says so: blank is never zero", "state_holds"),
            holds(CRITICAL, "the text at a figure's span is what was read", "in_text", case.limits.evidence_match),
        ),
    )


def _state_holds(frame: pd.DataFrame) -> pd.Series:
    zero = frame["state"].isin(_ZERO)
    return (frame["value"].notna() == (zero | (frame["state"] == "number"))) & (~zero | (frame["value"] == 0))
