#!/bin/sh
# Refuse to start on placeholders: names every secret that is empty, CHANGE_ME, short, or cannot stand in a URL. Prints no value.
set -eu
secrets='POSTGRES_PASSWORD AIRFLOW_DB_PASSWORD GONGKAI_DB_PASSWORD GONGKAI_BI_DB_PASSWORD REDIS_PASSWORD AIRFLOW_FERNET_KEY
  AIRFLOW_JWT_SECRET AIRFLOW_ADMIN_PASSWORD AIRFLOW_VIEWER_PASSWORD SUPERSET_SECRET_KEY SUPERSET_ADMIN_PASSWORD'
bad=
for name in $secrets; do
  eval "value=\${$name:-}"
  case $value in
    '' | *CHANGE_ME*) bad="$bad $name (not set)" ;;
    *[!A-Za-z0-9_=-]*) bad="$bad $name (letters, digits, _ and - only)" ;;
    ????????????????*) ;;
    *) bad="$bad $name (shorter than 16)" ;;
  esac
done
if [ -n "$bad" ]; then
  echo "docker/.env:$bad; \`make docker/.env\` generates them" >&2
  exit 1
fi
