"""Settings module of the `scrapy` command (scrapy.cfg): read from the environment, as Scrapy wants it, when Scrapy imports it."""

from crawlers.config import registry_at, scrapy_settings
from gongkai.settings import Settings

_settings = Settings()
globals().update(scrapy_settings(_settings, registry_at(_settings.portals).values()))
