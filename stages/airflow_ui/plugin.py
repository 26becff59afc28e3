"""The Airflow plugin (entry point `airflow.plugins`). Every Airflow process imports it, so it imports nothing heavy itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from stages.airflow_ui.links import PREFIX

Message = MutableMapping[str, Any]


async def pages(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    """The pages' ASGI application, made at the first request: a task's process never makes one."""
    from stages.airflow_ui.pages import application

    await application()(scope, receive, send)


def _tab(name: str, route: str, place: str) -> dict[str, str]:
    return {"name": name, "href": f"{PREFIX}/{place}", "url_route": route, "destination": "nav"}


class GongkaiPlugin(AirflowPlugin):
    """Tabs in the navigation and the pages they show."""

    name = "gongkai"
    fastapi_apps: list[Any] = [  # noqa: RUF012 (the base class says instance variable)
        {"name": "gongkai", "app": pages, "url_prefix": PREFIX}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        _tab("This morning", "this-morning", "site/morning/index.html"),
        _tab("Report site", "report-site", "site/index.html"),
        _tab("Data Docs", "data-docs", "docs/index.html"),
        _tab("Marts", "marts", "docs/marts/index.html"),
    ]
