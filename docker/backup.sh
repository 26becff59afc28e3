#!/usr/bin/env bash
# A backup of everything that cannot be made again: backup.sh TARGET
#   TARGET/20260301T183000Z/{airflow.dump,gongkai.dump,files/,SHA256SUMS}: both databases, the archive and what was read and decided.
# Files that are unchanged since the last backup are hard links to it, so a backup costs what is new. It appears whole, by one rename.
# Environment: PGHOST (and PGPORT), AIRFLOW_DB_PASSWORD, GONGKAI_DB_PASSWORD, GONGKAI_HOME, BACKUPS_KEPT (14). May run at any time, also
# while a night does. Not in it: docker/.env (keep it elsewhere: without its Fernet key stored connections are unreadable), and what
# `gongkai load` and `publish` make again (DuckDB files, Data Docs, pages, exports).
set -euo pipefail
target=${1:?usage: backup.sh TARGET}
home=${GONGKAI_HOME:?GONGKAI_HOME is not set}
umask 077
mkdir -p "$target"
exec 9>"$target/.lock"
flock -n 9 || { echo "backup: another backup into $target is running" >&2; exit 1; }
rm -rf "$target"/.partial-*
last=$(find "$target" -mindepth 1 -maxdepth 1 -type d -name '2*Z' | sort | tail -1)
stamp=$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$target/$stamp" ] || { echo "backup: $target/$stamp exists" >&2; exit 1; }
new=$target/.partial-$stamp
mkdir -p "$new/files"

# The databases first: files come in later only, so the files hold all that the warehouse knows.
PGUSER=airflow PGPASSWORD=$AIRFLOW_DB_PASSWORD pg_dump --format=custom --no-password --file="$new/airflow.dump" airflow
PGUSER=gongkai PGPASSWORD=$GONGKAI_DB_PASSWORD pg_dump --format=custom --no-password --file="$new/gongkai.dump" gongkai

# What refers to something is listed before what it refers to: a stage that commits meanwhile leaves no reference without its object.
# Caches (state.sqlite), locks and what a killed step left (partial=…, .….tmp) are no data.
cd "$home"
for part in growth.jsonl ledger decisions reextract verdicts silver/_commit silver raw; do
  [ ! -e "$part" ] || find "$part" \( -name 'partial=*' -o -name '.*' -o -name 'state.sqlite*' -o -path silver/_commit -a ! -path "$part" \) -prune \
    -o -type f -print
done >"$new/list"
[ -z "$last" ] || {
  (cd "$last/files" && find . -type f -printf '%P\n') | sort >"$new/there"
  sort "$new/list" | comm -12 - "$new/there" | (cd "$last/files" && xargs -r -d '\n' cp --archive --link --parents -t "$new/files")
}
xargs -r -d '\n' cp --preserve=timestamps --update --remove-destination --parents -t "$new/files" <"$new/list"

# A file with one link was copied just now; of the others the last backup knows the sum.
cd "$new"
find files -type f -links 1 -print0 | xargs -r -0 sha256sum >SHA256SUMS
sha256sum airflow.dump gongkai.dump >>SHA256SUMS
[ -z "$last" ] || find files -type f -links +1 | sort | awk 'NR == FNR { known[$0]; next } substr($0, 67) in known' - "$last/SHA256SUMS" >>SHA256SUMS
[ "$(wc -l <SHA256SUMS)" -eq $(($(wc -l <list) + 2)) ] || { echo "backup: not every file has a checksum" >&2; exit 1; }
rm -f list there
sync -f SHA256SUMS
mv -T "$new" "$target/$stamp"
sync -f "$target"
find "$target" -mindepth 1 -maxdepth 1 -type d -name '2*Z' | sort | head -n "-${BACKUPS_KEPT:-14}" | xargs -r -d '\n' rm -rf
echo "$target/$stamp: $(wc -l <"$target/$stamp/SHA256SUMS") files, $(du -sh "$target/$stamp" | cut -f1)"
