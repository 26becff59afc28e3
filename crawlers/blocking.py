"""Telling trouble apart: a challenge or refusal (`blocked`), another body's site (`wrong_site`), no server (`unreachable`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from crawlers.warc import Exchange
from gongkai.errors import PortalError, RegistryError
from gongkai.registry import Portal
from gongkai.status import RunStatus
from transforms.pages.meta_tags import read_meta_tags
from transforms.pages.tree import Tree

_TABLE = Path(__file__).with_name("challenges.yaml")


class RunEnded(PortalError):
    """The portal's run cannot go on; carries the status it ends in."""

    def __init__(self, portal_id: str, url: str | None, status: RunStatus, cause: str) -> None:
        self.status, self.cause = status, cause
        super().__init__(portal_id, url, cause)


class Challenge(BaseModel):
    """A fingerprint of an answer that refuses us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    decisive: bool
    statuses: frozenset[int] = frozenset()
    header: str | None = None
    body: tuple[str, ...] = ()
    max_bytes: int = 0

    @model_validator(mode="after")
    def _has_a_condition(self) -> Challenge:
        if not (self.statuses or self.header or self.body):
            raise ValueError("a challenge without a condition would match every page")
        if self.body and not self.max_bytes:
            raise ValueError("body needs max_bytes: articles may quote anything")
        return self

    def matches(self, exchange: Exchange) -> bool:
        """All conditions hold."""
        if self.statuses and exchange.status not in self.statuses:
            return False
        if self.header and not any(self.header in f"{name}: {value}" for name, value in exchange.headers.items()):
            return False
        if self.body:
            return len(exchange.payload) <= self.max_bytes and any(mark.encode() in exchange.payload for mark in self.body)
        return True


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
    return next((c for c in challenges() if c.matches(exchange)), None)


def identity_mismatch(portal: Portal, site_id_code: str | None, site_name: str | None) -> str | None:
    """Why a page belongs to another body, or None. A page that says nothing proves nothing.

    The code decides where both sides have one: templates carry a foreign SiteName (cms-families.md 2.1, 4.2 of design.md).
    """
    if portal.site_id_code and site_id_code:
        return None if site_id_code == portal.site_id_code else f"SiteIDCode {site_id_code}, expected {portal.site_id_code}"
    if portal.site_name and site_name and _plain(site_name) != _plain(portal.site_name):
        return f"SiteName {site_name[:80]!r}, expected {portal.site_name!r}"
    return None


def identity_of(text: str) -> tuple[str | None, str | None]:
    """SiteIDCode and SiteName that an HTML page carries in its META tags; of anything else, (None, None)."""
    if "<meta" not in text[:50_000].lower():
        return None, None
    tags = read_meta_tags(Tree.of(text))
    code, name = tags.get("site_id_code"), tags.get("site_name")
    return code[0].value if code else None, name[0].value if name else None


def _plain(name: str) -> str:
    return "".join(name.split()).removesuffix("门户网站").removesuffix("网站")
