"""What every table is asked: whose rows it holds, what they must have, and words that are of the vocabulary."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection
from dataclasses import fields

import pandas as pd

from expectations.chunk import Chunk
from expectations.suites.rules import CRITICAL, Rule, holds, one_of


def own(chunk: Chunk, frame: pd.DataFrame) -> Rule:
    """Rows are of this portal and this run. Adds the column `own` to the frame."""
    frame["own"] = frame["portal_id"].eq(chunk.of_batch(frame, lambda case: case.batch.portal.id)) & frame["run_id"].eq(
        chunk.of_batch(frame, lambda case: case.batch.run_id)
    )
    return holds(CRITICAL, "rows are of this portal and run", "own")


def whole(frame: pd.DataFrame, *columns: str) -> Rule:
    """Rows have what the marts cannot do without: one that lacks it would hold up every portal's. Adds the column `whole` to the frame."""
    frame["whole"] = frame[list(columns)].notna().all(axis=1)
    return holds(CRITICAL, f"rows have {', '.join(columns)}", "whole")


def words(record: type, asked: Collection[str] = ()) -> list[Rule]:
    """A rule for each column of the record whose words are counted, but those that are `asked` of elsewhere."""
    hints = typing.get_type_hints(record)
    rules = []
    for field in fields(record):
        values = _listed(hints[field.name])
        if values and field.name not in asked:
            rules.append(one_of(CRITICAL, f"{field.name} is of the vocabulary", field.name, values))
    return rules


def _listed(hint: object) -> tuple[str, ...]:
    """Values of a Literal, or of one that may be None."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(value for part in typing.get_args(hint) for value in _listed(part))
    return typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ()
