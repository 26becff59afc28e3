"""Frames that several suites judge: facts and findings per notice."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from expectations.chunk import BATCH, Chunk
from expectations.completeness import Genre

_NOTICE = [BATCH, "notice_id", "version"]


def facts_per_notice(chunk: Chunk, genre: Genre, table: str, rules: Sequence[str] = ()) -> pd.DataFrame:
    """One row a notice that holds a document of `genre`: how many facts its page and attachments gave together.

    `facts` is null where nothing was read and a part could not be seen: not archived or not readable is not the same as empty.
    Each of `rules` is a column: what the first finding of that rule says, null where there is none.
    """
    documents = chunk.frame("document")
    rows = documents[documents["genre"] == genre].drop_duplicates(_NOTICE)[[*_NOTICE, "title"]]
    facts = chunk.frame(table).groupby(_NOTICE).size().rename("facts").reset_index()
    rows = rows.merge(facts, on=_NOTICE, how="left")
    rows["facts"] = rows["facts"].astype("float64").fillna(0)
    unseen = chunk.among(rows, ["notice_id"], chunk.unseen) & rows["facts"].eq(0)
    rows.loc[unseen, "facts"] = float("nan")
    return with_findings(chunk, rows, rules)


def with_findings(chunk: Chunk, rows: pd.DataFrame, rules: Sequence[str]) -> pd.DataFrame:
    """`rows` (one a notice) with a column a rule: what its first finding says, null where there is none."""
    findings = chunk.frame("finding")
    findings = findings[findings["rule"].isin(set(rules))].drop_duplicates([BATCH, "notice_id", "rule"])
    told = pd.Series(map(_told, findings["message"], findings["expected"], findings["actual"]), index=findings.index, dtype=object)
    wide = findings.assign(told=told).pivot(index=[BATCH, "notice_id"], columns="rule", values="told")
    wide = wide.reindex(columns=list(rules)).astype(object)
    out = rows.merge(wide.reset_index(), on=[BATCH, "notice_id"], how="left")
    return out.astype(dict.fromkeys(rules, object))


def _told(message: str, expected: str | None, actual: str | None) -> str:
    compared = [f"{name} {value}" for name, value in (("expected", expected), ("actual", actual)) if isinstance(value, str)]
    return f"{message} ({', '.join(compared)})" if compared else message
