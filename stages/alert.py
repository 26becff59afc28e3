"""Alerts: one digest a night and severity that names everything that is *still* wrong, and a heartbeat for a dead man's switch.

Level-triggered: a portal that is broken for a week stands in each of the seven digests, with its first day. A digest is sent again only
where its text changed, so a rerun of a night is silent.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from gongkai.errors import GongkaiError, StageFailed
from gongkai.layout import run_day, run_moment, write_text_atomic
from gongkai.ledger import printable
from gongkai.status import RunStatus, Severity
from stages.context import RunContext
from stages.digest import sentence
from stages.standing import Standing, gravest_first, standings
from warehouse.summary import published_run

_GRAVE = {RunStatus.QUARANTINED, RunStatus.BROKEN, RunStatus.WRONG_SITE, RunStatus.BLOCKED, RunStatus.UNREACHABLE}
_ORDER = tuple(reversed(Severity))
_MOST_LINES = 40
_LONGEST_REASON = 160
_LONGEST_TEXT = 3500
"""Characters; the smallest of the channels' limits (DingTalk, Telegram: about 4,000)."""
_LEAST_DISK = 2_000_000_000
_TIMEOUT = 10.0


@dataclass(frozen=True)
class Alert:
    """What one severity has to say tonight."""

    severity: Severity
    title: str
    text: str


def compose(ctx: RunContext) -> list[Alert]:
    """Tonight's digests, gravest first; a severity without anything to say has none.

    critical: readers see an older night. error: portals that gave nothing or something refused, or the disk is nearly full.
    warning: portals that gave less than they list. info: the night in one sentence.
    """
    found = standings(ctx)
    bad = gravest_first(found)
    well = [s for s in found if s.recovered_in(ctx.run_id)]
    day = run_day(ctx.run_id)
    try:
        seen: str | None = published_run(ctx.engine)
        told = sentence(ctx) if seen == ctx.run_id else ""
    except GongkaiError as error:
        seen, told = None, f"the warehouse cannot be read: {printable(str(error))}"
    alerts = []
    if seen != ctx.run_id:
        since = f"readers still see {run_day(seen)} ({seen})" if seen else "readers see nothing"
        alerts.append(Alert(Severity.CRITICAL, f"Gongkai {day}: nothing was published", _bounded([since, *([told] if told else [])])))
    grave = [_line(s) for s in bad if s.status in _GRAVE]
    free = shutil.disk_usage(ctx.layout.home).free
    if free < _LEAST_DISK:
        grave.insert(0, f"disk: {free:,} bytes are left")
    if grave:
        alerts.append(Alert(Severity.ERROR, f"Gongkai {day}: {len(grave)} still broken", _bounded(grave + _recovered(well))))
    mild = [_line(s) for s in bad if s.status not in _GRAVE]
    if mild:
        alerts.append(
            Alert(Severity.WARNING, f"Gongkai {day}: {len(mild)} not whole", _bounded(mild + ([] if grave else _recovered(well))))
        )
    if told and seen == ctx.run_id:
        alerts.append(Alert(Severity.INFO, f"Gongkai {day}: {told}", _bounded([told, *_recovered(well)])))
    return alerts


def _line(standing: Standing) -> str:
    nights = len(standing.bad_nights)
    since = f"for {nights} nights since {run_day(standing.since or '')}" if nights > 1 else "new"
    reasons = "; ".join(standing.nights[0].reasons)
    said = f"{standing.status.value} {standing.name} ({standing.portal_id}), {since}{' or before' if standing.beyond else ''}: "
    return said + _inert(reasons)[:_LONGEST_REASON]


def _recovered(well: Sequence[Standing]) -> list[str]:
    return [f"whole again: {', '.join(s.portal_id for s in well)}"] if well else []


def _inert(text: str) -> str:
    """Strangers' text as a chat shows it: no control characters, no markup, no mention of everybody."""
    return printable(text).translate({ord(c): " " for c in "`*_[]<>|~#@"})


def _bounded(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines[:_MOST_LINES]:
        if sum(len(k) + 1 for k in kept) + len(line) > _LONGEST_TEXT:
            break
        kept.append(line)
    return "\n".join(kept + ([f"… and {len(lines) - len(kept)} more"] if len(kept) < len(lines) else []))


def send(ctx: RunContext, *, urls: str | None = None) -> str:
    """Send tonight's digests of the chosen severities through Apprise; says what went where.

    Args:
        urls: Apprise URLs, separated by blanks or commas; None takes the setting `alert_urls`.

    Raises:
        StageFailed: a channel did not take one (named by its kind and host, never by its secrets); the others were sent.
    """
    chosen = (ctx.settings.alert_urls.get_secret_value() if urls is None else urls).replace(",", " ").split()
    wanted = _ORDER[: _ORDER.index(ctx.settings.alert_from) + 1]
    alerts = [alert for alert in compose(ctx) if alert.severity in wanted]
    if not chosen:
        return f"{len(alerts)} digests, no channel to send them to (GONGKAI_ALERT_URLS)"
    sent_before = _read_sent(ctx)
    sent, failed, silent = [], [], 0
    for alert in alerts:
        for url in chosen:
            key, mark = _mark(url, alert), _digest(f"{alert.title}\n{alert.text}")
            if sent_before.get(key) == mark:
                silent += 1
            elif _notify(url, alert):
                sent_before[key] = mark
                _write_sent(ctx, sent_before)  # at once: killed in between, at most one digest comes twice
                sent.append(f"{alert.severity.value} to {_channel(url)}")
            else:
                failed.append(f"{alert.severity.value} to {_channel(url)}")
    if failed:
        raise StageFailed(f"not sent: {', '.join(failed)}" + (f"; sent: {', '.join(sent)}" if sent else ""))
    return ", ".join(sent) + (f"; {silent} sent before" if silent else "") if sent or silent else "nothing to say"


def _notify(url: str, alert: Alert) -> bool:
    from apprise import Apprise, NotifyType

    kinds = {Severity.CRITICAL: NotifyType.FAILURE, Severity.ERROR: NotifyType.FAILURE, Severity.WARNING: NotifyType.WARNING}
    channel = Apprise()
    return channel.add(url) and bool(
        channel.notify(title=alert.title, body=alert.text, notify_type=kinds.get(alert.severity, NotifyType.INFO))
    )


def _channel(url: str) -> str:
    """`json://127.0.0.1`: kind and host; a token that stands for the host in some URLs is not shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname and "." in parts.hostname else f"{parts.scheme}://…"


def _mark(url: str, alert: Alert) -> str:
    return f"{alert.severity.value} {_digest(url)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _read_sent(ctx: RunContext) -> dict[str, str]:
    path = ctx.layout.alerts_sent
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _write_sent(ctx: RunContext, marks: dict[str, str]) -> None:
    write_text_atomic(ctx.layout.alerts_sent, json.dumps(marks, indent=1) + "\n")


def beat(ctx: RunContext) -> str:
    """Note that this run was published, and tell the dead man's switch (`heartbeat_url`) where there is one.

    Raises:
        StageFailed: the switch did not answer.
    """
    write_text_atomic(ctx.layout.heartbeat, json.dumps({"run_id": ctx.run_id, "at": ctx.now.isoformat()}) + "\n")
    url = ctx.settings.heartbeat_url.get_secret_value()
    if not url:
        return "no dead man's switch (GONGKAI_HEARTBEAT_URL)"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 (the operator's own address)
            return f"the switch answered {answer.status}"
    except (OSError, ValueError) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        raise StageFailed(f"heartbeat: {urlsplit(url).hostname}: {cause}") from None


def age(ctx: RunContext, now: datetime) -> timedelta | None:
    """How long ago the newest published night began; None where none was noted."""
    if not ctx.layout.heartbeat.exists():
        return None
    return now - run_moment(str(json.loads(ctx.layout.heartbeat.read_text(encoding="utf-8"))["run_id"]))
