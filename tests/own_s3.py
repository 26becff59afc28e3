"""An S3 server on loopback (moto) that can be told to answer 503, as S3 does when it is asked too often."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import fsspec
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

_SLOW = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
BUCKET = "gongkai"


class S3:
    """A running server with one bucket."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        """Requests in all."""
        self.refused = 0
        """Requests that were answered with 503."""
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": "gongkai",
            "AWS_SECRET_ACCESS_KEY": "geheim-s3",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        if not self.away:
            return self._app(environ, start)
        self.refused += 1
        start("503 Slow Down", [("Content-Type", "application/xml"), ("Content-Length", str(len(_SLOW)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [_SLOW]

    def serve(self) -> None:
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()


@contextmanager
def running_s3() -> Iterator[S3]:
    """Serve in a thread of this process; `s3.environment` lets this process and others reach it. Its bucket is there and empty."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request
    server = S3()
    thread = threading.Thread(target=server.serve, name="s3", daemon=True)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patched:
            for name, value in server.environment.items():
                patched.setenv(name, value)
            fsspec.filesystem("s3", skip_instance_cache=True).mkdir(BUCKET)
            yield server
    finally:
        server.stop()
        thread.join(10)
