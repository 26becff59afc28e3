"""Report metrics (指标): every annual report has some, states and values agree, each stands at its place in the text."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from expectations.chunk import Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole, words
from expectations.suites.evidence import facts_per_notice
from expectations.suites.rules import (
    CRITICAL,
    INFO,
    WARNING,
    between,
    holds,
    one_of,
    present,
    rows_at_least,
    rows_exactly,
    unique,
)
from gongkai.metrics import load_metrics
from gongkai.records.document import MetricValue, ValueState

_ZERO = ["zero_printed", "zero_phrase"]


def checks(chunk: Chunk) -> list[Check]:
    return [_reports(chunk), _metrics(chunk)]


def _reports(chunk: Chunk) -> Check:
    limits = chunk.limits
    frame = facts_per_notice(chunk, "annual_report", "metric_value")
    errors = chunk.frame("finding")
    frame["adds_up"] = (~chunk.among(frame, ["notice_id"], errors[errors["severity"] == "error"])).astype(object)
    probe = (chunk.readable("annual_report") >= limits.reader_probe).astype("int64")
    return Check(
        "report_metrics.reports",
        frame,
        ("notice_id", "title"),
        (rows_at_least(CRITICAL, "new notices in report sections hold at least one annual report", chunk.rows(frame), probe),),
        (
            between(CRITICAL, "most reports have a figure", "facts", low=1, share=limits.reports_with_metrics),
            between(WARNING, "every report has a figure", "facts", low=1),
            present(WARNING, "every report's pages and attachments could be seen", "facts"),
            # The source's own mistakes are findings for its readers, not a fault of the batch.
            holds(INFO, "the report's own arithmetic holds", "adds_up"),
        ),
    )


def _metrics(chunk: Chunk) -> Check:
    frame = chunk.frame("metric_value")
    frame["of_a_document"] = chunk.among(frame, ["document_id"], chunk.frame("document"))
    signed = [code for code, metric in load_metrics().by_code.items() if metric.type == "signed"]
    frame["state_holds"] = _state_holds(frame)
    frame["size"] = pd.to_numeric(frame["value"]).abs()
    frame["counted"] = pd.to_numeric(frame["value"]).where(~frame["code"].isin(signed))
    committed = chunk.each(lambda case: case.batch.committed("metrics"))
    return Check(
        "report_metrics.metrics",
        frame,
        ("notice_id", "document_id", "seq", "code", "raw"),
        (rows_exactly(CRITICAL, "as many figures as extract committed", chunk.rows(frame), committed),),
        (
            unique(CRITICAL, "one row a figure", "document_id", "extractor_version", "seq"),
            own(chunk, frame),
            whole(frame, "code", "state"),
            *words(MetricValue, asked=["state"]),
            holds(CRITICAL, "each figure belongs to a document of the batch", "of_a_document"),
            one_of(CRITICAL, "states are of the vocabulary", "state", get_args(ValueState)),
            holds(CRITICAL, "a value stands exactly where the state says so: blank is never zero", "state_holds"),
            holds(CRITICAL, "the text at a figure's span is what was read", "in_text", chunk.limits.evidence_match),
            one_of(WARNING, "codes are those of metrics.yaml", "code", sorted(load_metrics().by_code)),
            between(WARNING, "no figure is negative but changes", "counted", low=0),
            between(WARNING, "no figure is larger than a government can count", "size", high=chunk.limits.largest_figure),
        ),
    )


def _state_holds(frame: pd.DataFrame) -> pd.Series:
    value = pd.to_numeric(frame["value"])
    zero = frame["state"].isin(_ZERO)
    return (value.notna() == (zero | (frame["state"] == "number"))) & (~zero | (value == 0))
