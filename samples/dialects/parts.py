"""What the dialects of services have in common: notices as pages, a window of a section's rows, JSON answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from samples.chrome import Chrome
from samples.dialects.article import article_page
from samples.dialects.plain import ZOOM, attachment_path
from samples.dialects.site import Answer, Site, attachment_answer
from samples.model import NoticeContent

Detail = Callable[[Site, NoticeContent], str]
"""Where a notice lies."""
NOT_FOUND = Answer(b"<html><body><h1>404 Not Found</h1></body></html>", status=404)


def notices(site: Site, chrome: Chrome, detail: Detail, container: tuple[str, str] = ZOOM) -> None:
    """Every notice's page, with its attachments."""
    for notice in site.content.notices:
        file = partial(attachment_path, notice)
        page = article_page(site, chrome, notice, container=container, file=file, link=partial(detail, site))
        site.put(detail(site, notice), site.html(page, notice.published))
        for number, enclosure in enumerate(notice.attachments):
            site.put(attachment_path(notice, number), attachment_answer(notice, enclosure, number))


def window(site: Site, section: str, page: int, size: int) -> list[NoticeContent]:
    """Page `page` (from 1) of a section's rows."""
    return site.listed(section)[(page - 1) * size : page * size]


def section_by(site: Site, part: str) -> str | None:
    """The section whose entry holds `part`."""
    return next((s.name for s in site.portal.sections if part and part in s.entry), None)


def json_answer(value: object) -> Answer:
    """An answer of a service."""
    return Answer(json.dumps(value, ensure_ascii=False).encode(), "application/json")
