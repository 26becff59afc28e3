"""`python -m crawlers --run TS --portals ID,ID`: one crawl process for a batch of portals, as the stage starts it."""

from __future__ import annotations

import argparse
import gc
import importlib.abc
import os
import resource
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.config import scrapy_settings
from gongkai.errors import GongkaiError

ORPHANED = 75  # EX_TEMPFAIL: run it again
_OPEN_FILES = 10_000


class _WithoutPandas(importlib.abc.MetaPathFinder):
    """pyarrow imports pandas (1.4 s, 60 MB) only to see that our lists are no Series; a crawl process has no other use for it."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("a crawl process does without pandas", name="pandas")
        return None


def _exit_with_parent() -> None:
    """Standard input is a pipe that the parent holds; it ends when the parent dies, and then so do we, at once.

    Nothing is lost: an unfinished run is a partial folder that a rerun replaces.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHANED)


def _allow_open_files() -> None:
    """A lane holds five: lock, archive, state and its log, connection. A hundred lanes pass the usual soft limit of 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def main() -> int:
    """Crawl; how each portal fared is in the ledger, so the exit status only says whether the process itself worked."""
    parser = argparse.ArgumentParser(prog="python -m crawlers", description=__doc__)
    parser.add_argument("--run", required=True, metavar="TS")
    parser.add_argument("--portals", required=True, metavar="ID,ID")
    parser.add_argument("--parent-pipe", action="store_true", help="exit when standard input ends")
    parser.add_argument("--rewalk", action="store_true", help="walk every listing whole and ask every known page again")
    parser.add_argument("--accept-mass-change", action="store_true", help="a person has looked: let a mass change or removal pass")
    parser.add_argument("--sample", metavar="N", help="only page one of each section and N notices of it")
    parser.add_argument("--links", metavar="N", help="also try N links of the first page: for visits to home pages")
    arguments = parser.parse_args()
    if arguments.parent_pipe:
        threading.Thread(target=_exit_with_parent, name="parent-pipe", daemon=True).start()
    _allow_open_files()
    sys.meta_path.insert(0, _WithoutPandas())
    from crawlers.spider import PortalSpider  # imports pyarrow

    try:
        spider = PortalSpider(portals=arguments.portals, run=arguments.run)  # says what is wrong before a reactor starts
    except GongkaiError as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command's one line
        return 2
    process = AsyncCrawlerProcess(scrapy_settings(spider.conf, spider.portals))
    process.crawl(
        PortalSpider,
        portals=",".join(p.id for p in spider.portals),
        run=spider.run_id,
        rewalk="1" if arguments.rewalk else "",
        accept="1" if arguments.accept_mass_change else "",
        sample=arguments.sample or "",
        links=arguments.links or "",
    )
    gc.freeze()  # what is imported stays: a full collection would walk its 150,000 objects again and again, 75 ms each time
    process.start()
    return 1 if process.bootstrap_failed else 0


if __name__ == "__main__":
    sys.exit(main())
