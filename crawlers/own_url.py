"""Which addresses are the portal's own. Apart from the guard: reading the archive must not wait for Scrapy's import."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from gongkai.registry import Portal

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)
"""What Java servers write into every link until a cookie comes back: another one each night, and no part of the address."""


def own_url(portal: Portal, url: str) -> str | None:
    """`url` in the portal's own transport, or None where it lies on another host.

    Portals write links with the other scheme than they serve; the registry's scheme is the one that works.
    """
    try:
        parts, base = urlsplit(url), urlsplit(portal.base_url)
        port, own = parts.port, base.port
    except ValueError:  # [::1, port 99999: no address at all
        return None
    if parts.scheme not in _DEFAULT_PORTS or parts.hostname != base.hostname or parts.username:
        return None
    default = port is None or port == _DEFAULT_PORTS[parts.scheme]
    own_default = own is None or own == _DEFAULT_PORTS[base.scheme]
    if not (default and own_default) and port != own:
        return None
    return parts._replace(scheme=base.scheme, netloc=base.netloc, path=without_session(parts.path), fragment="").geturl()


def own_today(portal: Portal, url: str) -> str:
    """An address that was the portal's own when it was remembered, on the host and in the transport that it has now."""
    base = urlsplit(portal.base_url)
    return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


def without_session(url: str) -> str:
    """An address without the session that a server wrote into it."""
    return _SESSION.sub("", url)
