#!/usr/bin/env bash
# Build the image and run a night in it on a Debian machine without a container engine, as root (docs/containers.md says what that proves).
#   apt-get install buildah debootstrap; docker/try_image.sh [FOLDER] [buildah bud options, e.g. --build-arg OFFICE=libreoffice-writer-nogui]
# Where Debian's Python stands for python:3.11-slim: same release, same Debian.
set -euo pipefail
cd "$(dirname "$0")/.."
work=${1:-/var/tmp/gongkai-image}
shift || true
mkdir -p "$work"

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }

if ! buildah inspect --type image localhost/gongkai-base >/dev/null 2>&1; then
  say "base image from Debian's packages"
  packages=ca-certificates,python3,python3-venv,python3-pip,python-is-python3
  [ -e "$work/base/etc/debian_version" ] || debootstrap --variant=minbase --include=$packages bookworm "$work/base" >"$work/debootstrap.log"
  container=$(buildah from scratch)
  cp -a "$work/base/." "$(buildah mount "$container")/"
  buildah umount "$container" >/dev/null
  buildah commit --quiet "$container" localhost/gongkai-base >/dev/null
  buildah rm "$container" >/dev/null
fi

say "image"
# The certificates of this machine, where a company's proxy stands before the package registry.
buildah bud --isolation chroot --pull-never --layers --format docker -f docker/Dockerfile -t localhost/gongkai \
  -v /etc/ssl/certs:/etc/ssl/certs:ro --build-arg BASE_IMAGE=localhost/gongkai-base \
  --build-arg "REVISION=$(git rev-parse --short HEAD)" "$@" . >"$work/build.log" 2>&1 || { tail -40 "$work/build.log"; exit 1; }
buildah images --format '{{.Name}}  {{.Size}}' | grep gongkai

container=$(buildah from --pull-never localhost/gongkai)
trap 'buildah umount "$container" >/dev/null; buildah rm "$container" >/dev/null' EXIT
root=$(buildah mount "$container")
say "mebibytes in it"
du -sm "$root" "$root/opt/gongkai/.venv" | sed "s|$root|image |"

# A network of its own: loopback only.
inside() {
  unshare --net docker/inside.sh "$root" "$work/home:/var/lib/gongkai" -- \
    GONGKAI_HOME=/var/lib/gongkai GONGKAI_PORTALS=/var/lib/gongkai/demo/portals/sample.yaml "$@"
}

rm -rf "$work/home"
install -d -o 10001 -g 0 -m 0770 "$work/home"
say "who and what"
inside sh -c 'id; airflow version; gongkai --version; touch /opt/gongkai/x 2>&1 || true'

say "a night on the sample town, as uid 10001 on a read-only root"
inside /entrypoint sh -c '
  gongkai samples serve --registry "$GONGKAI_PORTALS" >/tmp/town.log 2>&1 &
  until [ -e "$GONGKAI_PORTALS" ]; do sleep 0.2; done
  gongkai health --visit >/tmp/health.log 2>&1
  gongkai night >/tmp/night.log 2>&1 || true
  tail -25 /tmp/night.log
  gongkai samples score'

say "Airflow in it: health check, login"
inside /entrypoint sh -c '
  gongkai samples serve --registry "$GONGKAI_PORTALS" >/tmp/town.log 2>&1 &
  /opt/gongkai/docker/entrypoint.sh airflow standalone >/tmp/airflow.log 2>&1 &
  for part in api scheduler dag_processor triggerer; do
    tries=0
    until python /opt/gongkai/docker/health.py $part; do
      tries=$((tries + 1)); [ $tries -lt 40 ] || { tail -20 /tmp/airflow.log; exit 1; }
      sleep 3
    done
    echo "$part: healthy"
  done
  python - <<PROGRAM
import urllib.error, urllib.request
try:
    urllib.request.urlopen("http://127.0.0.1:8080/api/v2/dags", timeout=10)
    raise SystemExit("the DAGs are shown without a login")
except urllib.error.HTTPError as error:
    print("without a login:", error.code)
PROGRAM'
say "done"
