"""Settings module of the `scrapy` command (scrapy.cfg): read from the environment, as Scrapy wants it, when Scrapy imports it."""

import sys

from crawlers.config import registry_at, scrapy_settings
from gongkai.errors import GongkaiError
from gongkai.settings import Settings

_settings = Settings()
try:
    _registry = registry_at(_settings.portals)
except GongkaiError as error:  # Scrapy would print a traceback of its own start
    sys.stderr.write(f"gongkai: {error}\n")
    raise SystemExit(2) from error
globals().update(scrapy_settings(_settings, _registry.values()))
