"""Templates, and how values look in them. Everything that strangers wrote passes jinja's autoescape; only our own drawings are Markup."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gongkai.layout import is_run_id, record_name, run_moment
from warehouse.report_site.vocabulary import HERE, Said, in_chinese, word, words

_CHINA = ZoneInfo("Asia/Shanghai")


def china_day(moment: datetime | str | None) -> str:
    """The day in China of a moment (UTC) or of a run's name; empty where nothing is known."""
    if isinstance(moment, str):
        if not is_run_id(moment):
            return moment
        moment = run_moment(moment)
    if moment is None:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(_CHINA).date().isoformat()


def plain(value: object) -> str:
    """A value as a person writes it: 12, not 12.000000; a list with 、 between; nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, Decimal):
        return format(value.normalize(), ",f")
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return china_day(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(plain(one) for one in value)
    return str(value)


def web(url: object) -> str | None:
    """The address where it is one that a browser may open; None for javascript: and the like."""
    return str(url) if str(url).startswith(("http://", "https://")) else None


def _in_chinese(sentence: object) -> Said | None:
    return in_chinese(str(sentence)) if sentence is not None else None


def without_rule(message: str, rule: str) -> str:
    """A finding's message without the rule's id in front, which stands beside it."""
    return message.removeprefix(rule).lstrip(": ") or message


def fields(changed: Sequence[str] | None) -> str:
    """Names of what changed in a page."""
    return "、".join(" ".join(word(name, "field")[:2]) for name in changed or [])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"word": word, "day": china_day, "plain": plain, "web": web, "fields": fields}
    environment.filters |= {"in_chinese": _in_chinese, "without_rule": without_rule}
    environment.globals |= {"words": words(), "record": record_name}
    return environment


def render(template: str, path: str, **given: Any) -> str:
    """A page that will lie at `path` below the site: `up` leads from it to the site's root."""
    depth = posixpath.dirname(path).count("/") + 1 if "/" in path else 0
    return _environment().get_template(template).render(up="../" * depth, path=path, **given)
