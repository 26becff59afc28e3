#!/bin/sh
# Airflow's configuration comes from gongkai/airflow_env.py; then whatever the container was asked to run.
set -eu
eval "$(gongkai airflow-env)"
if [ "${1:-}" = airflow ] && [ "${2:-}" = standalone ]; then
  airflow db migrate
  airflow pools import /opt/gongkai/docker/pools.json
fi
exec "$@"
