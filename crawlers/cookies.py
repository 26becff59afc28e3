"""A lane's cookies: the portal's own, and no more of them than a browser would keep."""

from __future__ import annotations

from http.cookiejar import Cookie, DefaultCookiePolicy
from urllib.request import Request

from scrapy.http.cookies import CookieJar

_MOST, _BYTES = 50, 8192
"""RFC 6265 section 6.1 asks for at least fifty a host; all of them go into one request header, which servers bound at 8 KB."""


class FewCookies(DefaultCookiePolicy):
    """Refuses what would make the jar larger than that: a portal that sets new cookies for ever would grow every request."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[str, str, str], int] = {}

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Whether the cookie is kept; one that is there already may change."""
        key = cookie.domain, cookie.path, cookie.name
        others = sum(size for other, size in self._kept.items() if other != key)
        size = len(cookie.name) + len(cookie.value or "")
        if others + size > _BYTES or (key not in self._kept and len(self._kept) >= _MOST):
            return False
        if not super().set_ok(cookie, request):
            return False
        self._kept[key] = size
        return True


def few_cookies() -> CookieJar:
    """An empty jar of a lane."""
    return CookieJar(FewCookies())
