"""Bounds of the audit, read from `gongkai/data/thresholds.yaml`: each value stands there beside its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gongkai.errors import RegistryError
from gongkai.identity import digest
from gongkai.settings import PROJECT

FILE = PROJECT / "gongkai" / "data" / "thresholds.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    value: float = Field(ge=0)
    reason: str = Field(min_length=20)


@dataclass(frozen=True)
class Thresholds:
    """One field a bound; meaning and reason stand in the file."""

    edition: str
    """Digest of the file: verdicts remember by which bounds they were made."""
    declared_shortfall: float
    shrink_ratio: float
    growth_ratio: float
    growth_rows: float
    own_rows: float
    flood_ratio: float
    flood_rows: float
    clock_hours: float
    archived_attachments: float
    read_attachments: float
    removed_share: float
    removed_rows: float
    fill_drop: float
    fill_notices: float
    fill_history: float
    garbled_titles: float
    dated_notices: float
    earliest_year: float
    future_days: float
    years_ahead: float
    deadline_years: float
    longest_text: float
    ordered_dates: float
    formed_numbers: float
    known_agencies: float
    largest_figure: float
    stale_days: float
    silent_news: float
    silent_normative: float
    read_notices: float
    reader_probe: float
    plans_with_tasks: float
    reports_with_metrics: float
    evidence_match: float
    dated_genres: float


def load_thresholds(path: Path = FILE) -> Thresholds:
    """The bounds in `path`.

    Raises:
        RegistryError: unreadable YAML, a bound too many or too few, a value without reason; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise RegistryError(str(path), line, f"not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(str(path), None, f"cannot be read: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise RegistryError(str(path), 1, "expected a mapping of bounds")
    known = {f.name for f in fields(Thresholds)} - {"edition"}
    values: dict[str, float] = {}
    for key, node in root.value:
        line = key.start_mark.line + 1
        if key.value not in known or key.value in values:
            raise RegistryError(str(path), line, f"{'repeated' if key.value in values else 'unknown'} bound {key.value!r}")
        try:
            entry = _Entry.model_validate(yaml.constructor.SafeConstructor().construct_document(node))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join([str(key.value), *(str(part) for part in first["loc"])])
            raise RegistryError(str(path), line, f"{where}: {first['msg']}") from error
        values[key.value] = entry.value
    if known - set(values):
        raise RegistryError(str(path), None, f"bounds missing: {', '.join(sorted(known - set(values)))}")
    return Thresholds(edition=digest(text), **values)
