"""Stable ids: made from raw, mandatory source values, so that cleaning code can never change one."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_TRACKING = {"from", "timestamp", "spm", "isappinstalled", "v", "t", "_t", "utm_source", "utm_medium", "utm_campaign"}


def digest(*parts: str, length: int = 20) -> str:
    """Hex sha256 over the parts, unambiguous at their borders."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:length]


def canonical_url(url: str) -> str:
    """Scheme dropped, host lower-cased, fragment and tracking query dropped (cms-families.md section 2.3).

    A change here is a re-key of the warehouse.
    """
    parts = urlsplit(url.strip())
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in _TRACKING])
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    return urlunsplit(("", host + port, parts.path or "/", query, "")).removeprefix("//")


def notice_id(portal_id: str, native_id: str | None, url: str) -> str:
    """Key of a notice: the portal and its native id, or its path where the family has none.

    The host is left out, so that a portal which moves to https or to a new domain keeps its keys.
    """
    if native_id:
        return digest(portal_id, "native", native_id)
    _, _, path = canonical_url(url).partition("/")
    return digest(portal_id, "path", path)


def document_id(notice: str, version: str, part: int, member: int = 0) -> str:
    """Key of a document: part 0 is the page, part n its n-th attachment; member m is the m-th file in an attachment that is an archive."""
    return digest(notice, version, f"{part}.{member}" if member else str(part))
