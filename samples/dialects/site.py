"""What a dialect gives the town: every path of a portal with its answer, made once at the start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

from gongkai.registry import Portal, Section
from samples.chrome import Chrome
from samples.compose import compose_notice
from samples.files import make_file
from samples.model import Enclosure, NoticeContent, PortalContent
from samples.paper import to_html

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Answer:
    """One answer. With `modified` it carries ETag and Last-Modified and can be asked for conditionally."""

    body: bytes
    content_type: str = "text/html"
    status: int = 200
    modified: datetime | None = None

    def validators(self) -> dict[str, str]:
        """ETag and Last-Modified, where the answer has them."""
        if self.modified is None:
            return {}
        etag = hashlib.sha256(self.body).hexdigest()[:16]
        return {"ETag": f'W/"{etag}"', "Last-Modified": format_datetime(self.modified.astimezone(UTC), usegmt=True)}


Service = Callable[[Mapping[str, str], bytes], Answer]
"""Query and body → answer."""


@dataclass
class Site:
    """A portal at its address. Dialects fill `paths`; a key is a path, with its query where the query matters."""

    portal: Portal
    content: PortalContent
    base: str
    paths: dict[str, Answer] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    """Path → what answers a query or a POST there; goes before `paths`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the request that is being answered, names in small letters: some services want a Referer."""
    faulty: dict[str, str] = field(default_factory=dict)
    """Path → fault of the notice that lives there."""

    @property
    def sections(self) -> Mapping[str, Section]:
        return {s.name: s for s in self.portal.sections}

    @property
    def identity(self) -> tuple[str, str]:
        """(SiteIDCode, SiteName) as printed; a wrong site prints another body's."""
        return self.content.faults.other_site or (self.portal.site_id_code or "", self.portal.site_name or self.portal.name)

    def chrome(self, menu: tuple[tuple[str, str], ...]) -> Chrome:
        code, name = self.identity
        return Chrome(name, code, self.content.style, menu)

    def html(self, text: str, modified: datetime | None = None) -> Answer:
        """A page in the portal's encoding."""
        return Answer(text.encode(self.content.style.encoding), "text/html", modified=modified)

    @staticmethod
    def form(body: bytes) -> dict[str, str]:
        """What was posted as a form."""
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def put(self, path: str, answer: Answer) -> None:
        self.paths[path] = answer

    def listed(self, section: str) -> list[NoticeContent]:
        """A section's notices as its list shows them: pinned first, then newest first."""
        shown = (n for n in self.content.notices if n.section == section and not n.unlisted)
        return sorted(shown, key=lambda n: (n.pinned, n.published, n.id), reverse=True)


def body_html(notice: NoticeContent) -> str:
    """Inner HTML of the body container, without attachments."""
    return to_html(compose_notice(notice)[0].blocks)


def attachment_answer(notice: NoticeContent, enclosure: Enclosure, number: int) -> Answer:
    """The attachment's bytes, the same on every start."""
    blocks = compose_notice(notice)[1][number].blocks
    return Answer(
        make_file(enclosure.format, enclosure.name, blocks, notice.published), _TYPES[enclosure.format], modified=notice.published
    )
