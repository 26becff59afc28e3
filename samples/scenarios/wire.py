"""Faults of the connection: silence, dripping, resets, lies about lengths, refusals for a while, floods and bombs."""

from __future__ import annotations

import gzip
from dataclasses import replace

from gongkai.status import RunStatus
from samples.scenarios.front import Asked, Front, Maker, Reply, moved
from samples.scenarios.model import Expected, Fault, Night, Scenario, Watch
from samples.scenarios.notices import manners, notice, notices, one_night

_OTHERS = (1001, 1002, 1004, 1005)
"""All but 1003, whose page the fault is about."""
_HASTY = manners(timeout=10, retries=0)
_MOST_COOKIES = 50
_FOUR = Expected(RunStatus.PARTIAL, _OTHERS)


def once(reply: Reply) -> Maker:
    """`reply` the first time a path is asked, the dialect's own page after that."""
    return lambda asked, front: reply if front.times[asked.path] == 1 else front.own(asked.path)


def _never(front: Front) -> None:
    front.put_detail(1003, Reply(never=True))


def _dripping(front: Front) -> None:
    front.put_detail(1003, replace(front.own(front.detail(1003)), drip=0.2))


def _dripping_head(front: Front) -> None:
    lines = tuple((f"X-Part-{n}", "x") for n in range(40))
    front.put_detail(1003, replace(front.own(front.detail(1003)), head_drip=0.6, headers=lines))


def _reset(front: Front) -> None:
    front.put_detail(1003, replace(front.own(front.detail(1003)), reset_after=700))


def _reset_once(front: Front) -> None:
    front.put_detail(1003, once(replace(front.own(front.detail(1003)), reset_after=700)))


def _gzip(front: Front, *, cut: int = 0, packed: bool = True) -> None:
    plain = front.own(front.detail(1003))
    body = gzip.compress(plain.body)[: -cut or None] if packed else plain.body
    front.put_detail(1003, replace(plain, body=body, headers=(("Content-Encoding", "gzip"),)))


def _too_long(front: Front) -> None:
    plain = front.own(front.detail(1003))
    front.put_detail(1003, replace(plain, length=len(plain.body) + 400))


def _too_short(front: Front) -> None:
    plain = front.own(front.list_paths()[0])
    front.put_list(replace(plain, length=len(plain.body) - 400))


def _busy_for(seconds: str, status: int, *, always: bool) -> Maker:
    busy = Reply(b"busy", status, headers=(("Retry-After", seconds),))
    return (lambda asked, front: busy) if always else once(busy)


def _waited(watch: Watch) -> str | None:
    """While the portal wants to be left alone, none of the lane's workers asks."""
    at = [a.at for a in watch.asked]
    refused = next(i for i, a in enumerate(watch.asked) if a.path.endswith("_1005.html"))
    rest = [t for t in at[refused + 1 :] if t - at[refused] < 0.95]
    return f"{len(rest)} requests within the second that was asked for" if len(rest) > 2 else None  # two were on their way


def _nothing_after(watch: Watch) -> str | None:
    return None if watch.paths("_100")[-1].endswith("_1003.html") else "asked on although it was asked to wait an hour"


def _loop(front: Front) -> None:
    here, there = front.detail(1003), "/elsewhere.html"
    front.put(moved(there), here)
    front.put(moved(here), there)


def _dies(front: Front) -> None:
    for number in range(1001, 1013):
        front.put_detail(number, Reply(b"x" * 50, reset_after=10))
    alive = front.own("/robots.txt")
    front.put(lambda asked, _: alive if front.times[asked.path] == 1 else Reply(b"x" * 50, reset_after=10), "/robots.txt")


def _left_alone(watch: Watch) -> str | None:
    asked = len(watch.paths("_10"))
    return f"{asked} pages asked of a server that no longer answers" if asked > 7 else None


def _silent_entry(front: Front) -> None:
    front.before = lambda asked, _: Reply(never=True)


def _busy_portal(front: Front) -> None:
    front.before = lambda asked, _: Reply(b"busy", 503)


def _flood(front: Front) -> None:
    front.put_detail(1003, front.own(front.detail(1003)).with_headers(*((f"X-Flood-{n}", "x" * 20) for n in range(5000))))


def _wide_header(front: Front) -> None:
    front.put_detail(1003, front.own(front.detail(1003)).with_headers(("X-Wide", "x" * 1_000_000)))


def _many_headers(front: Front) -> None:
    front.put_detail(1003, front.own(front.detail(1003)).with_headers(*((f"X-Many-{n}", "x" * 20) for n in range(120))))


def _with_cookies(asked: Asked, front: Front) -> Reply:
    start = 40 * front.times[asked.path] + 400 * len(front.times)
    cookies = (("Set-Cookie", f"c{n}={'x' * 60}; Path=/") for n in range(start, start + 40))
    return front.own(asked.path).with_headers(*cookies, ("Set-Cookie", f"wide={'x' * 8000}; Path=/"))


def _endless_cookies(front: Front) -> None:
    front.before = _with_cookies


def _few_cookies(watch: Watch) -> str | None:
    most = max(len(a.headers.get("cookie", "").split(";")) for a in watch.asked)
    widest = max(len(a.headers.get("cookie", "")) for a in watch.asked)
    return f"{most} cookies, {widest} bytes of them, sent back" if most > _MOST_COOKIES or widest > 10_000 or most < 2 else None


def _wants_cookie(asked: Asked, front: Front) -> Reply:
    if "gate=open" in asked.headers.get("cookie", ""):
        return front.own(asked.path)
    return moved(asked.path, 302, ("Set-Cookie", "gate=open; Path=/; Domain=127.0.0.1"), ("Set-Cookie", "gate=open; Path=/"))


def _gate(front: Front) -> None:
    front.before = _wants_cookie


def _cookies_stay(watch: Watch) -> str | None:
    if any("gate=" in a.headers.get("cookie", "") for a in watch.others):
        return "another portal was sent this portal's cookie"
    return None if any("gate=open" in a.headers.get("cookie", "") for a in watch.asked) else "the portal's own cookie never came back"


def _large(*, told: bool) -> Reply:
    return Reply(b"<html><body>" + b"<p>x</p>" * 4_000_000, open_end=not told)


def _bomb(front: Front) -> None:
    body = gzip.compress(bytes(80_000_000), 9)
    front.put_detail(1003, Reply(body, headers=(("Content-Encoding", "gzip"),)))


def _attached(count: int, reply: Reply) -> Fault:
    """The oldest notice has so many attachments."""

    def fault(front: Front) -> None:
        links = "".join(f'<p><a href="/f/{n}.doc?n={n}">附件{n}：任务分解表</a></p>' for n in range(1, count + 1))
        front.edit_detail(1001, lambda text: text.replace('<div class="TRS_Editor">', f'<div class="TRS_Editor">{links}', 1))
        front.put(reply, *(f"/f/{n}.doc" for n in range(1, count + 1)))

    return fault


SCENARIOS = (
    one_night(
        "page-never-answers", "one page takes the request and never answers", replace(_FOUR, says="Timeout"), _never, registry=_HASTY
    ),
    one_night(
        "entry-never-answers",
        "nothing but robots.txt is ever answered",
        Expected(RunStatus.UNREACHABLE, (), says="Timeout"),
        _silent_entry,
        registry=_HASTY,
    ),
    one_night("page-drips", "one page's body comes one byte at a time", replace(_FOUR, says="Timeout"), _dripping, registry=_HASTY),
    one_night(
        "headers-drip", "one page's headers come one line at a time", replace(_FOUR, says="Timeout"), _dripping_head, registry=_HASTY
    ),
    one_night("reset-in-body", "the connection is reset in the middle of one page, every time", replace(_FOUR, says="lost"), _reset),
    one_night("reset-once", "the connection is reset once, the second try is whole", Expected(RunStatus.COMPLETE), _reset_once),
    one_night(
        "server-dies",
        "after the list every page is cut off: nobody is asked for ever",
        Expected(RunStatus.PARTIAL, (), says="in a row", witness=_left_alone),
        _dies,
        notices=notices(12),
        registry=manners(retries=0),
    ),
    one_night("gzip-cut", "one page's gzip stream ends too early", replace(_FOUR, says="ends too early"), lambda f: _gzip(f, cut=20)),
    one_night("gzip-in-name-only", "one page is labelled gzip and is not", Expected(RunStatus.COMPLETE), lambda f: _gzip(f, packed=False)),
    one_night("length-too-long", "one page is shorter than its Content-Length", replace(_FOUR, says="DataLoss"), _too_long),
    one_night(
        "length-too-short",
        "the list's JSON is longer than its Content-Length and arrives cut off",
        Expected(RunStatus.BROKEN, (), says="no JSON"),
        _too_short,
        family="gkmlpt",
    ),
    one_night(
        "retry-after-a-second",
        "one page answers 429 with Retry-After: 1 at first; the whole lane waits",
        Expected(RunStatus.COMPLETE, witness=_waited),
        lambda f: f.put_detail(1005, _busy_for("1", 429, always=False)),
    ),
    Scenario(
        "retry-after-an-hour",
        "a page answers 429 with Retry-After: 3600: the portal is left until the next night",
        (
            Night(
                Expected(RunStatus.PARTIAL, (1005, 1004), says="3600", witness=_nothing_after),
                notices(5),
                lambda f: f.put_detail(1003, _busy_for("3600", 429, always=True)),
            ),
            Night(Expected(RunStatus.COMPLETE, (1001, 1002, 1003)), notices(5)),
        ),
        registry=manners(concurrency=1),
    ),
    one_night(
        "retry-after-an-hour-at-the-door",
        "the list itself answers 429 with Retry-After: 3600",
        Expected(RunStatus.BLOCKED, (), says="429"),
        lambda f: f.put_list(_busy_for("3600", 429, always=True)),
    ),
    one_night(
        "busy-once", "the list answers 503 once", Expected(RunStatus.COMPLETE), lambda f: f.put_list(_busy_for("1", 503, always=False))
    ),
    one_night("busy-always", "every page answers 503", Expected(RunStatus.UNREACHABLE, (), says="HTTP 503"), _busy_portal),
    one_night("page-500", "one page answers 500", replace(_FOUR, says="HTTP 500"), lambda f: f.put_detail(1003, Reply(b"oops", 500))),
    one_night("redirect-loop", "one page leads to another that leads back", replace(_FOUR, says="redirect"), _loop),
    one_night(
        "redirect-to-itself",
        "one page leads to itself for ever, the others are good: a mistake, no wall",
        replace(_FOUR, says="redirects to itself"),
        lambda f: f.put_detail(1003, moved("#")),
    ),
    one_night(
        "redirect-to-no-address",
        "one page leads to http://[::1, which is no address",
        replace(_FOUR, says="no address"),
        lambda f: f.put_detail(1003, moved("http://[::1")),
    ),
    one_night(
        "redirect-away",
        "one page leads to another host: kept as a reference",
        Expected(RunStatus.COMPLETE, _OTHERS, counts={"outbound": 1}),
        lambda f: f.put_detail(1003, moved(f"http://127.0.0.1:{f.trap}/x.html")),
    ),
    one_night(
        "redirect-into-private-net",
        "one page leads to the metadata address of a cloud",
        Expected(RunStatus.COMPLETE, _OTHERS, counts={"outbound": 1}),
        lambda f: f.put_detail(1003, moved("http://169.254.169.254/latest/")),
    ),
    one_night(
        "entry-leads-away",
        "the list redirects to another host",
        Expected(RunStatus.WRONG_SITE, (), says="another host"),
        lambda f: f.put_list(moved(f"http://127.0.0.1:{f.trap}/")),
    ),
    one_night("page-of-32-mb", "one page announces 32 MB", replace(_FOUR, says="larger"), lambda f: f.put_detail(1003, _large(told=True))),
    one_night(
        "page-without-length",
        "one page sends 32 MB without announcing them",
        replace(_FOUR, says="larger"),
        lambda f: f.put_detail(1003, _large(told=False)),
    ),
    one_night(
        "requests-spent",
        "an article has 320 attachments: the budget of requests (here 300) ends the run, what was read is kept",
        Expected(RunStatus.PARTIAL, (1005, 1004, 1003, 1002), says="request budget"),
        _attached(320, Reply(b"x", content_type="application/msword")),
        registry=manners(concurrency=1),
    ),
    one_night(
        "bytes-spent",
        "an article has eight attachments of 6 MB: the budget of bytes (here 40 MB) ends the run, what was read is kept",
        Expected(RunStatus.PARTIAL, (1005, 1004, 1003, 1002), says="byte budget"),
        _attached(8, Reply(b"\0" * 6_000_000, content_type="application/msword")),
        registry=manners(concurrency=1),
    ),
    one_night(
        "page-of-6-mb",
        "one article has 6 MB of paragraphs: it is read while the other portals' lanes go on",
        Expected(RunStatus.COMPLETE),
        notices=(notice(1001, words="为做好政务公开工作，现将有关事项通知如下。\n" * 90_000), *notices(2, 1002)),
    ),
    one_night("gzip-bomb", "one page of 80 KB unpacks to 80 MB", replace(_FOUR, says="after decompression"), _bomb),
    one_night("header-flood", "one page has 5,000 header lines", replace(_FOUR, says="header"), _flood),
    one_night("header-of-1-mb", "one page has a header line of 1 MB", replace(_FOUR, says="header"), _wide_header),
    one_night("many-headers", "one page has 120 header lines, which is odd and no harm", Expected(RunStatus.COMPLETE), _many_headers),
    one_night(
        "endless-cookies",
        "every answer sets forty more cookies and one of 8 KB",
        Expected(RunStatus.COMPLETE, witness=_few_cookies),
        _endless_cookies,
    ),
    one_night(
        "cookie-gate",
        "every page wants a plain cookie, set by a redirect to itself; no other portal ever sees it",
        Expected(RunStatus.COMPLETE, witness=_cookies_stay),
        _gate,
    ),
)
