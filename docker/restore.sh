#!/usr/bin/env bash
# Bring a backup of docker/backup.sh back into an empty system: restore.sh BACKUP   (`restore.sh --verify BACKUP` only compares checksums)
# Environment as there; databases and roles exist (docker/postgres/roles.sh), nothing of Airflow runs. Killed, it may be run again.
set -euo pipefail
only_verify=
[ "${1:-}" != --verify ] || { only_verify=yes; shift; }
backup=$(realpath -e "${1:?usage: restore.sh [--verify] BACKUP}")
(cd "$backup" && sha256sum --check --quiet --strict SHA256SUMS) || { echo "restore: $backup is damaged; nothing was changed" >&2; exit 1; }
echo "$backup: $(wc -l <"$backup/SHA256SUMS") checksums hold"
[ -z "$only_verify" ] || exit 0
home=${GONGKAI_HOME:?GONGKAI_HOME is not set}
mark=$home/.restoring

as() {  # as NAME COMMAND …: with that role's login
  local name=$1 password=AIRFLOW_DB_PASSWORD
  [ "$name" = airflow ] || password=GONGKAI_DB_PASSWORD
  shift
  PGUSER=$name PGPASSWORD=${!password} "$@"
}
tables() {
  as "$1" psql --no-psqlrc --no-password -d "$1" -Atc "select count(*) from pg_class where relkind = 'r' and relnamespace not in
    (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')"
}

# Everything is looked at before anything is touched; a restore that was killed left its mark and goes on.
if [ -e "$mark" ]; then
  [ "$(cat "$mark")" = "$backup" ] || { echo "restore: $home is half restored from $(cat "$mark")" >&2; exit 1; }
else
  for part in raw silver verdicts decisions; do
    [ ! -e "$home/$part" ] || { echo "restore: $home/$part exists; a backup is brought back into an empty home only" >&2; exit 1; }
  done
  for name in airflow gongkai; do
    found=$(tables $name)
    [ "$found" = 0 ] || { echo "restore: database $name has $found tables; a backup is brought back into an empty one only" >&2; exit 1; }
  done
  printf %s "$backup" >"$mark"
fi
for name in airflow gongkai; do
  # One transaction: it is empty or whole.
  if [ "$(tables $name)" = 0 ]; then
    as $name pg_restore --no-password --exit-on-error --single-transaction --no-owner --dbname=$name "$backup/$name.dump"
  fi
  echo "database $name: $(tables $name) tables"
done
cp --recursive --preserve=timestamps "$backup/files/." "$home/"
(cd "$home" && grep ' files/' "$backup/SHA256SUMS" | sed 's| files/| |' | sha256sum --check --quiet --strict)
echo "$home: $(grep -c ' files/' "$backup/SHA256SUMS") files, as they were"
rm "$mark"
echo "next: gongkai archive verify; gongkai load && gongkai publish"
