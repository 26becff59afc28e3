#!/bin/sh
# Superset in a container: secret key, metadata, administrator, dashboards of this release over those that are there; then the server.
set -eu
umask 077
printf %s "$SUPERSET_SECRET_KEY" >"$SUPERSET_HOME/secret.new"
mv "$SUPERSET_HOME/secret.new" "$SUPERSET_HOME/secret"
python -c '
import json, os
from bundle import bundle
assets = [bundle("postgresql", os.environ["GONGKAI_BI_WAREHOUSE"])]
print(json.dumps({"password": os.environ["SUPERSET_ADMIN_PASSWORD"], "assets": assets}))
' | python prepare.py
exec gunicorn --bind 0.0.0.0:8088 --workers 1 --threads 8 --timeout 120 'superset.app:create_app()'
