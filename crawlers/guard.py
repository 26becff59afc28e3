"""What a crawl may contact: the portal's own host, by http(s), at a public address, where robots.txt allows it.

Two checks: the middleware looks at every URL (redirect hops and attachments too) before anything is sent, the resolver at every
address a host name turns out to mean, so that a name which points into a private network is refused before a connection.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # has no stubs

from crawlers.own_url import own_url
from gongkai.registry import Portal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL = ipaddress.ip_network("2000::/3")
"""All IPv6 that is routed worldwide; outside lie site-local, IPv4-compatible and translated addresses, which Python calls global."""
_SPECIAL = ipaddress.ip_network("192.0.0.0/24")  # IETF protocol assignments; a cloud's metadata service stands there


class Refused(IgnoreRequest):
    """A URL the crawl must not contact; raised by the middleware and by `check_url`, before any connection."""


class OffHost(Refused):
    """A URL on another host than the portal's own."""


class Disallowed(Refused):
    """A URL that the portal's robots.txt forbids."""


def check_url(portal: Portal, url: str) -> None:
    """Raises Refused (another scheme, a private address) or OffHost."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise Refused("only http and https are fetched")
    if own_url(portal, url) is None:
        raise OffHost(f"{url}, another host than {portal.host}")
    address = _literal(parts.hostname or "")
    if address and not portal.allow_private and not is_public(address):
        raise Refused(f"{address} is a private address, which {portal.id} may not have")


def is_public(address: str) -> bool:
    """True for a globally routed unicast address; an IPv4 address inside an IPv6 one is judged as IPv4."""
    ip = ipaddress.ip_address(address)
    inner = _inner(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is None and isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL:
        return False
    meant = inner or ip
    return meant.is_global and not meant.is_multicast and meant not in _SPECIAL


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, or behind a NAT64 (RFC 6052)."""
    return ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(ip.packed[12:]) if ip in _NAT64 else None)


def private_hosts(portals: Iterable[Portal]) -> list[str]:
    """Host names that the registry lets mean a private address."""
    return sorted({urlsplit(p.base_url).hostname or "" for p in portals if p.allow_private})


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


class GuardMiddleware:
    """Downloader middleware: refuses what `check_url` and the portal's robots.txt refuse, at every redirect hop."""

    def process_request(self, request: Request) -> None:
        """Raises Refused, OffHost or Disallowed; a request outside a portal's lane is a mistake of ours and refused as well."""
        lane = request.meta.get("lane")
        if lane is None:
            raise Refused("asked outside a portal's lane")
        check_url(lane.portal, request.url)
        if not lane.robots.allows(request.url):
            raise Disallowed("robots.txt forbids it")


@implementer(IHostnameResolver)
class GuardedResolver(CachingHostnameResolver):
    """Resolver that drops private, loopback, link-local and multicast addresses, except for hosts the registry allows."""

    refused: ClassVar[dict[str, str]] = {}
    """Host → address dropped in this process, so that the failure that follows can be explained."""

    def __init__(self, reactor: Any, cache_size: int, allowed: frozenset[str]) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardedResolver:
        """Built once a process by Scrapy."""
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), frozenset(crawler.settings.getlist("GUARD_PRIVATE_HOSTS")))

    # The names are Twisted's; `Any`, because zope's interfaces mean nothing to mypy.
    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[Any] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """As Twisted's, through a receiver that drops refused addresses."""
        receiver = resolutionReceiver if hostName in self.allowed else _PublicOnly(resolutionReceiver, hostName)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)  # type: ignore[arg-type]  # as above


@implementer(IResolutionReceiver)
class _PublicOnly:
    def __init__(self, receiver: Any, host: str) -> None:
        self.receiver, self.host = receiver, host

    def resolutionBegan(self, resolution: Any) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_public(address.host):
            self.receiver.addressResolved(address)
        else:
            GuardedResolver.refused[self.host] = address.host
            logger.warning("%s resolves to %s, a private address: refused", self.host, address.host)

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()
