"""The versioned facts of `gongkai/data` and the calendar as tables: what the dimensions of the marts are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from gongkai.agencies import agencies
from gongkai.areas import load_areas
from gongkai.divisions import divisions, parent_code
from gongkai.metrics import load_metrics
from gongkai.rules import load_rules
from gongkai.tables import Table
from transforms.working_days import kind_of_day
from warehouse.engines.contract import Connection, statement

_FIRST_DAY, _LAST_DAY = date(1980, 1, 1), date(2060, 12, 31)
_TEXTS = pa.list_(pa.string())


def _table(name: str, zh: str, doc: str, columns: dict[str, pa.DataType | None], key: tuple[str, ...] = ()) -> Table:
    """`key`: its first column where none is given."""
    schema = pa.schema([(column, kind or pa.string()) for column, kind in columns.items()])
    return Table(name, zh, doc, schema, key or (schema.names[0],))


DIVISION = _table(
    "division",
    "行政区划",
    "Administrative divisions by GB/T 2260 (gongkai/data/divisions.csv).",
    dict.fromkeys(("code", "name_zh", "name_en", "level", "parent_code", "province_code")),
)
AGENCY = _table(
    "agency",
    "机构",
    "Bodies of municipal government by function (gongkai/data/agencies.yaml).",
    dict.fromkeys(("agency", "name_zh", "kind"))
    | {"aliases": _TEXTS, "valid_from": pa.date32(), "valid_until": pa.date32(), "successors": _TEXTS},
)
METRIC = _table(
    "metric",
    "指标",
    "Numbers of annual reports that have a name (gongkai/data/metrics.yaml).",
    dict.fromkeys(("code", "name_zh", "name_en", "unit", "value_type", "held"))
    | {"eras": _TEXTS, "dimensions": _TEXTS, "in_form": pa.bool_(), "derived": pa.bool_(), "ordinal": pa.int64()},
)
AREA = _table(
    "area",
    "领域",
    "Areas that are to be published most of all (gongkai/data/areas.yaml).",
    dict.fromkeys(("area", "name_zh", "name_en", "named_in")) | {"ordinal": pa.int64()},
)
RULE = _table(
    "rule",
    "规则",
    "What portals are judged by, one row an edition (gongkai/data/rules.yaml).",
    dict.fromkeys(("rule", "name_zh", "name_en", "family", "subject_kind", "severity"))
    | {"dates": _TEXTS}
    | dict.fromkeys(("time_window", "evidence", "counted_by", "instrument", "clause", "confidence"))
    | {"valid_from": pa.date32(), "valid_to": pa.date32(), "thresholds": None, "ordinal": pa.int64()},
    ("rule", "valid_from"),
)
RULE_COLUMN = _table(
    "rule_column",
    "规则适用栏目",
    "Which columns a rule judges: of a kind and, where it is not empty, with a word in the name.",
    dict.fromkeys(("rule", "kind", "word")),
    ("rule", "kind", "word"),
)
DAY = _table(
    "day",
    "日历",
    "Every day from 1980 to 2060, with the State Council's working days where they are known.",
    {"day": pa.date32(), "is_working_day": pa.bool_(), "working_days_before": pa.int64(), "holiday_zh": None, "holiday_en": None},
)


def load_facts(connection: Connection) -> None:
    """Replace the tables of facts by what the package holds: idempotent, one transaction."""
    made = (
        *((DIVISION, _divisions), (AGENCY, _agencies), (METRIC, _metrics), (AREA, _areas)),
        *((RULE, _rules), (RULE_COLUMN, _rule_columns)),
    )
    tables = [(table, table.arrow(rows())) for table, rows in made]
    with connection.transaction():
        for table, rows in (*tables, (DAY, _calendar())):
            connection.ensure_table("silver", table)
            connection.execute(statement("DELETE FROM silver.{table}", table=table.name))
            connection.append("silver", table, rows)


def _divisions() -> Iterator[dict[str, Any]]:
    for d in divisions().values():
        names = {"name_zh": d.name_zh, "name_en": d.name_en}
        yield {"code": d.code, **names, "level": d.level, "parent_code": parent_code(d.code), "province_code": d.province_code}


def _agencies() -> Iterator[dict[str, Any]]:
    for a in agencies().by_id.values():
        times = {"valid_from": a.first, "valid_until": a.until, "successors": list(a.successors)}
        yield {"agency": a.id, "name_zh": a.name, "kind": a.kind, "aliases": list(a.aliases), **times}


def _metrics() -> Iterator[dict[str, Any]]:
    for ordinal, m in enumerate(load_metrics().by_code.values()):
        yield {
            "code": m.code,
            "name_zh": m.zh,
            "name_en": m.en,
            "unit": m.unit,
            "value_type": m.type,
            "held": m.held,
            "eras": list(m.eras),
            "dimensions": list(m.dims),
            "in_form": any(part is not None for part in (m.table2, m.table3, m.table4)),
            "derived": m.derived,
            "ordinal": ordinal,
        }


def _areas() -> Iterator[dict[str, Any]]:
    for ordinal, a in enumerate(load_areas().areas):
        yield {"area": a.id, "name_zh": a.zh, "name_en": a.en, "named_in": a.source, "ordinal": ordinal}


def _rules() -> Iterator[dict[str, Any]]:
    editions = ((rule, edition) for rule in load_rules().values() for edition in rule.editions)
    for ordinal, (rule, edition) in enumerate(editions):
        own = {"rule": rule.id, "name_zh": rule.zh, "name_en": rule.en, "family": rule.family, "subject_kind": rule.subject}
        words = {"time_window": rule.window, "evidence": rule.evidence, "counted_by": rule.counted_by}
        named = {"instrument": edition.instrument, "clause": edition.clause, "confidence": edition.confidence}
        times = {"valid_from": edition.valid_from, "valid_to": edition.valid_to, "thresholds": json.dumps(edition.thresholds)}
        yield {**own, **words, **named, **times, "severity": rule.severity, "dates": list(rule.dates), "ordinal": ordinal}


def _rule_columns() -> Iterator[dict[str, Any]]:
    for rule in load_rules().values():
        for columns in rule.columns:
            for word in columns.words or ("",):
                yield {"rule": rule.id, "kind": columns.kind.value, "word": word}


@cache
def _calendar() -> pa.Table:
    """Ten thousand days are asked of the library one by one: once a process, not once a load."""
    return DAY.arrow(_days())


def _days() -> Iterator[dict[str, Any]]:
    """`working_days_before` counts from the first known day, so that a lag in working days is a difference; else NULL."""
    day, before, known = _FIRST_DAY, 0, False
    while day <= _LAST_DAY:
        if (day.month, day.day) == (1, 1):  # the library knows a year or does not, and takes its time to say so of each day
            known = kind_of_day(day) is not None
        working, holiday = (kind_of_day(day) if known else None) or (None, None)
        counted = None if working is None else before
        zh, en = holiday or (None, None)
        yield {"day": day, "is_working_day": working, "working_days_before": counted, "holiday_zh": zh, "holiday_en": en}
        before += bool(working)
        day += timedelta(days=1)
