"""What a browser is told about the static pages below Airflow's `/gongkai`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from gongkai.layout import Layout
from stages.airflow_ui import pages


def test_scripts_of_the_marts_page_run_in_no_origin_and_other_pages_run_none_but_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt's page has its scripts in it; without `allow-same-origin` they reach neither Airflow's cookie nor its API."""
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    monkeypatch.setattr(pages, "_refusal", _nobody_refuses)
    layout = Layout(tmp_path)
    for page in (layout.mart_docs, layout.docs / "index.html"):
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("page", encoding="utf-8")
    policies = asyncio.run(_policies("/docs/marts/index.html", "/docs/index.html"))
    assert "sandbox allow-scripts" in policies[0] and "allow-same-origin" not in policies[0] and "connect-src" not in policies[0]
    assert "script-src 'self';" in policies[1] and "unsafe-eval" not in policies[1]
    assert all(policy.startswith("default-src 'none'") and "frame-ancestors 'self'" in policy for policy in policies)


async def _nobody_refuses(_: object) -> None:
    return None


async def _policies(*paths: str) -> list[str]:
    transport = httpx.ASGITransport(app=pages.application.__wrapped__())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answers = [await client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 200]
    return [answer.headers["content-security-policy"] for answer in answers]
