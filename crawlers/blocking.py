"""Telling trouble apart: a challenge or refusal (`blocked`), another body's site (`wrong_site`), no server (`unreachable`)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from scrapy.exceptions import IgnoreRequest

from crawlers.warc import Exchange
from gongkai.errors import PortalError, RegistryError
from gongkai.registry import Portal
from gongkai.status import RunStatus
from transforms.pages.meta_tags import read_meta_tags, same_site
from transforms.pages.tree import Tree

_TABLE = Path(__file__).with_name("challenges.yaml")
_OWN_PAGE = re.compile(
    rb"""<meta[^<>]{0,200}\bname=["']?(?:SiteName|SiteIDCode|SiteDomain|ColumnName|ArticleTitle|PubDate)\b""", re.IGNORECASE
)
_HEAD = 65_536  # bytes in which META tags are looked for
_SCRIPT = re.compile(rb"<script\b(.*?)(?:</script>|\Z)", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1>|<[^<>]*>", re.IGNORECASE | re.DOTALL)


class RunEnded(PortalError):
    """The portal's run cannot go on; carries the status it ends in."""

    def __init__(self, portal_id: str, url: str | None, status: RunStatus, cause: str) -> None:
        self.status, self.cause = status, cause
        super().__init__(portal_id, url, cause)


class CookieLoop(IgnoreRequest):
    """A page that redirects to itself again and again: it wants a cookie that only a browser's script would bring."""


_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}")
_SECOND_LEVEL = frozenset(("gov", "com", "org", "net", "edu", "ac"))
"""As in gov.cn: the name that somebody registered stands before it."""
_LOOPS = 2
"""Redirects after which a page that leads to itself had its cookie back and did not take it."""


def is_cookie_loop(url: str, status: int, location: bytes | None, hops: int) -> bool:
    """Whether an answer leads to its own address although the redirects before gave us whatever cookie it wanted."""
    if hops < _LOOPS or location is None or not location.strip() or status not in (301, 302, 303, 307, 308):
        return False
    return urldefrag(urljoin(url, location.decode("latin-1"))).url == urldefrag(url).url


class Kind(StrEnum):
    """What an answer that is not for us amounts to, in the words of the reasons."""

    CHALLENGE = "challenge"  # a script or cookie is to prove a browser; we do not try
    REFUSAL = "refused by a firewall"
    BLOCK_PAGE = "block page sent as a good one"
    STATUS = "refused"


class Challenge(BaseModel):
    """A fingerprint of an answer that refuses us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Kind
    decisive: bool
    statuses: frozenset[int] = frozenset()
    header: str | None = None
    script: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    max_bytes: int = 0
    max_text: int = 0

    @model_validator(mode="after")
    def _has_a_condition(self) -> Challenge:
        if not (self.statuses or self.header or self.script or self.body):
            raise ValueError("a challenge without a condition would match every page")
        if (self.script or self.body) and not self.max_bytes:
            raise ValueError("script and body need max_bytes: articles may quote anything")
        if self.body and not self.max_text:
            raise ValueError("body needs max_text: articles may quote anything")
        return self

    @property
    def told(self) -> str:
        """Kind and name."""
        return f"{self.kind}: {self.name}"

    def matches(self, exchange: Exchange, *, own: bool) -> bool:
        """All conditions hold. `own`: it is a good answer that names itself as the portal's, whatever its scripts do."""
        if self.statuses and exchange.status not in self.statuses:
            return False
        if self.header and not any(self.header.lower() in f"{name}: {value}".lower() for name, value in exchange.headers.items()):
            return False
        if self.script or self.body:
            page = exchange.payload
            if own or len(page) > self.max_bytes:
                return False
            run = [mark for mark in self.script if _holds(page, mark)]
            in_script = bool(run) and any(_holds(script, mark) for script in _SCRIPT.findall(page) for mark in run)
            return in_script or (any(_holds(page, mark) for mark in self.body) and _characters(page) <= self.max_text)
        return True


@cache
def _spellings(mark: str) -> tuple[bytes, ...]:
    """Chinese marks are looked for in both of the encodings that such pages come in."""
    return tuple({mark.encode(): None, mark.encode("gb18030"): None})


def _holds(text: bytes, mark: str) -> bool:
    return any(spelling in text for spelling in _spellings(mark))


def _characters(page: bytes) -> int:
    """How much of a small page is to be read, roughly: Chinese counted as UTF-8."""
    return len(b"".join(_MARKUP.sub(b" ", page).split()).decode("utf-8", "replace"))


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    challenges: tuple[Challenge, ...]


@cache
def challenges() -> tuple[Challenge, ...]:
    """The table of fingerprints; raises RegistryError where the file is wrong."""
    try:
        return _Table.model_validate(yaml.safe_load(_TABLE.read_text(encoding="utf-8"))).challenges
    except (yaml.YAMLError, ValidationError) as error:
        raise RegistryError(str(_TABLE), None, str(error)) from error


def challenge_of(exchange: Exchange) -> Challenge | None:
    """The first fingerprint that fits, or None."""
    own = exchange.status == 200 and bool(_OWN_PAGE.search(exchange.payload[:_HEAD]))
    return next((c for c in challenges() if c.matches(exchange, own=own)), None)


class Identity(NamedTuple):
    """What a page says of whose it is."""

    code: str | None
    """SiteIDCode."""
    name: str | None
    """SiteName."""
    domain: str | None
    """SiteDomain."""


def identity_mismatch(portal: Portal, page: Identity) -> str | None:
    """Why a page belongs to another body, or None. A page that says nothing proves nothing.

    The code decides where both sides have one: templates carry a foreign SiteName (cms-families.md 2.1, 4.2 of design.md). The domain is
    the last to be asked, where one side has neither; a name of its own within the portal's host will do (`example.gov.cn` of
    `www.example.city.gov.cn`).
    """
    if portal.site_id_code and page.code:
        return None if page.code == portal.site_id_code else f"SiteIDCode {page.code[:40]}, expected {portal.site_id_code}"
    if portal.site_name and page.name:
        return None if same_site(page.name, portal.site_name) else f"SiteName {page.name[:80]!r}, expected {portal.site_name!r}"
    own, said = _registered(portal.host), _registered(page.domain or "")
    other = own and said and own != said and said.partition(".")[0] not in portal.host.split(".")
    return f"SiteDomain {said}, expected {own}" if other else None


def _registered(address: str) -> str | None:
    """The domain that somebody registered, of a host or of what a SiteDomain tag says: `hg.gov.cn` of `http://jyj.hg.gov.cn/`.

    None where that is no name: an address in numbers, a single word.
    """
    host = re.sub(r"^\w+://", "", address.strip().lower()).partition("/")[0].partition(":")[0].removeprefix("www.")
    if not _DOMAIN.fullmatch(host):
        return None
    labels = host.split(".")
    return ".".join(labels[-3:] if labels[-2] in _SECOND_LEVEL else labels[-2:])


def identity_of(text: str) -> Identity:
    """SiteIDCode, SiteName and SiteDomain that an HTML page carries in its META tags; of anything else, nothing."""
    if "<meta" not in text[:50_000].lower():
        return Identity(None, None, None)
    tags = read_meta_tags(Tree.of(text))
    first = (found[0].value if (found := tags.get(name)) else None for name in ("site_id_code", "site_name", "site_domain"))
    return Identity(*first)
