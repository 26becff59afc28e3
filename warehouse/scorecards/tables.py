"""The tables of scorecards: four that readers see, made after dbt, and two that keep what cannot be made again."""

from __future__ import annotations

import pyarrow as pa

from gongkai.tables import Table

_TEXT, _COUNT, _DAY, _MOMENT = pa.string(), pa.int64(), pa.date32(), pa.timestamp("us", tz="UTC")
_POINTS = pa.decimal128(7, 2)
_LINE = ("portal_id", "scorecard", "version", "indicator")

SCORECARD = Table(
    "scorecard",
    "评分",
    "A portal's points by one edition of an indicator set, over what could be judged.",
    pa.schema(
        [
            *((name, _TEXT) for name in ("portal_id", "portal_name", "level", "scorecard", "version", "scorecard_zh", "scorecard_en")),
            *((name, _POINTS) for name in ("points", "possible", "total", "score")),
            ("share_assessable", pa.float64()),
            ("comparable", pa.bool_()),
            ("place", _COUNT),
            ("among", _COUNT),
            ("as_of", _DAY),
        ]
    ),
    ("portal_id", "scorecard", "version"),
)
SCORECARD_ITEM = Table(
    "scorecard_item",
    "评分指标",
    "One indicator of a portal's scorecard.",
    pa.schema(
        [
            *((name, _TEXT) for name in ("portal_id", "portal_name", "scorecard", "version", "indicator")),
            ("ordinal", _COUNT),
            *((name, _TEXT) for name in ("indicator_zh", "indicator_en")),
            *((name, _POINTS) for name in ("points", "max_points")),
            *((name, _TEXT) for name in ("verdict", "reason")),
            *((name, _COUNT) for name in ("passed", "failed", "uncertain", "not_assessable", "appeals")),
            *((name, _TEXT) for name in ("appeal_note", "appeal_by")),
            ("appeal_at", _MOMENT),
            ("as_of", _DAY),
        ]
    ),
    _LINE,
)
SCORECARD_DEDUCTION = Table(
    "scorecard_deduction",
    "扣分",
    "Points that one failing subject costs, with its archived evidence.",
    pa.schema(
        [
            *((name, _TEXT) for name in ("portal_id", "scorecard", "version", "indicator", "measure", "subject", "subject_title")),
            ("points", _POINTS),
            *((name, _TEXT) for name in ("reason", "observed", "threshold", "basis")),
            *((name, _TEXT) for name in ("evidence_url", "evidence_run_id", "evidence_warc_file")),
            ("evidence_warc_offset", _COUNT),
            ("as_of", _DAY),
        ]
    ),
    (*_LINE, "measure", "subject"),
)
_HISTORY = pa.schema(
    [
        *((name, _TEXT) for name in _LINE),
        ("since", _DAY),
        ("verdict", _TEXT),
        *((name, _POINTS) for name in ("points", "max_points")),
        ("reason", _TEXT),
        ("failing", pa.list_(_TEXT)),
    ]
)
SCORECARD_HISTORY = Table(
    "scorecard_history", "评分历史", "What an indicator was from a day on, until its next row.", _HISTORY, (*_LINE, "since")
)
SCORECARD_LOG = Table(
    "scorecard_log",
    "评分记录",
    "What an indicator was from a day on, kept where nothing is made anew.",
    _HISTORY,
    (*_LINE, "since"),
)
SCORECARD_APPEAL = Table(
    "scorecard_appeal",
    "评分异议",
    "Notes that somebody put beside an indicator of a portal; never changed, never taken away.",
    pa.schema([*((name, _TEXT) for name in ("portal_id", "scorecard", "indicator", "note", "actor")), ("noted_at", _MOMENT)]),
    ("portal_id", "scorecard", "indicator", "noted_at"),
)
MADE = (SCORECARD, SCORECARD_ITEM, SCORECARD_DEDUCTION, SCORECARD_HISTORY)
"""In schema `mart`, made after dbt."""
KEPT = (SCORECARD_LOG, SCORECARD_APPEAL)
"""In schema `silver`."""
