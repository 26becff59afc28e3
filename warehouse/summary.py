"""The published night in one line a portal: what `gongkai summary` and the digest show."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.status import RunStatus
from warehouse.engines import Engine

_LINES = """
SELECT
    p.portal_id, p.portal_name, p.run_id, p.status, coalesce(p.listed, 0), p.notices_new, p.notices, p.tasks, p.metrics, p.findings,
    p.audit_warnings, p.reasons, p.run_id = s.run_id,
    (SELECT count(DISTINCT u.unit_name) FROM mart.plan_unit AS u WHERE u.portal_id = p.portal_id AND u.agency IS NULL)
FROM mart.portal_status AS p CROSS JOIN meta.snapshot AS s
WHERE p.status IS NOT NULL
ORDER BY p.portal_id
"""


@dataclass(frozen=True, kw_only=True)
class PortalLine:
    """One portal's newest run and what the snapshot holds of it."""

    portal_id: str
    name: str
    run_id: str
    """The portal's newest run; older than the snapshot's where the night did not include the portal."""
    status: RunStatus
    listed: int
    notices_new: int
    notices: int
    tasks: int
    metrics: int
    findings: int
    warnings: int
    unknown_units: int
    """Distinct unit names in its plans that agencies.yaml does not know."""
    reason: str
    """Why the status is not `complete`; empty where it is."""


def published_run(engine: Engine) -> str | None:
    """The run whose night readers see; None where nothing was published yet."""
    with engine.published() as connection:
        return None if connection is None else str(connection.query("SELECT run_id FROM meta.snapshot")[0][0])


def night_summary(engine: Engine) -> list[PortalLine]:
    """Lines by portal id, of every portal that was ever run; one that tonight left out shows its last run and says so."""
    with engine.published() as connection:
        rows = [] if connection is None else connection.query(_LINES)
    lines = []
    for portal_id, name, run_id, status, listed, new, notices, tasks, metrics, findings, warnings, reasons, tonight, unknown in rows:
        why = list(dict.fromkeys(reasons or []))
        lines.append(
            PortalLine(
                portal_id=portal_id,
                name=name,
                run_id=run_id,
                status=RunStatus(status),
                listed=listed,
                notices_new=new if tonight else 0,
                notices=notices,
                tasks=tasks,
                metrics=metrics,
                findings=findings,
                warnings=warnings,
                unknown_units=unknown,
                reason="; ".join(why if tonight else [f"not in this run, last in {run_id}", *why]),
            )
        )
    return lines
