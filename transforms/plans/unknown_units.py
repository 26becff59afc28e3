"""Units that the vocabulary (agencies.yaml) does not know: kept as they are, and told once a document."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.records.document import Finding, PlanTask, TaskUnit

_MOST = 20
"""Names told; the rest is counted, and all are in the tasks."""


def unknown_units(tasks: Iterable[PlanTask]) -> list[Finding]:
    """P-UNIT: the distinct names without an agency, in the order of the text; its span is the first one's."""
    first: dict[str, TaskUnit] = {}
    for unit in sorted((unit for task in tasks for unit in task.units if unit.agency is None), key=lambda unit: unit.start):
        first.setdefault(unit.name, unit)
    if not first:
        return []
    names = list(first)
    at = first[names[0]]
    message = f"unit names that agencies.yaml does not know: {len(names)}"
    return [Finding(rule="P-UNIT", severity="info", message=message, actual="、".join(names[:_MOST]), start=at.start, end=at.end)]
