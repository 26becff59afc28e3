#!/bin/sh
# Airflow's configuration comes from gongkai/airflow_env.py; what the container was given from outside (compose, the Helm chart) stands.
set -eu
given=$(export -p | grep '^export AIRFLOW' || true)
configuration=$(gongkai airflow-env)
eval "$configuration"
eval "$given"
if [ "${1:-}" = airflow ] && [ "${2:-}" = standalone ]; then
  airflow db migrate
  airflow pools import /opt/gongkai/docker/pools.json
fi
exec "$@"
