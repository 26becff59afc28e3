"""One digest a night and severity, level-triggered, through a real HTTP channel; heartbeat."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from planted_ledger import NIGHTS, plant

from gongkai.errors import StageFailed
from gongkai.status import RunStatus, Severity
from stages.alert import age, beat, compose, send
from stages.standing import gravest_first, standings


class Sink:
    """Where messages arrive; answers with `status`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.status = 200
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink.messages.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(sink.status)
                self.end_headers()

            def do_GET(self) -> None:
                sink.asked.append(self.path)
                self.send_response(sink.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    thread = threading.Thread(target=sink.server.serve_forever)
    thread.start()
    yield sink
    sink.server.shutdown()
    thread.join()
    sink.server.server_close()


def test_standing_counts_the_streak_of_nights_that_were_asked(tmp_path: Path) -> None:
    ctx = plant(tmp_path, {"a": "ccbbb", "b": "bbbcc", "c": "cb-bb", "d": "ccccc", "e": "ccccp", "f": "bbbbc"})
    found = {s.portal_id: s for s in standings(ctx)}
    assert (found["a"].status, found["a"].since, len(found["a"].bad_nights), found["a"].last_whole) == (
        RunStatus.BLOCKED,
        NIGHTS[2],
        3,
        NIGHTS[1],
    )
    assert (found["c"].since, len(found["c"].bad_nights)) == (NIGHTS[1], 3)
    assert (found["b"].since, found["b"].recovered_in(ctx.run_id), found["f"].recovered_in(ctx.run_id)) == (None, False, True)
    assert (found["e"].broke_in(ctx.run_id), found["a"].broke_in(ctx.run_id)) == (True, False)
    assert [s.portal_id for s in gravest_first(list(found.values()))] == ["c", "a", "e"]


def test_what_is_still_wrong_is_said_every_night_and_once_a_night(tmp_path: Path, sink: Sink) -> None:
    ctx = plant(tmp_path, {"a": "cbb", "e": "ccp", "f": "bbc"}, alert_urls=f"json://127.0.0.1:{sink.port}")
    assert send(ctx) == "critical to json://127.0.0.1, error to json://127.0.0.1, warning to json://127.0.0.1"
    assert [(m["type"], m["title"]) for m in sink.messages] == [
        ("failure", "Gongkai 2026-03-04: nothing was published"),
        ("failure", "Gongkai 2026-03-04: 1 still broken"),
        ("warning", "Gongkai 2026-03-04: 1 not whole"),
    ]
    assert sink.messages[1]["message"].splitlines() == [
        "blocked a市人民政府 (a), for 2 nights since 2026-03-03: http://127.0.0.1:9/: HTTP 500",
        "whole again: f",
    ]
    assert send(ctx) == "; 3 sent before", "a rerun of the night is silent"
    assert len(sink.messages) == 3
    later = plant(tmp_path, {"a": "cbbb", "e": "cccc", "f": "bbcc"}, alert_urls=f"json://127.0.0.1:{sink.port}", alert_from=Severity.ERROR)
    send(later)
    assert [m["title"] for m in sink.messages[3:]] == ["Gongkai 2026-03-05: nothing was published", "Gongkai 2026-03-05: 1 still broken"]
    assert "for 3 nights since 2026-03-03" in sink.messages[-1]["message"]


def test_strangers_text_is_inert_and_bounded(tmp_path: Path) -> None:
    hostile = "http://127.0.0.1:9/: @all [click](http://evil) <b>`x`</b>\x1b[2J " + "长" * 500
    ctx = plant(tmp_path, {f"p{n}": "b" for n in range(60)}, reason=hostile)
    (text,) = (a.text for a in compose(ctx) if a.severity is Severity.ERROR)
    assert not set("`[]<>@\x1b") & set(text)
    assert len(text) < 3700 and text.splitlines()[-1].startswith("… and ")
    shown = len(text.splitlines()) - 1
    assert text.splitlines()[-1] == f"… and {60 - shown} more"


def test_a_channel_that_fails_is_named_without_its_secret_and_hides_no_other(tmp_path: Path, sink: Sink) -> None:
    urls = f"json://user:geheim@127.0.0.1:1/token json://127.0.0.1:{sink.port}"
    ctx = plant(tmp_path, {"a": "c"}, alert_urls=urls)
    with pytest.raises(StageFailed) as failed:
        send(ctx)
    assert str(failed.value) == "not sent: critical to json://127.0.0.1; sent: critical to json://127.0.0.1"
    assert len(sink.messages) == 1
    assert "geheim" not in ctx.layout.alerts_sent.read_text()
    assert send(plant(tmp_path, {"a": "c"}), urls="").startswith("1 digests, no channel")


def test_the_heartbeat(tmp_path: Path, sink: Sink) -> None:
    ctx = plant(tmp_path, {"a": "c"}, heartbeat_url=f"http://127.0.0.1:{sink.port}/ping/geheim")
    now = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert age(ctx, now) is None
    assert beat(ctx) == "the switch answered 200"
    assert sink.asked == ["/ping/geheim"]
    assert age(ctx, now) == timedelta(hours=6)
    sink.status = 500
    with pytest.raises(StageFailed) as failed:
        beat(ctx)
    assert "geheim" not in str(failed.value)
