"""What the API server shows below `/gongkai`: the static pages of the night, and for one portal's run what its archive holds.

Whoever is not logged in to Airflow gets nothing. The pages quote strangers, so a browser is told to run no script but ours, to load
nothing from elsewhere and to believe no other type than the stated one.
"""

from __future__ import annotations

from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.settings import Settings

_NOT_YET = "Nothing here yet: this page is made when a night is published."
_SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline' 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_MART_DOCS = "/docs/marts/"
_OF_DBT = _SAFE | {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; img-src data:; "
    "font-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox allow-scripts"
}
"""dbt's page quotes our own models only, but its scripts stand in it: they run in no origin and reach neither Airflow nor others."""


class _Guarded:
    """Asks Airflow who is there, and adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        headers = _OF_DBT if _MART_DOCS in scope["path"] else _SAFE

        async def sending(message: object) -> None:
            if isinstance(message, dict) and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in headers.items())]
            await send(message)  # type: ignore[arg-type]

        refusal = await _refusal(Request(scope))
        await (refusal or self.app)(scope, receive, sending)


async def _refusal(request: Request) -> Response | None:
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.core_api.security import resolve_user_from_token

    kind, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        await resolve_user_from_token(token if kind.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN))
    except HTTPException as refused:
        return PlainTextResponse(f"{refused.detail}: log in to Airflow first", status_code=refused.status_code)
    return None


def _evidence(request: Request) -> Response:
    from stages.evidence import run_page

    layout = Layout(Settings().home)
    try:
        return HTMLResponse(run_page(layout, request.path_params["portal"], request.path_params["run"]))
    except GongkaiError as error:
        return PlainTextResponse(str(error), status_code=404)


def _record(request: Request) -> Response:
    """One archived payload, as text only: it is a stranger's page, and here it would run as one of ours."""
    from stages.evidence import record_text

    layout = Layout(Settings().home)
    try:
        return PlainTextResponse(record_text(layout, request.query_params.get("place", "")))
    except GongkaiError as error:
        return PlainTextResponse(str(error), status_code=404)


def _missing(_: Request, error: Exception) -> Response:
    return PlainTextResponse(_NOT_YET if getattr(error, "status_code", 0) == 404 else str(error), status_code=404)


@cache
def application() -> ASGIApp:
    """The application; folders that no night has made yet are answered with a sentence."""
    layout = Layout(Settings().home)
    routes = [
        Route("/", lambda request: RedirectResponse(f"{request.scope.get('root_path', '')}/site/morning/index.html")),
        Route("/run/{portal}/{run}", _evidence),
        Route("/record", _record),
        Mount("/site", StaticFiles(directory=layout.site, html=True, check_dir=False)),
        Mount("/docs", StaticFiles(directory=layout.docs, html=True, check_dir=False)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Guarded)], exception_handlers={404: _missing})
