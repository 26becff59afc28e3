"""Settings module of the `scrapy` command (scrapy.cfg): read from the environment, as Scrapy wants it, when Scrapy imports it."""

from crawlers.config import scrapy_settings
from gongkai.registry import load_registry
from gongkai.settings import Settings

_settings = Settings()
globals().update(scrapy_settings(_settings, load_registry(_settings.portals).values()))
