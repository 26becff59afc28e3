"""A sample district served by another process on this machine, for the benchmarks of the crawl and of the night."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from samples.district import running_district


@contextmanager
def served_district(folder: Path, dialects: Sequence[str], *, each: int, notices: int, delay: float = 0) -> Iterator[Path]:
    """The registry of the running district."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=_serve, args=(folder, dialects, each, notices, delay, theirs), daemon=True)
    server.start()
    try:
        yield Path(ours.recv())
    finally:
        ours.send("stop")
        server.join(20)


def _serve(folder: Path, dialects: Sequence[str], each: int, notices: int, delay: float, pipe: Connection) -> None:
    with running_district(folder, dialects, each=each, notices=notices, delay=delay) as town:
        pipe.send(str(town.registry))
        pipe.recv()
