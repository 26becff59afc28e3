"""Whether one part of Airflow is well, for container health checks: `health.py api | scheduler | dag_processor | triggerer`.

The API server knows every part's last heartbeat, so asking it costs a request instead of an Airflow process (some five seconds of
processor time) a check. A worker is asked by Celery's own ping instead (compose.yaml). Standard library only; exit status 0 or 1.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request

_URL = "http://127.0.0.1:8080/api/v2/monitor/health"


def trouble(part: str, state: dict[str, dict[str, str | None]]) -> str | None:
    """What is wrong with `part` by the API server's answer; None where nothing is."""
    asked = "metadatabase" if part == "api" else part
    status = state.get(asked, {}).get("status")
    return None if status == "healthy" else f"{asked}: {status or 'no heartbeat was ever seen'}"


def main(part: str, url: str) -> int:
    """Ask; one line on trouble."""
    if not url.startswith(("http://", "https://")):
        raise SystemExit(f"health: {url!r} is no http address")
    try:
        with urllib.request.urlopen(url, timeout=8) as answer:  # noqa: S310 — checked above
            wrong = trouble(part, json.load(answer))
    except (OSError, ValueError) as error:
        wrong = f"{url}: {error}"
    if wrong:
        sys.stdout.write(f"{wrong}\n")
    return int(wrong is not None)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], os.environ.get("GONGKAI_HEALTH_URL", _URL)))
