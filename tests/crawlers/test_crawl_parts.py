"""The crawl's parts without a crawl: content encodings, guard, manners, fingerprints, frontier, listing, archive, versions."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_spent import assert_quick

from crawlers.aside import read_aside
from crawlers.blocking import Identity, identity_mismatch, identity_of
from crawlers.content import TooLarge, decode_content
from crawlers.frontier import Due, Seen, due, identify
from crawlers.guard import GuardedResolver, OffHost, Refused, _PublicOnly, check_url, is_public
from crawlers.manners import read_robots, wait_before_retry
from crawlers.notices import version_of
from crawlers.own_url import own_url
from crawlers.state import DeadRow, KnownNotice, PortalState
from crawlers.tonight import Tonight
from crawlers.validators import Validators
from crawlers.warc import Record
from gongkai.errors import UnreadableInput
from gongkai.records.document import AttachmentLink
from gongkai.registry import Portal
from transforms.pages.contract import ListRow, PageFields, SoftError
from transforms.pages.refusals import refuse_soft_error
from transforms.pages.tree import Tree

RUN = "20260301T183000Z"


def portal(base: str = "http://www.example.gov.cn", **changes: Any) -> Portal:
    entry = {
        "id": "p",
        "name": "例市",
        "level": "city",
        "province": "例省",
        "division_code": "990000",
        "base_url": base,
        "family": "trs_wcm",
    }
    return Portal.model_validate(entry | changes)


# content


@given(st.binary(max_size=5000))
def test_encodings_are_undone(body: bytes) -> None:
    assert decode_content(gzip.compress(body), "gzip", 5000) == body
    assert decode_content(gzip.compress(body) + gzip.compress(body), "x-gzip", 10_000) == body * 2
    assert decode_content(zlib.compress(body), "deflate", 5000) == body
    raw = zlib.compressobj(wbits=-15)
    assert decode_content(raw.compress(body) + raw.flush(), "deflate", 5000) == body
    assert decode_content(gzip.compress(zlib.compress(body)), "deflate, gzip", 6000) == body


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        decode_content(bomb, "gzip", 1_000_000)


def test_a_stream_of_many_parts_is_refused_before_it_costs() -> None:
    """Each part costs a copy of the rest: 400,000 empty ones in 8 MB would take a minute."""
    parts = gzip.compress(b"") * 400_000

    def read() -> None:
        with pytest.raises(UnreadableInput, match="more than 100 parts"):
            decode_content(parts, "gzip", 10_000_000)

    assert_quick(read, 2)
    assert decode_content(gzip.compress(b"x") * 99, "gzip", 100) == b"x" * 99


def test_label_without_gzip_and_damage() -> None:
    assert decode_content(b"<html>", "gzip", 100) == b"<html>"
    with pytest.raises(UnreadableInput, match="ends too early"):
        decode_content(gzip.compress(b"x" * 1000)[:-12], "gzip", 2000)
    with pytest.raises(UnreadableInput, match="'br'"):
        decode_content(b"x", "br", 100)


# guard


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://www.example.gov.cn/a", "http://www.example.gov.cn/a"),
        ("https://WWW.example.gov.cn/a#top", "http://www.example.gov.cn/a"),
        ("https://www.example.gov.cn:443/a?b=1", "http://www.example.gov.cn/a?b=1"),
        ("http://www.example.gov.cn:8080/a", None),
        ("http://example.gov.cn/a", None),
        ("http://user@www.example.gov.cn/a", None),
        ("ftp://www.example.gov.cn/a", None),
        ("javascript:void(0)", None),
        ("http://[::1", None),
        ("http://www.example.gov.cn:99999/", None),
    ],
)
def test_own_url(url: str, own: str | None) -> None:
    assert own_url(portal(), url) == own


def test_ports_tell_portals_apart() -> None:
    one = portal("http://127.0.0.1:8701", allow_private=True)
    assert own_url(one, "http://127.0.0.1:8701/a") == "http://127.0.0.1:8701/a"
    assert own_url(one, "http://127.0.0.1:8702/a") is None
    assert own_url(one, "http://127.0.0.1/a") is None


_PRIVATE = """127.0.0.1 10.1.2.3 169.254.169.254 192.168.0.1 172.16.0.1 100.64.0.1 224.0.0.1 0.0.0.0
::1 fe80::1 fc00::1 ::ffff:127.0.0.1 2002:7f00:1:: 64:ff9b::a00:7
192.0.0.192 ::127.0.0.1 ::ffff:0:7f00:1 64:ff9b:1::7f00:1 fec0::1 5f00::1"""


@pytest.mark.parametrize("address", _PRIVATE.split())
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_public_addresses() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2400:3200::1")
    assert is_public("64:ff9b::808:808")
    assert is_public("::ffff:8.8.8.8")


def test_check_url() -> None:
    with pytest.raises(OffHost):
        check_url(portal(), "http://169.254.169.254/latest/")
    with pytest.raises(Refused, match="private address"):
        check_url(portal("http://127.0.0.1:80"), "http://127.0.0.1/")
    with pytest.raises(Refused, match="http and https"):
        check_url(portal(), "file:///etc/passwd")
    check_url(portal("http://127.0.0.1:80", allow_private=True), "http://127.0.0.1/")


def test_resolver_drops_private_answers() -> None:
    class Address:
        def __init__(self, host: str) -> None:
            self.host = host

    class Receiver:
        got: list[str] = []  # noqa: RUF012  # a stub of one test

        def addressResolved(self, address: Address) -> None:
            self.got.append(address.host)

    filtered = _PublicOnly(Receiver(), "rebound.example")
    for host in ("10.0.0.1", "8.8.8.8", "::1"):
        filtered.addressResolved(Address(host))
    assert Receiver.got == ["8.8.8.8"]
    assert GuardedResolver.refused["rebound.example"] == "::1"


# manners


def test_robots() -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: gongkai\nDisallow: /private/\nCrawl-delay: 99\n"
    robots = read_robots(200, rules, "Gongkai/0.1 (+https://x)")
    assert robots is not None
    assert robots.allows("http://x/a") and not robots.allows("http://x/private/a")
    assert robots.delay == 10.0
    assert robots.asked_delay == 99.0
    missing = read_robots(404, b"User-agent: *\nDisallow: /", "Gongkai/0.1")
    assert missing is not None and missing.allows("http://x/a") and missing.delay == 0
    assert read_robots(503, b"", "Gongkai/0.1") is None
    assert read_robots(429, b"", "Gongkai/0.1") is None


@pytest.mark.parametrize(
    "rules",
    [
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\r\n",
        "\ufeffUser-agent: *\nDisallow: /a\n".encode("utf-16-le"),
        b"User-agent: GONGKAI/2.0 (any)\nDisallow: /a\n\nUser-agent: *\nDisallow:\n",
    ],
)
def test_robots_of_odd_editors_are_obeyed(rules: bytes) -> None:
    robots = read_robots(200, rules, "Gongkai/0.1 (+https://x)")
    assert robots is not None
    assert not robots.allows("http://x/a") and robots.allows("http://x/b")


@pytest.mark.parametrize(
    ("attempt", "delay", "retry_after", "wait"),
    [
        (2, 1.0, None, 1.0),
        (3, 1.0, None, 2.0),
        (2, 0.0, None, 0.5),
        (2, 1.0, "7", 7.0),
        (2, 1.0, "3600", None),
        (2, 1.0, "Sun, 01 Mar 2026 00:00:30 GMT", 30.0),
        (2, 1.0, "Sun, 01 Mar 2020 00:00:00 GMT", 1.0),
        (2, 1.0, "soon", 1.0),
        (2, 1.0, "\xb2", 1.0),
        (2, 1.0, "Sun, 01 Mar 2026 00:00:30 +999999999999", 1.0),
        (20, 1.0, None, 60.0),
    ],
)
def test_wait_before_retry(attempt: int, delay: float, retry_after: str | None, wait: float | None) -> None:
    assert wait_before_retry(attempt, delay, retry_after, datetime(2026, 3, 1, tzinfo=UTC)) == wait


# blocking


@pytest.mark.parametrize(
    ("code", "name", "foreign"),
    [
        ("9900000001", "别市人民政府", False),  # a template's SiteName: the code decides
        ("9911000001", "例市人民政府", True),
        (None, None, False),
        (None, "例市人民政府", False),
        (None, "别市人民政府", True),
    ],
)
def test_identity(code: str | None, name: str | None, foreign: bool) -> None:
    registered = portal(site_id_code="9900000001", site_name="例市人民政府门户网站")
    assert bool(identity_mismatch(registered, Identity(code, name, None))) == foreign


@pytest.mark.parametrize(
    ("host", "domain", "foreign"),
    [
        ("jyj.hg.gov.cn", "www.hg.gov.cn", False),
        ("www.hg.gov.cn", "http://WWW.HG.GOV.CN/", False),
        ("www.hg.gov.cn", "www.huanggang.gov.cn", True),
        ("www.example.com", "other.com", True),
        ("www.yunxian.hg.gov.cn", "www.yunxian.gov.cn", False),  # a county's own domain beside its place in the city's
        ("www.gov.cn", "sousuo.www.gov.cn", False),
        ("www.hg.gov.cn", "例市.政务", False),  # says nothing that we could compare
        ("127.0.0.1:8700", "www.hg.gov.cn", False),
        ("www.hg.gov.cn", "", False),
    ],
)
def test_the_domain_decides_where_nobody_noted_code_and_name(host: str, domain: str, foreign: bool) -> None:
    assert bool(identity_mismatch(portal(f"http://{host}"), Identity("9911000001", "别市", domain))) == foreign
    assert identity_mismatch(portal(f"http://{host}", site_id_code="9911000001"), Identity("9911000001", None, domain)) is None


def test_identity_of() -> None:
    page = '<html><head><META NAME="siteidcode" content="9900000001"><meta content="例市" name="SiteName"></head><body>x</body></html>'
    assert identity_of(page) == ("9900000001", "例市", None)
    assert identity_of('<meta name="SiteDomain" content="www.example.cn">').domain == "www.example.cn"
    assert identity_of('{"articles": []}') == (None, None, None)


# frontier


def _row(title: str = "要点", day: int = 4, url: str = "http://www.example.gov.cn/a/t1.html") -> ListRow:
    return ListRow(title=title, url=url, date=date(2025, 3, day))


def _known(title: str = "要点", day: str = "2025-03-04", **changes: Any) -> KnownNotice:
    values = {"url": "u", "title": title, "date": day, "doc_number": None, "version": "v", "first_seen": RUN, "last_seen": RUN}
    return KnownNotice(**(values | changes))


def test_due() -> None:
    seen = identify(portal(), _row(), 1)
    key = str(seen.notice_id)

    def state(**known: Any) -> PortalState:
        made = PortalState.fresh(RUN)
        made.put_notice(key, _known(**known))
        return made

    def dead(tries: int) -> PortalState:
        made = PortalState.fresh(RUN)
        made.put_dead(key, DeadRow("u", RUN, tries))
        return made

    assert due(seen, PortalState.fresh(RUN)) is Due.NEW
    assert due(seen, state()) is Due.KNOWN
    assert due(seen, state(), recheck=True) is Due.RECHECK
    assert due(seen, state(title="旧")) is Due.CHANGED
    assert due(seen, state(day="2025-03-05")) is Due.CHANGED
    assert due(seen, state(validity="in_force")) is Due.CHANGED
    assert due(seen, state(retry=True)) is Due.CHANGED
    assert due(seen, state(gone="http_404")) is Due.CHANGED
    outbound = PortalState.fresh(RUN)
    outbound.put_outbound(key)
    assert due(seen, outbound) is Due.OUTBOUND
    assert due(seen, dead(2)) is Due.NEW
    assert due(seen, dead(3)) is Due.DEAD
    assert due(seen, dead(3), recheck=True) is Due.NEW
    assert due(identify(portal(), _row(url="https://mp.weixin.example/s/1"), 1), PortalState.fresh(RUN)) is Due.OUTBOUND


def test_only_a_whole_walk_counts_a_miss() -> None:
    """What an early stop left unread is neither missed nor missing."""
    shown, hidden = (identify(portal(), _row(url=f"http://www.example.gov.cn/a/t{n}.html"), 1) for n in (1, 2))
    state = PortalState.fresh("20260302T183000Z")
    for seen, missed in ((shown, 1), (hidden, 2)):
        state.put_notice(seen.key, _known(missed=missed))
    tonight = Tonight(state)
    assert [what for _, what in tonight.enter("要点", [shown], recheck=False)] == [Due.KNOWN]

    def missed() -> tuple[int, str, int, str]:
        one, two = state.notice(shown.key), state.notice(hidden.key)
        assert one and two
        return one.missed, one.last_seen, two.missed, two.last_seen

    assert tonight.mark_seen(whole=False) == 0
    assert missed() == (0, "20260302T183000Z", 2, RUN)
    assert tonight.mark_seen(whole=True) == 1
    assert missed() == (0, "20260302T183000Z", 3, RUN)


# versions


def test_version_ignores_markup_and_white_space_and_sees_words_dates_and_attachments() -> None:
    def version(body: str, **changes: Any) -> str:
        return version_of(PageFields(title="要点", published_at="2025-03-04", body_html=body, **changes), "要点")

    plain = version("<p>一、抓好落实。</p>")
    assert version("<div class=x>一、抓好 落实。\r\n</div><script>count=7</script><!-- built 7 -->") == plain
    assert version("<p>一、抓好公开。</p>") != plain
    assert version("<p>一、抓好落实。</p>", attachments=(AttachmentLink(name="附件", url="http://x/a.pdf"),)) != plain
    assert version("") == version("   ")
    fields = PageFields(title="要点", published_at="2025-03-04", body_html="<p>一、抓好落实。</p>")
    assert len({version_of(fields, "要点", flag) for flag in (None, "in_force", "abolished")}) == 3
    assert version_of(fields, "要点") == plain


def test_seen_keys() -> None:
    outbound = Seen(_row(), "https://other.example/a", None, 1)
    assert outbound.key == "other.example/a"


# reading


@pytest.mark.parametrize("text", ["short", "long" * 200_000])
def test_a_mistake_of_ours_costs_one_page(text: str) -> None:
    with pytest.raises(UnreadableInput, match="our reader failed on it: ZeroDivisionError"):
        asyncio.run(read_aside(text, lambda: 1 / 0))
    with pytest.raises(SoftError, match="404"):
        asyncio.run(read_aside(text, lambda: refuse_soft_error(Tree.of("<p>404</p>"), 0)))
    assert asyncio.run(read_aside(text, lambda: 1)) == 1


def test_a_last_modified_in_no_time_zone_on_earth_is_not_sent_back() -> None:
    record = Record("20260303T183000Z", "crawl.warc.gz", 0, "http://127.0.0.1/", "2026-03-03T18:30:00+00:00", "")
    assert Validators(None, "Mon, 01 Jan 2024 00:00:00 +99999999999999", record).headers == {}
