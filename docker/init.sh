#!/bin/sh
# Before anything of Airflow starts: metadata of this release, pools, and the logins' passwords (else Airflow makes some up and logs them).
set -eu
airflow db migrate
airflow pools import /opt/gongkai/docker/pools.json
umask 077
python - <<'PROGRAM'
import json
import os
from pathlib import Path

target = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
half = target.with_suffix(".new")
half.write_text(json.dumps({name: os.environ[f"AIRFLOW_{name.upper()}_PASSWORD"] for name in ("admin", "viewer")}) + "\n", encoding="utf-8")
half.replace(target)
PROGRAM
